/* SPDX-License-Identifier: MIT
 * The timeline of one process while it is recorded: at most TIMELINE_POINTS buckets of equal width,
 * a power of two of milliseconds; when they are full, neighbours are merged and the width doubles.
 */
#ifndef HEAPWISE_RECORDER_TIMELINE_H
#define HEAPWISE_RECORDER_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "recording/tables.h"

#define TIMELINE_POINTS 4096

struct timeline {
    struct rec_time_point *points; /* closed buckets, by tick */
    size_t count;
    uint32_t width_log2;        /* of a bucket, in ms */
    struct rec_time_point open; /* the bucket that time stands in */
};

/* Returns 0, or -1 when memory is out. */
int timeline_init(struct timeline *t);
void timeline_release(struct timeline *t);

/* Time has come to `tick`; `now` is what holds at this moment (its tick and peak_bytes are not
 * looked at). Closes the open bucket when `tick` lies behind its end. */
void timeline_advance(struct timeline *t, uint32_t tick, const struct rec_time_point *now);
/* Closes the last bucket with what holds at the end. */
void timeline_finish(struct timeline *t, const struct rec_time_point *now);

/* The most live bytes in the open bucket; to be called (inline) whenever live bytes grow. */
static inline int timeline_is_high(const struct timeline *t, uint64_t live_bytes) {
    return live_bytes > t->open.peak_bytes;
}

#endif
