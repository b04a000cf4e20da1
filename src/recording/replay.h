/* SPDX-License-Identifier: MIT
 * Counts a stream of events over again: totals, what each node came to, blocks left, histograms.
 *
 * Nouns:
 *   live block  a block that was born and has not ended; kept in pages by block number, and a page is
 *               freed when all its blocks have ended and no more can be born in it
 *   touched     the event that last changed a node's live state: that state was in force at the
 *               peak if and only if touched <= the peak's event; it is copied when next touched */
#ifndef HEAPWISE_RECORDING_REPLAY_H
#define HEAPWISE_RECORDING_REPLAY_H

#include "base/failure.h"
#include "recording/event.h"
#include "recording/writer.h"

struct rec_replay_node {
    struct rec_node_totals totals;
    uint64_t touched;
};

struct rec_replay_thread {
    uint64_t last_birth; /* block born by its last event, or REC_NO_BLOCK */
};

struct rec_replay_state {
    struct rec_totals totals;
    struct rec_histogram sizes, lifetimes;
    uint64_t live_bytes, live_blocks, next_block;
    struct rec_replay_node *nodes;
    size_t node_count;
    struct rec_replay_thread *threads;
    size_t thread_count;
    struct rec_live_page **pages;
    size_t page_count;
    uint32_t tick, thread;
    /* The timeline, in buckets of equal width. */
    struct rec_time_point *points;
    size_t point_count, point_capacity;
    uint32_t bucket_ticks;
    uint64_t rss_bytes; /* resident memory at this point, where the caller learns of it */
};

/* `last_tick` sets the width of the timeline's buckets; 0: not known yet, they grow wider. */
int rec_replay_init(struct rec_replay_state *s, size_t node_count, uint32_t last_tick,
                    struct failure *f);
/* Makes room for nodes up to `node_count`, which become known while events are counted. */
int rec_replay_grow(struct rec_replay_state *s, size_t node_count, struct failure *f);
void rec_replay_release(struct rec_replay_state *s);
/* 0; -1 when an event is impossible (a block that ends twice, a node that is not there). */
int rec_replay_events(struct rec_replay_state *s, const struct rec_event *events, size_t count,
                      struct failure *f);
/* Brings totals, nodes and timeline up to the end. */
void rec_replay_end(struct rec_replay_state *s);
/* Copies out, sorted, in arrays made with malloc. */
int rec_replay_nodes(const struct rec_replay_state *s, struct rec_node_totals **out, size_t *count,
                     struct failure *f);
int rec_replay_blocks(const struct rec_replay_state *s, struct rec_live_block **out, size_t *count,
                      struct failure *f);

#endif
