/* SPDX-License-Identifier: MIT
 * The lives of blocks: one pass over a span of events that tells of every block when it was born,
 * when it ended and what it was. Whatever needs to see every block asks here.
 *
 *   chunk ─► worker: decode, digest ─┬─► lives that began and ended in the chunk ──► lane of the
 * worker └─► ends of older blocks, blocks left ─► reader, chunk by chunk: pending blocks ─► lives
 * that ended ─────► lane of the reader
 *
 * Nouns:
 *   life    what is known of a block when it ends, or, if it has not ended, when the pass does
 *   mark    a moment, as a number of events; a life tells whether its block was alive then
 *   lane    lives are handed over by several threads at once, but in one lane by one at a time
 *
 * Most blocks end in the chunk in which they are born, so that most of the work is done by the
 * workers side by side; the reader sees blocks that live longer only. */
#ifndef HEAPWISE_ANALYSIS_LIVES_H
#define HEAPWISE_ANALYSIS_LIVES_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/chunk_stream.h"
#include "analysis/cost.h"
#include "base/failure.h"
#include "recording/reader.h"

#define AN_LIVES_LANES (AN_STREAM_WORKERS_MAX + 1)

enum an_life_flags {
    AN_LIFE_OLDER = 1,    /* born before the pass began: birth_* and thread are not known */
    AN_LIFE_ENDED = 2,    /* ended in the pass: end_* are known */
    AN_LIFE_FOR_EVER = 4, /* never ends in the whole recording */
    AN_LIFE_TEMPORARY = 8,
    AN_LIFE_MOVED = 16, /* ended by a reallocation */
    AN_LIFE_AT_MARK = 32,
};

struct an_life {
    uint64_t block, size;
    uint64_t birth_event, end_event; /* numbers of the events, of which the first is 1 */
    uint32_t node, thread, end_thread;
    uint32_t birth_tick, end_tick;
    uint32_t flags;
};

/* Events of the span that are no block's birth or end. */
struct an_odd_event {
    uint64_t size, event;
    uint32_t node, thread, tick;
    uint8_t kind; /* REC_FAILED or REC_UNKNOWN_FREE */
};

/* Both return 0, or -1 with `f` set. Either may be NULL. */
struct an_lives_taker {
    int (*lives)(void *context, unsigned lane, const struct an_life *lives, size_t count,
                 struct failure *f);
    int (*odd)(void *context, unsigned lane, const struct an_odd_event *e, struct failure *f);
    void *context;
};

struct an_life_table;

struct an_lives_span {
    const struct an_life_table *table; /* of all blocks: nothing is decoded then; NULL: none */
    uint64_t from_tick; /* the pass begins somewhere before the events of this tick; 0: at the
                           start, so that no block is older */
    uint64_t to_tick;   /* events from this tick on are not looked at */
    uint64_t mark;      /* alive after so many events of the recording; UINT64_MAX: no mark */
};

/* Hands over every block that was alive at any moment of the span, once. */
int an_lives_pass(struct rec_file *r, const struct an_lives_span *span,
                  const struct an_lives_taker *taker, const struct an_watch *watch,
                  struct failure *f);

#endif
