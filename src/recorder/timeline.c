/* SPDX-License-Identifier: MIT
 * Buckets of time, merged as the run grows longer. See timeline.h. */
#include "recorder/timeline.h"

#include <stdlib.h>

int timeline_init(struct timeline *t) {
    *t = (struct timeline){0};
    t->points = malloc(TIMELINE_POINTS * sizeof *t->points);
    return t->points != NULL ? 0 : -1;
}

void timeline_release(struct timeline *t) {
    free(t->points);
    *t = (struct timeline){0};
}

/* Halves the number of points: points of one wider bucket become one. */
static void merge(struct timeline *t) {
    t->width_log2++;
    size_t out = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct rec_time_point p = t->points[i];
        uint32_t bucket = p.tick >> t->width_log2;
        if (out > 0 && t->points[out - 1].tick >> t->width_log2 == bucket) {
            uint64_t peak = t->points[out - 1].peak_bytes;
            p.tick = t->points[out - 1].tick;
            if (peak > p.peak_bytes) p.peak_bytes = peak;
            t->points[out - 1] = p;
        } else {
            p.tick = bucket << t->width_log2;
            t->points[out++] = p;
        }
    }
    t->count = out;
    t->open.tick = t->open.tick >> t->width_log2 << t->width_log2;
    /* The open bucket may now be the wider half of the last closed one. */
    if (out > 0 && t->points[out - 1].tick == t->open.tick) {
        if (t->points[out - 1].peak_bytes > t->open.peak_bytes)
            t->open.peak_bytes = t->points[out - 1].peak_bytes;
        t->count--;
    }
}

static void close_open(struct timeline *t, const struct rec_time_point *now) {
    uint32_t tick = t->open.tick;
    uint64_t peak = t->open.peak_bytes;
    t->open = *now;
    t->open.tick = tick;
    t->open.peak_bytes = peak > now->live_bytes ? peak : now->live_bytes;
    if (t->count == TIMELINE_POINTS) merge(t);
    t->points[t->count++] = t->open;
}

void timeline_advance(struct timeline *t, uint32_t tick, const struct rec_time_point *now) {
    if (tick >> t->width_log2 == t->open.tick >> t->width_log2) return;
    close_open(t, now);
    t->open.tick = tick >> t->width_log2 << t->width_log2;
    t->open.peak_bytes = now->live_bytes;
}

void timeline_finish(struct timeline *t, const struct rec_time_point *now) {
    close_open(t, now);
}
