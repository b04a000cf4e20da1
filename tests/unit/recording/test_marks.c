/* SPDX-License-Identifier: MIT
 * What a program told of itself is written in parts and read back as one; damaged, it is refused. */
#include "recording/table_codec.h"
#include "recording/table_marks.h"
#include "unit/recording/sample.h"

static void fill(struct rec_marks_table *t, uint32_t part) {
    for (uint32_t i = 0; i < 50; i++) {
        char name[40];
        snprintf(name, sizeof name, "mark %u of %u", i, part);
        struct rec_mark m = {.tick = part * 1000 + i, .thread = i % 3, .event = (uint64_t)i << 40,
                             .live_bytes = UINT64_MAX - i, .live_blocks = i, .allocations = 7 * i,
                             .allocated_bytes = 1ull << 63, .has_snapshot = i % 2, .name = name};
        CHECK(rec_marks_add_mark(t, &m) == 0);
    }
    CHECK(rec_marks_add_pool(t, 4095 - part, part == 0 ? "" : "a pool\nwith a line") == 0);
    struct rec_forbidden f = {.node = 3, .allocations = 5, .bytes = 50, .label = "here"};
    CHECK(rec_marks_add_forbidden(t, &f) == 0);
    f.label = "there";
    CHECK(rec_marks_add_forbidden(t, &f) == 0);
    if (part == 1) CHECK(rec_marks_set_suppressions(t, "leak:x\nleak:y", "/bin/x") == 0);
}

static void check_mark(const struct rec_mark *m, uint32_t part, uint32_t i) {
    char name[40];
    snprintf(name, sizeof name, "mark %u of %u", i, part);
    CHECK_STR(m->name, name);
    CHECK_EQ_U64(m->tick, part * 1000 + i);
    CHECK_EQ_U64(m->thread, i % 3);
    CHECK_EQ_U64(m->event, (uint64_t)i << 40);
    CHECK_EQ_U64(m->live_bytes, UINT64_MAX - i);
    CHECK_EQ_U64(m->allocated_bytes, 1ull << 63);
    CHECK_EQ_U64(m->has_snapshot, i % 2);
}

static void check_all(const struct rec_marks_table *t) {
    CHECK_EQ_U64(t->mark_count, 100);
    for (uint32_t i = 0; i < 100; i++)
        check_mark(&t->marks[i], i / 50, i % 50);
    CHECK_EQ_U64(t->pool_count, 2);
    CHECK_EQ_U64(t->pools[1].number, 4094);
    CHECK_STR(t->pools[0].name, "");
    CHECK_STR(t->pools[1].name, "a pool\nwith a line");
    CHECK_EQ_U64(t->forbidden_count, 2); /* those of both parts were added up */
    CHECK_EQ_U64(t->forbidden[0].allocations, 10);
    CHECK_EQ_U64(t->forbidden[1].bytes, 100);
    CHECK_STR(t->forbidden[1].label, "there");
    CHECK_STR(t->suppressions, "leak:x\nleak:y");
    CHECK_STR(t->suppressions_from, "/bin/x");
}

/* Every byte of a payload changed, and every length cut: read or refused, never anything else. */
static void damage(const struct rec_bytes *payload) {
    uint8_t *copy = malloc(payload->length);
    CHECK(copy != NULL);
    for (size_t at = 0; at < payload->length; at++)
        for (int change = 0; change < 3; change++) {
            struct rec_payload p;
            struct failure f;
            struct rec_marks_table t = {0};
            memcpy(copy, payload->data, payload->length);
            if (change < 2) copy[at] ^= change == 0 ? 0xff : 1;
            if (rec_payload_parse(&p, copy, change < 2 ? payload->length : at, 16, &f) == 0)
                (void)rec_marks_read(&t, &p, &f);
            rec_marks_release(&t);
        }
    free(copy);
}

int main(void) {
    struct rec_payload_writer w;
    struct rec_marks_table all = {0};
    struct failure f = {""};
    CHECK(rec_payload_writer_init(&w) == 0);
    for (uint32_t part = 0; part < 2; part++) {
        struct rec_marks_table one = {0};
        struct rec_payload p;
        CHECK(rec_marks_is_empty(&one));
        fill(&one, part);
        CHECK(!rec_marks_is_empty(&one));
        rec_payload_begin(&w);
        rec_marks_write(&w, &one);
        const struct rec_bytes *payload = rec_payload_end(&w);
        CHECK(payload != NULL);
        CHECK(rec_payload_parse(&p, payload->data, payload->length, 16, &f) == 0);
        if (rec_marks_read(&all, &p, &f) != 0) CHECK_STR(f.text, "");
        damage(payload);
        rec_marks_release(&one);
    }
    check_all(&all);
    rec_marks_release(&all);
    rec_payload_writer_release(&w);
    return 0;
}
