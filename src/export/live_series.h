/* SPDX-License-Identifier: MIT
 * How much of what a question asks about was alive, at moments all along its range. */
#ifndef HEAPWISE_EXPORT_LIVE_SERIES_H
#define HEAPWISE_EXPORT_LIVE_SERIES_H

#include "export/export.h"

struct ex_live_point {
    uint64_t tick; /* the events of smaller ticks have happened */
    uint64_t bytes;
};

struct ex_live_series {
    struct ex_live_point *points; /* ticks go up */
    size_t count;
};

/* Whether the question is about all blocks of its range, so that the recording's timeline answers. */
int ex_asks_of_all(const struct ex_export *e);

/* At most `most` points; a question about all blocks gets those of the timeline, others are answered
 * by a pass over the events. A recording without a timeline has none. */
int ex_live_series(struct ex_live_series *s, struct ex_export *e, size_t most, struct failure *f);
void ex_live_series_release(struct ex_live_series *s);

#endif
