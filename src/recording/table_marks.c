/* SPDX-License-Identifier: MIT
 * Columns of the MARKS chunk. See table_marks.h. */
#include "recording/table_marks.h"

#include "recording/format.h"
#include "recording/table_codec.h"

enum {
    MARKS_NUMBERS = 1,
    MARKS_NAMES,
    MARKS_POOLS,
    MARKS_POOL_NAMES,
    MARKS_FORBIDDEN,
    MARKS_LABELS,
    MARKS_SUPPRESSIONS,
    MARKS_COLUMNS
};
#define MARKS_LIMIT (64u << 20)
#define FORBIDDEN_MAX (1u << 14) /* looked through for each entry */

int rec_marks_add_mark(struct rec_marks_table *t, const struct rec_mark *m) {
    if (rec_table_reserve((void **)&t->marks, &t->mark_capacity, t->mark_count, 1, sizeof *m,
                          NULL) < 0)
        return -1;
    char *name = strdup(m->name);
    if (name == NULL) return -1;
    t->marks[t->mark_count] = *m;
    t->marks[t->mark_count++].name = name;
    return 0;
}

int rec_marks_add_pool(struct rec_marks_table *t, uint32_t number, const char *name) {
    if (rec_table_reserve((void **)&t->pools, &t->pool_capacity, t->pool_count, 1, sizeof *t->pools,
                          NULL) < 0)
        return -1;
    char *copy = strdup(name);
    if (copy == NULL) return -1;
    t->pools[t->pool_count++] = (struct rec_pool){.number = number, .name = copy};
    return 0;
}

int rec_marks_add_forbidden(struct rec_marks_table *t, const struct rec_forbidden *f) {
    for (size_t i = 0; i < t->forbidden_count; i++) {
        struct rec_forbidden *there = &t->forbidden[i];
        if (there->node != f->node || strcmp(there->label, f->label) != 0) continue;
        there->allocations += f->allocations;
        there->bytes += f->bytes;
        return 0;
    }
    if (rec_table_reserve((void **)&t->forbidden, &t->forbidden_capacity, t->forbidden_count, 1,
                          sizeof *f, NULL) < 0)
        return -1;
    char *label = strdup(f->label);
    if (label == NULL) return -1;
    t->forbidden[t->forbidden_count] = *f;
    t->forbidden[t->forbidden_count++].label = label;
    return 0;
}

int rec_marks_set_suppressions(struct rec_marks_table *t, const char *text, const char *from) {
    free(t->suppressions);
    free(t->suppressions_from);
    t->suppressions = strdup(text);
    t->suppressions_from = strdup(from);
    return t->suppressions != NULL && t->suppressions_from != NULL ? 0 : -1;
}

int rec_marks_is_empty(const struct rec_marks_table *t) {
    return t->mark_count + t->pool_count + t->forbidden_count == 0 && t->suppressions == NULL;
}

void rec_marks_write(struct rec_payload_writer *p, const struct rec_marks_table *t) {
    struct rec_bytes numbers = {0}, names = {0}, pools = {0}, pool_names = {0}, forbidden = {0},
                     labels = {0}, suppressions = {0};
    for (size_t i = 0; i < t->mark_count; i++) {
        const struct rec_mark *m = &t->marks[i];
        rec_bytes_put_varint(&numbers, m->tick);
        rec_bytes_put_varint(&numbers, m->thread);
        rec_bytes_put_varint(&numbers, m->event);
        rec_bytes_put_varint(&numbers, m->live_bytes);
        rec_bytes_put_varint(&numbers, m->live_blocks);
        rec_bytes_put_varint(&numbers, m->allocations);
        rec_bytes_put_varint(&numbers, m->allocated_bytes);
        rec_bytes_put_varint(&numbers, m->has_snapshot);
        rec_bytes_put_string(&names, m->name);
    }
    for (size_t i = 0; i < t->pool_count; i++) {
        rec_bytes_put_varint(&pools, t->pools[i].number);
        rec_bytes_put_string(&pool_names, t->pools[i].name);
    }
    for (size_t i = 0; i < t->forbidden_count; i++) {
        rec_bytes_put_varint(&forbidden, t->forbidden[i].node);
        rec_bytes_put_varint(&forbidden, t->forbidden[i].allocations);
        rec_bytes_put_varint(&forbidden, t->forbidden[i].bytes);
        rec_bytes_put_string(&labels, t->forbidden[i].label);
    }
    if (t->suppressions != NULL) {
        rec_bytes_put_string(&suppressions, t->suppressions);
        rec_bytes_put_string(&suppressions, t->suppressions_from);
    }
    rec_payload_add_bytes(p, MARKS_NUMBERS, &numbers, 3);
    rec_payload_add_bytes(p, MARKS_NAMES, &names, 3);
    rec_payload_add_bytes(p, MARKS_POOLS, &pools, 3);
    rec_payload_add_bytes(p, MARKS_POOL_NAMES, &pool_names, 3);
    rec_payload_add_bytes(p, MARKS_FORBIDDEN, &forbidden, 3);
    rec_payload_add_bytes(p, MARKS_LABELS, &labels, 3);
    rec_payload_add_bytes(p, MARKS_SUPPRESSIONS, &suppressions, 3);
}

static int at_end(const struct rec_cursor *c) {
    return c->failed || c->next == c->end;
}

static int read_marks(struct rec_marks_table *t, struct rec_cursor *c, struct rec_cursor *names) {
    while (!at_end(c)) {
        struct rec_mark m = {0};
        m.tick = (uint32_t)rec_cursor_varint(c);
        m.thread = (uint32_t)rec_cursor_varint(c);
        m.event = rec_cursor_varint(c);
        m.live_bytes = rec_cursor_varint(c);
        m.live_blocks = rec_cursor_varint(c);
        m.allocations = rec_cursor_varint(c);
        m.allocated_bytes = rec_cursor_varint(c);
        m.has_snapshot = rec_cursor_varint(c) != 0;
        m.name = rec_cursor_string(names);
        if (c->failed || names->failed || rec_marks_add_mark(t, &m) < 0) return -1;
    }
    return c->failed ? -1 : 0;
}

static int read_pools(struct rec_marks_table *t, struct rec_cursor *c, struct rec_cursor *names) {
    while (!at_end(c)) {
        uint64_t number = rec_cursor_varint(c);
        const char *name = rec_cursor_string(names);
        if (c->failed || names->failed || number > REC_POOLS_MAX ||
            rec_marks_add_pool(t, (uint32_t)number, name) < 0)
            return -1;
    }
    return c->failed ? -1 : 0;
}

static int read_forbidden(struct rec_marks_table *t, struct rec_cursor *c,
                          struct rec_cursor *labels) {
    while (!at_end(c)) {
        struct rec_forbidden one = {0};
        one.node = (uint32_t)rec_cursor_varint(c);
        one.allocations = rec_cursor_varint(c);
        one.bytes = rec_cursor_varint(c);
        one.label = rec_cursor_string(labels);
        if (c->failed || labels->failed || t->forbidden_count == FORBIDDEN_MAX ||
            rec_marks_add_forbidden(t, &one) < 0)
            return -1;
    }
    return c->failed ? -1 : 0;
}

int rec_marks_read(struct rec_marks_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw[MARKS_COLUMNS] = {0};
    struct rec_cursor c[MARKS_COLUMNS];
    int result = 0;
    for (uint8_t i = 1; i < MARKS_COLUMNS && result == 0; i++)
        result = rec_payload_column(p, i, MARKS_LIMIT, &raw[i], &c[i], f);
    if (result == 0 && (read_marks(t, &c[MARKS_NUMBERS], &c[MARKS_NAMES]) < 0 ||
                        read_pools(t, &c[MARKS_POOLS], &c[MARKS_POOL_NAMES]) < 0 ||
                        read_forbidden(t, &c[MARKS_FORBIDDEN], &c[MARKS_LABELS]) < 0))
        result = failure_set(f, "what the program told of itself is damaged");
    if (result == 0 && !at_end(&c[MARKS_SUPPRESSIONS])) {
        const char *text = rec_cursor_string(&c[MARKS_SUPPRESSIONS]);
        const char *from = rec_cursor_string(&c[MARKS_SUPPRESSIONS]);
        if (c[MARKS_SUPPRESSIONS].failed || rec_marks_set_suppressions(t, text, from) < 0)
            result = failure_set(f, "the program's suppressions are damaged");
    }
    for (int i = 1; i < MARKS_COLUMNS; i++)
        free(raw[i]);
    return result;
}

void rec_marks_release(struct rec_marks_table *t) {
    for (size_t i = 0; i < t->mark_count; i++)
        free((char *)(uintptr_t)t->marks[i].name);
    for (size_t i = 0; i < t->pool_count; i++)
        free((char *)(uintptr_t)t->pools[i].name);
    for (size_t i = 0; i < t->forbidden_count; i++)
        free((char *)(uintptr_t)t->forbidden[i].label);
    free(t->marks);
    free(t->pools);
    free(t->forbidden);
    free(t->suppressions);
    free(t->suppressions_from);
    memset(t, 0, sizeof *t);
}
