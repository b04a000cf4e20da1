/* SPDX-License-Identifier: MIT
 * The events of one chunk, told as lives that began and ended in it and as what is left to tell
 * when its neighbours are known. Private to lives.c. */
#ifndef HEAPWISE_ANALYSIS_LIFE_DIGEST_H
#define HEAPWISE_ANALYSIS_LIFE_DIGEST_H

#include "analysis/lives.h"

/* The end of a block that was born before the chunk. */
struct an_old_end {
    uint64_t block, event;
    uint32_t thread, tick;
    uint8_t moved;
    uint8_t first; /* 1: the thread had no event before in the chunk, so its last one may be the
                      birth */
};

/* What a thread did last in the chunk. */
struct an_last_event {
    uint64_t block; /* that it bore, or REC_NO_BLOCK */
    uint32_t thread;
};

/* What a chunk leaves to the reader. */
struct an_digest {
    struct an_old_end *ends;
    size_t end_count, end_capacity;
    struct an_life *left; /* born here and not ended */
    size_t left_count, left_capacity;
    struct an_last_event *lasts;
    size_t last_count, last_capacity;
};

struct an_local_block {
    uint64_t size, event;
    uint32_t node, thread, tick;
    uint32_t ended;
};

/* What a worker needs while it digests. */
struct an_digester {
    const struct an_lives_span *span;
    const struct an_lives_taker *taker;
    unsigned lane;
    size_t thread_count;
    struct an_local_block *blocks;
    size_t block_capacity;
    uint64_t *last_of; /* by thread */
};

/* Whether a block born by the event of number `birth` and ended by that of number `end`
 * (UINT64_MAX: not ended) was alive after `mark` events; the first event has number 1. */
static inline int an_life_at(uint64_t mark, uint64_t birth, uint64_t end) {
    return birth <= mark && end > mark && mark != UINT64_MAX;
}

static inline uint32_t an_life_tick(uint64_t tick) {
    return tick < AN_NO_TICK ? (uint32_t)tick : AN_NO_TICK - 1;
}

int an_digest_chunk(struct an_digest *out, struct an_digester *x, const struct rec_chunk *chunk,
                    const struct rec_event *records, struct failure *f);
void an_digest_release(struct an_digest *d);
void an_digester_release(struct an_digester *x);

#endif
