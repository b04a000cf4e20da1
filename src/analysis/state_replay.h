/* SPDX-License-Identifier: MIT
 * Replays a recording from a snapshot to a moment, and knows exactly what held there: each node's
 * totals since the start of the recording, the living blocks, and, when asked to watch, the peak.
 *
 * A moment is a place between two events, given as a tick (all events with a smaller tick are before
 * it) or as a number of events (so many are before it).
 *
 * While the peak is watched, a node's peak_* are brought up to date only when the node is touched: its
 * epoch tells at which peak that was last done. If the epoch is older than the last peak, nothing has
 * touched the node since, so its share of that peak is what it holds now. */
#ifndef HEAPWISE_ANALYSIS_STATE_REPLAY_H
#define HEAPWISE_ANALYSIS_STATE_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/chunk_stream.h"
#include "analysis/last_birth.h"
#include "analysis/live_blocks.h"
#include "analysis/node_table.h"
#include "base/failure.h"
#include "recording/reader.h"

struct an_moment {
    uint64_t tick;  /* UINT64_MAX: only `event` counts */
    uint64_t event; /* UINT64_MAX: only `tick` counts */
};

static inline struct an_moment an_moment_at(uint64_t tick) {
    return (struct an_moment){tick, UINT64_MAX};
}
static inline int an_moment_is_start(struct an_moment m) {
    return m.tick == 0 || m.event == 0;
}
/* Whether no event of the recording is behind the moment. */
static inline int an_moment_is_end(struct an_moment m, const struct rec_file *r) {
    return m.tick > rec_totals(r)->duration_ms && m.event >= rec_totals(r)->events;
}

struct an_peak {
    uint64_t bytes, blocks, tick, event; /* event: number of events up to and with the peak */
};

struct an_replay {
    struct rec_file *file;
    struct an_stream *stream;
    const struct rec_event *next_record, *end_record; /* of the chunk at hand */
    uint64_t event, next_block, tick;                 /* where the replay is */
    uint32_t thread;
    uint64_t live_bytes, live_blocks;
    struct an_node_table nodes;
    struct an_live_blocks live;
    struct an_last_births births;
    int watching;
    struct an_peak peak;
    uint32_t peak_epoch;
    uint32_t *epochs; /* by slot of `nodes`; grows with it */
    size_t epoch_capacity;
};

/* The snapshot that a replay to `m` begins at: the last one that lies before it, or -1 when that is
 * the start of the recording. */
long an_replay_snapshot(const struct rec_file *r, struct an_moment m);

/* Begins at the snapshot that is best for `first`; will be run no further than to `last`. `watch` may be
 * NULL. */
int an_replay_start(struct an_replay *p, struct rec_file *r, struct an_moment first,
                    struct an_moment last, const struct an_watch *watch, struct failure *f);
void an_replay_release(struct an_replay *p);
int an_replay_run(struct an_replay *p, struct an_moment to, struct failure *f);

/* From here on watches for the most bytes alive; what is alive now is the first candidate. */
int an_replay_watch_peak(struct an_replay *p, struct failure *f);
/* Ends it: peak_* of all nodes are now their shares of `peak`. */
void an_replay_settle_peak(struct an_replay *p);

#endif
