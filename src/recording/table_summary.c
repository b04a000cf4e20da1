/* SPDX-License-Identifier: MIT
 * Columns of the summary (totals, histograms), the timeline and the facts of snapshots. See
 * table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

/* Every field of rec_totals, in the order of the format. New ones are added at the end: a reader
 * takes those it knows and leaves those that are missing at 0. */
#define FOR_EACH_TOTAL(X) \
    X(allocations) X(frees) X(reallocations) X(failed) X(unknown_frees) \
    X(allocated_bytes) X(freed_bytes) X(temporary) X(temporary_bytes) \
    X(leaked_blocks) X(leaked_bytes) \
    X(peak_bytes) X(peak_blocks) X(peak_tick) X(peak_event) \
    X(duration_ms) X(peak_rss_bytes) X(threads) X(events) \
    X(stacks_truncated) X(stacks_guessed) X(order_repairs) X(lost_events) X(region_bytes) \
    X(ended_by_signal) X(exit_status) X(ended_how)

#define COUNT_ONE(field) +1
_Static_assert((0 FOR_EACH_TOTAL(COUNT_ONE)) * sizeof(uint64_t) == sizeof(struct rec_totals),
               "the list names every total");

enum { SUMMARY_TOTALS = 1, SUMMARY_SIZES, SUMMARY_LIFETIMES, SUMMARY_COLUMNS };
#define NUMBERS_LIMIT (256 * REC_VARINT_MAX)

static void put_histogram(struct rec_payload_writer *p, uint8_t id, const struct rec_histogram *h) {
    struct rec_bytes b = {0};
    size_t used = REC_HISTOGRAM_BUCKETS;
    while (used > 0 && h->count[used - 1] == 0 && h->bytes[used - 1] == 0) used--;
    for (size_t i = 0; i < used; i++) {
        rec_bytes_put_varint(&b, h->count[i]);
        rec_bytes_put_varint(&b, h->bytes[i]);
    }
    rec_payload_add_bytes(p, id, &b, 1);
}

void rec_summary_write(struct rec_payload_writer *p, const struct rec_summary *s) {
    struct rec_bytes b = {0};
#define PUT_ONE(field) rec_bytes_put_varint(&b, s->totals.field);
    FOR_EACH_TOTAL(PUT_ONE)
    rec_payload_add_bytes(p, SUMMARY_TOTALS, &b, 1);
    put_histogram(p, SUMMARY_SIZES, &s->sizes);
    put_histogram(p, SUMMARY_LIFETIMES, &s->lifetimes);
}

static int take_histogram(struct rec_histogram *h, const struct rec_payload *p, uint8_t id,
                          struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, id, NUMBERS_LIMIT, &raw, &c, f) < 0) return -1;
    for (size_t i = 0; i < REC_HISTOGRAM_BUCKETS && c.next != c.end; i++) {
        h->count[i] = rec_cursor_varint(&c);
        h->bytes[i] = rec_cursor_varint(&c);
    }
    free(raw);
    return c.failed ? failure_set(f, "a histogram is damaged") : 0;
}

int rec_summary_read(struct rec_summary_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, SUMMARY_TOTALS, NUMBERS_LIMIT, &raw, &c, f) < 0) return -1;
#define TAKE_ONE(field) \
    if (c.next != c.end) t->totals.field = rec_cursor_varint(&c);
    FOR_EACH_TOTAL(TAKE_ONE)
    free(raw);
    if (c.failed) return failure_set(f, "the totals are damaged");
    if (take_histogram(&t->sizes, p, SUMMARY_SIZES, f) < 0) return -1;
    return take_histogram(&t->lifetimes, p, SUMMARY_LIFETIMES, f);
}

/* One column for each field, each value as the difference to the point before. */
enum {
    TIMELINE_COUNT = 1, TIMELINE_TICK, TIMELINE_LIVE_BYTES, TIMELINE_LIVE_BLOCKS,
    TIMELINE_PEAK_BYTES, TIMELINE_ALLOCATIONS, TIMELINE_ALLOCATED_BYTES, TIMELINE_RSS,
    TIMELINE_COLUMNS
};

static uint64_t *point_field(struct rec_time_point *point, int column) {
    switch (column) {
    case TIMELINE_LIVE_BYTES: return &point->live_bytes;
    case TIMELINE_LIVE_BLOCKS: return &point->live_blocks;
    case TIMELINE_PEAK_BYTES: return &point->peak_bytes;
    case TIMELINE_ALLOCATIONS: return &point->allocations;
    case TIMELINE_ALLOCATED_BYTES: return &point->allocated_bytes;
    default: return &point->rss_bytes;
    }
}

void rec_timeline_write(struct rec_payload_writer *p, const struct rec_time_point *points,
                        size_t count) {
    struct rec_bytes b = {0};
    rec_bytes_put_varint(&b, count);
    rec_payload_add_bytes(p, TIMELINE_COUNT, &b, 1);
    for (size_t i = 0; i < count; i++)
        rec_bytes_put_varint(&b, points[i].tick - (i == 0 ? 0 : points[i - 1].tick));
    rec_payload_add_bytes(p, TIMELINE_TICK, &b, 1);
    for (int column = TIMELINE_LIVE_BYTES; column < TIMELINE_COLUMNS; column++) {
        uint64_t last = 0;
        for (size_t i = 0; i < count; i++) {
            struct rec_time_point point = points[i];
            uint64_t value = *point_field(&point, column);
            rec_bytes_put_varint(&b, rec_zigzag((int64_t)(value - last)));
            last = value;
        }
        rec_payload_add_bytes(p, (uint8_t)column, &b, 1);
    }
}

static int take_count(const struct rec_payload *p, uint8_t id, size_t *count, struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, id, REC_VARINT_MAX, &raw, &c, f) < 0) return -1;
    uint64_t n = rec_cursor_varint(&c);
    free(raw);
    if (c.failed || n > REC_CHUNK_ENTRIES_MAX) return failure_set(f, "its count is damaged");
    *count = (size_t)n;
    return 0;
}

int rec_timeline_read(struct rec_timeline_table *t, const struct rec_payload *p, struct failure *f) {
    size_t count = 0;
    if (take_count(p, TIMELINE_COUNT, &count, f) < 0 ||
        rec_table_reserve((void **)&t->entries, &t->capacity, t->count, count, sizeof *t->entries,
                          f) < 0)
        return -1;
    struct rec_time_point *points = t->entries + t->count;
    memset(points, 0, count * sizeof *points);
    for (int column = TIMELINE_TICK; column < TIMELINE_COLUMNS; column++) {
        uint8_t *raw;
        struct rec_cursor c;
        if (rec_payload_column(p, (uint8_t)column, count * REC_VARINT_MAX, &raw, &c, f) < 0)
            return -1;
        uint64_t value = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t raw_value = rec_cursor_varint(&c);
            if (column == TIMELINE_TICK) {
                value += raw_value;
                if (value > UINT32_MAX) c.failed = 1;
                points[i].tick = (uint32_t)value;
            } else {
                value += (uint64_t)rec_unzigzag(raw_value);
                *point_field(&points[i], column) = value;
            }
        }
        free(raw);
        if (c.failed) return failure_set(f, "the timeline is damaged");
    }
    t->count += count;
    return 0;
}

enum { SNAPSHOT_FACTS = 1, SNAPSHOT_COLUMNS };

void rec_snapshot_write(struct rec_payload_writer *p, const struct rec_snapshot_facts *s) {
    struct rec_bytes b = {0};
    rec_bytes_put_varint(&b, s->ordinal);
    rec_bytes_put_varint(&b, s->event);
    rec_bytes_put_varint(&b, s->first_block);
    rec_bytes_put_varint(&b, s->tick);
    rec_payload_add_bytes(p, SNAPSHOT_FACTS, &b, 1);
}

int rec_snapshot_read(struct rec_snapshot_facts *s, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, SNAPSHOT_FACTS, NUMBERS_LIMIT, &raw, &c, f) < 0) return -1;
    s->ordinal = (uint32_t)rec_cursor_varint(&c);
    s->event = rec_cursor_varint(&c);
    s->first_block = rec_cursor_varint(&c);
    s->tick = (uint32_t)rec_cursor_varint(&c);
    free(raw);
    return c.failed ? failure_set(f, "a snapshot is damaged") : 0;
}
