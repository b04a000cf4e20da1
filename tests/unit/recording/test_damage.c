/* SPDX-License-Identifier: MIT
 * A recording that is cut anywhere, or has any one byte changed, is read up to there or refused; what
 * is missing is said; nothing crashes or hangs. */
#include "recording/checksum.h"
#include "unit/recording/sample.h"

/* Reads all there is to read. What is wrong may be said at any point, or not at all. */
static void read_all(struct rec_file *r) {
    size_t chunk_count, count, snapshots;
    struct failure f;
    const struct rec_chunk *chunks = rec_chunks(r, &chunk_count);
    for (size_t i = 0; i < chunk_count; i++) {
        struct rec_event *events = malloc((chunks[i].records + 1) * sizeof *events);
        CHECK(events != NULL);
        if (rec_chunk_decode(r, i, events, &f) < 0) CHECK(f.text[0] != 0);
        free(events);
    }
    rec_nodes(r, &count, &f);
    rec_addresses(r, &count, &f);
    rec_node_totals(r, &count, &f);
    rec_leaked(r, &count, &f);
    rec_frames(r, 3, &count, &f);
    rec_snapshots(r, &snapshots);
    for (size_t i = 0; i < snapshots; i++) {
        struct rec_node_totals *nodes;
        struct rec_live_block *blocks;
        size_t blocks_count;
        if (rec_snapshot_load(r, i, &nodes, &count, &blocks, &blocks_count, &f) < 0) continue;
        free(nodes);
        free(blocks);
    }
}

static void check_cuts(const struct sample *s, const char *path, const uint8_t *data, size_t size) {
    size_t last = 0;
    for (size_t length = 0; length < size; length++) {
        struct rec_file *r;
        struct failure f = {""};
        sample_write_file(path, data, length);
        if (rec_open(&r, path, &f) < 0) {
            CHECK(length < 16 && f.text[0] != 0);
            continue;
        }
        CHECK(rec_damage(r) != NULL);
        size_t events = sample_compare(s, r);
        CHECK(events >= last);
        last = events;
        if (length % 7 == 0) read_all(r);
        rec_close(r);
        if (length % 50 == 0) CHECK_EQ_I64(rec_check(path, &f), 1);
    }
    CHECK_EQ_U64(last, s->count);
}

/* A reader that says nothing of damage tells the totals that were written. */
static void check_totals(const struct rec_totals *is, const struct rec_totals *was) {
    CHECK_EQ_U64(is->allocations, was->allocations);
    CHECK_EQ_U64(is->allocated_bytes, was->allocated_bytes);
    CHECK_EQ_U64(is->frees, was->frees);
    CHECK_EQ_U64(is->freed_bytes, was->freed_bytes);
    CHECK_EQ_U64(is->reallocations, was->reallocations);
    CHECK_EQ_U64(is->failed, was->failed);
    CHECK_EQ_U64(is->temporary, was->temporary);
    CHECK_EQ_U64(is->peak_bytes, was->peak_bytes);
    CHECK_EQ_U64(is->peak_blocks, was->peak_blocks);
    CHECK_EQ_U64(is->leaked_bytes, was->leaked_bytes);
    CHECK_EQ_U64(is->leaked_blocks, was->leaked_blocks);
    CHECK_EQ_U64(is->unknown_frees, was->unknown_frees);
    CHECK_EQ_U64(is->events, was->events);
}

static void check_flips(const char *path, uint8_t *data, size_t size) {
    struct rec_file *whole;
    struct failure none;
    sample_write_file(path, data, size);
    CHECK(rec_open(&whole, path, &none) == 0 && rec_damage(whole) == NULL);
    struct rec_totals totals = *rec_totals(whole);
    rec_close(whole);
    CHECK(totals.allocations > 0 && totals.peak_bytes > 0);
    size_t silent = 0;
    for (size_t at = 0; at < size; at++) {
        struct rec_file *r;
        struct failure f = {""};
        uint8_t before = data[at];
        data[at] ^= (uint8_t)(1u << at % 8);
        sample_write_file(path, data, size);
        if (rec_open(&r, path, &f) == 0) {
            if (rec_damage(r) == NULL) {
                check_totals(rec_totals(r), &totals);
                silent++;
            }
            read_all(r);
            rec_close(r);
        } else {
            CHECK(f.text[0] != 0);
        }
        CHECK(rec_check(path, &f) != 0);
        CHECK(f.text[0] != 0);
        data[at] = before;
    }
    CHECK(silent < size); /* some were said */
}

/* What repair makes of a damaged file is whole, and holds the events up to the damage. */
static void check_repair(const struct sample *s, const char *path, uint8_t *data, size_t size) {
    char *repaired = sample_path("repaired");
    for (size_t step = 1; step <= 40; step++) {
        struct rec_file *r;
        struct failure f = {""};
        size_t at = 16 + (size - 17) * step / 40;
        uint8_t before = data[at];
        data[at] ^= 0x10;
        sample_write_file(path, data, size);
        data[at] = before;
        CHECK(rec_repair(path, repaired, &f) == 0);
        if (rec_check(repaired, &f) != 0) fprintf(stderr, "damaged at %zu: %s\n", at, f.text);
        CHECK_EQ_I64(rec_check(repaired, &f), 0);
        CHECK(rec_open(&r, repaired, &f) == 0);
        CHECK_STR(rec_damage(r), NULL);
        CHECK(sample_compare(s, r) <= s->count);
        if (step == 40) CHECK_EQ_U64(sample_compare(s, r), s->count);
        rec_close(r);
    }
    struct failure f;
    CHECK(rec_repair(path, path, &f) < 0);
    free(repaired);
}

static void check_unfinished(void) {
    struct sample s;
    struct rec_file *r;
    struct failure f;
    char *path = sample_path("unfinished");
    sample_make(&s, SAMPLE_RANDOM, 20000, 4);
    sample_write(&s, path, &(struct sample_options){.unfinished = 1, .flush_every = 3000});
    CHECK(rec_open(&r, path, &f) == 0);
    CHECK(rec_damage(r) != NULL);
    CHECK_EQ_U64(sample_compare(&s, r), s.count);
    struct rec_replay_state state;
    CHECK(rec_replay_init(&state, s.node_count, 0, &f) == 0);
    CHECK(rec_replay_events(&state, s.events, s.count, &f) == 0);
    rec_replay_end(&state);
    const struct rec_totals *t = rec_totals(r);
    CHECK_EQ_U64(t->events, state.totals.events);
    CHECK_EQ_U64(t->peak_bytes, state.totals.peak_bytes);
    CHECK_EQ_U64(t->leaked_blocks, state.live_blocks);
    CHECK_EQ_U64(t->threads, s.thread_count);
    size_t count;
    CHECK(rec_node_totals(r, &count, &f) != NULL && count > 0);
    CHECK(rec_leaked(r, &count, &f) != NULL);
    CHECK_EQ_U64(count, state.live_blocks);
    CHECK(rec_timeline(r, &count) != NULL && count > 0);
    rec_replay_release(&state);
    rec_close(r);
    sample_free(&s);
    free(path);
}

static void check_newer_version(void) {
    struct rec_file *r;
    struct failure f;
    char *path = sample_path("newer");
    uint8_t header[16] = "\x89HWREC\r\n\x02\x00\x03\x00";
    uint32_t sum = rec_checksum(header, 12);
    for (int i = 0; i < 4; i++) header[12 + i] = (uint8_t)(sum >> (8 * i));
    sample_write_file(path, header, sizeof header);
    CHECK(rec_open(&r, path, &f) < 0);
    CHECK(strstr(f.text, "version 2.3") != NULL);
    CHECK_EQ_I64(rec_check(path, &f), -1);
    free(path);
}

int main(void) {
    struct sample s;
    size_t size;
    char *path = sample_path("damaged");
    sample_make(&s, SAMPLE_RANDOM, 240, 7);
    sample_write(&s, path, &(struct sample_options){.flush_every = 80, .snapshot_every = 100,
                                                    .symbols = 1});
    uint8_t *data = sample_read_file(path, &size);
    check_cuts(&s, path, data, size);
    check_flips(path, data, size);
    check_repair(&s, path, data, size);
    check_unfinished();
    check_newer_version();
    free(data);
    sample_free(&s);
    free(path);
    return 0;
}
