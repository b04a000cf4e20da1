/* SPDX-License-Identifier: MIT
 * The timeline of a range, as arrays of a JSON object. Neighbours of the recording's points are
 * merged until there are no more than asked for: the latest of what held, the most of the peaks. */
#include "export/page/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "export/page/payload_text.h"

/* The points that overlap the range: a point holds until the next one begins. */
static void points_within(const struct rec_time_point *points, size_t count, uint64_t from,
                          uint64_t to, size_t *first, size_t *end) {
    *first = 0;
    while (*first + 1 < count && points[*first + 1].tick <= from)
        ++*first;
    *end = *first;
    while (*end < count && points[*end].tick < to)
        ++*end;
}

static size_t merge(struct rec_time_point *to, const struct rec_time_point *from, size_t count,
                    size_t most) {
    size_t step = (count + most - 1) / most, merged = 0;
    for (size_t i = 0; i < count; i += step) {
        size_t last = i + step < count ? i + step - 1 : count - 1;
        struct rec_time_point point = from[last];
        point.tick = from[i].tick;
        for (size_t k = i; k < last; k++) {
            if (from[k].peak_bytes > point.peak_bytes) point.peak_bytes = from[k].peak_bytes;
            if (from[k].rss_bytes > point.rss_bytes) point.rss_bytes = from[k].rss_bytes;
        }
        to[merged++] = point;
    }
    return merged;
}

#define PUT_COLUMN(j, key, member)                                                                 \
    do {                                                                                           \
        ex_json_open(j, key, '[');                                                                 \
        for (size_t i_ = 0; i_ < count; i_++)                                                      \
            ex_json_number(j, NULL, points[i_].member);                                            \
        ex_json_close(j, ']');                                                                     \
    } while (0)

static void put_points(struct ex_json *j, const struct rec_time_point *points, size_t count) {
    PUT_COLUMN(j, "time_ms", tick);
    PUT_COLUMN(j, "live_bytes", live_bytes);
    PUT_COLUMN(j, "live_blocks", live_blocks);
    PUT_COLUMN(j, "peak_bytes", peak_bytes);
    PUT_COLUMN(j, "allocations", allocations);
    PUT_COLUMN(j, "allocated_bytes", allocated_bytes);
    PUT_COLUMN(j, "rss_bytes", rss_bytes);
}

int page_timeline(struct rec_file *r, uint64_t from, uint64_t to, size_t points,
                  struct payload *out, struct failure *f) {
    size_t count, first, end;
    const struct rec_time_point *all = rec_timeline(r, &count);
    points_within(all, count, from, to, &first, &end);
    struct rec_time_point *merged = malloc((end - first + 1) * sizeof *merged);
    struct payload_text text;
    if (merged == NULL || payload_text_begin(&text) != 0) {
        free(merged);
        return failure_set(f, "cannot draw the timeline: out of memory");
    }
    size_t merged_count = merge(merged, all + first, end - first, points);
    uint64_t run_end = rec_totals(r)->duration_ms + 1;
    struct rec_time_point none = {0}, before = first > 0 ? all[first - 1] : none;
    ex_json_open(&text.json, NULL, '{');
    ex_json_number(&text.json, "from_ms", from);
    ex_json_number(&text.json, "to_ms", to < run_end ? to : run_end);
    ex_json_open(&text.json, "before", '{');
    ex_json_number(&text.json, "live_bytes", before.live_bytes);
    ex_json_number(&text.json, "live_blocks", before.live_blocks);
    ex_json_number(&text.json, "allocations", before.allocations);
    ex_json_number(&text.json, "allocated_bytes", before.allocated_bytes);
    ex_json_close(&text.json, '}');
    put_points(&text.json, merged, merged_count);
    ex_json_close(&text.json, '}');
    free(merged);
    return payload_text_finish(&text, out, f);
}
