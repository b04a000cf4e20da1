/* SPDX-License-Identifier: MIT
 * Every block of a recording in memory, so that many questions about it are answered without
 * decoding its events again: what `heapwise view` keeps of a recording that is not too long.
 *
 *   by block   the event that ended it, its node, its size
 *   by event   a bit: whether it bore a block
 *   ticks      the ticks that have events, in order, and what was alive in each
 *   turns      of threads: who the events from here to the next turn are of
 *
 * Blocks are numbered in the order of their births, so those born in a range are neighbours, and
 * one column tells for all others whether they have to do with it. Events are numbered from 1. That
 * comes to some ten bytes a block, and what is kept by event to a fourth of a byte an event.
 *
 * Invariants: block b was born by the event of the b-th bit that is set in `born` (from 0), and
 * birth_hints[b >> AN_TABLE_BIRTH_SHIFT] is that event for the first block of each group.
 * ticks[i].first_event and first_block grow with i, and stand for the first event of the tick and
 * the first block born from there on; ticks[tick_count] is beyond the last event.
 * turns[i].first_event grows with i. tick_hints[e >> AN_TABLE_EVENT_SHIFT] is the index of the tick
 * of the first event of that group, turn_hints that of its turn; both have one more entry, with the
 * last index. */
#ifndef HEAPWISE_ANALYSIS_LIFE_TABLE_H
#define HEAPWISE_ANALYSIS_LIFE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/lives.h"
#include "analysis/state_replay.h"

#define AN_TABLE_NO_END UINT32_MAX
#define AN_TABLE_LARGE UINT16_MAX /* of sizes: the size stands in `large` */
#define AN_TABLE_EVENT_SHIFT 8
#define AN_TABLE_BIRTH_SHIFT 7

/* In the highest bits of `nodes`. */
#define AN_TABLE_TEMPORARY (1u << 30)
#define AN_TABLE_MOVED (1u << 31)
#define AN_TABLE_NODE (AN_TABLE_TEMPORARY - 1)

struct an_table_tick {
    uint32_t tick, first_event, first_block;
    uint32_t peak_event; /* the first after which most was alive within the tick */
    uint64_t start_bytes, start_blocks, peak_bytes, peak_blocks;
};

struct an_table_turn {
    uint32_t first_event, thread;
};

struct an_table_large {
    uint64_t block, size;
};

struct an_life_table {
    size_t block_count, event_count;
    uint32_t *ends, *nodes;
    uint16_t *sizes;
    uint64_t *born; /* a bit for each event */
    uint32_t *birth_hints;
    struct an_table_large *large; /* by block */
    size_t large_count;
    struct an_odd_event *odd;
    size_t odd_count;
    struct an_table_tick *ticks;
    size_t tick_count;
    struct an_table_turn *turns;
    size_t turn_count;
    uint32_t *tick_hints, *turn_hints;
    size_t piece; /* so many blocks are worth a thread to look at them */
};

/* What the table of a recording takes at most, also while it is made. SIZE_MAX: there can be none,
 * for it has too many events, or holds totals alone. */
size_t an_life_table_bytes(const struct rec_file *r);
/* Decodes all events. */
int an_life_table_make(struct an_life_table *t, struct rec_file *r, const struct an_watch *watch,
                       struct failure *f);
void an_life_table_release(struct an_life_table *t);

/* As an_lives_pass; blocks that ended before the span are not handed over. */
int an_life_table_pass(const struct an_life_table *t, const struct an_lives_span *span,
                       const struct an_lives_taker *taker, const struct an_watch *watch,
                       struct failure *f);
/* The same for those who know the columns: a lane's thread is asked to look at the blocks first <=
 * b < end, again and again, until all blocks before `end` have been looked at. Returns 0, or -1. */
struct an_table_work {
    int (*look)(void *context, unsigned lane, size_t first, size_t end, struct failure *f);
    void *context;
};
int an_life_table_share(const struct an_life_table *t, size_t end, const struct an_table_work *todo,
                        const struct an_watch *watch, struct failure *f);
/* The moment of the most bytes alive from the start of a range to its end. */
struct an_peak an_life_table_peak(const struct an_life_table *t, uint64_t from_tick,
                                  uint64_t to_tick);

/* The size of a block of AN_TABLE_LARGE. */
uint64_t an_table_large_size(const struct an_life_table *t, uint64_t block);

static inline uint64_t an_table_size(const struct an_life_table *t, size_t block) {
    return t->sizes[block] != AN_TABLE_LARGE ? t->sizes[block] : an_table_large_size(t, block);
}

/* The event that bore a block. */
uint32_t an_table_birth(const struct an_life_table *t, size_t block);
/* How many blocks were born up to and with an event. */
size_t an_table_births(const struct an_life_table *t, uint32_t event);

/* The next event after this one that bore a block; there is one. */
static inline uint32_t an_table_next_birth(const struct an_life_table *t, uint32_t event) {
    size_t word = ++event / 64;
    uint64_t left = t->born[word] >> event % 64;
    if (left != 0) return event + (uint32_t)__builtin_ctzll(left);
    while ((left = t->born[++word]) == 0) {
    }
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(left);
}

/* The index of the first tick that is not before `tick`. */
size_t an_table_tick_index(const struct an_life_table *t, uint64_t tick);

/* The first event, and the first block born, that is not before `tick`. */
static inline uint32_t an_table_first_event(const struct an_life_table *t, uint64_t tick) {
    return t->ticks[an_table_tick_index(t, tick)].first_event;
}

static inline size_t an_table_first_block(const struct an_life_table *t, uint64_t tick) {
    return t->ticks[an_table_tick_index(t, tick)].first_block;
}

static inline uint32_t an_table_tick_of(const struct an_life_table *t, uint32_t event) {
    size_t i = t->tick_hints[event >> AN_TABLE_EVENT_SHIFT];
    while (t->ticks[i + 1].first_event <= event)
        i++;
    return t->ticks[i].tick;
}

static inline uint32_t an_table_thread_of(const struct an_life_table *t, uint32_t event) {
    size_t low = t->turn_hints[event >> AN_TABLE_EVENT_SHIFT];
    size_t high = t->turn_hints[(event >> AN_TABLE_EVENT_SHIFT) + 1];
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (t->turns[middle].first_event <= event)
            low = middle;
        else
            high = middle - 1;
    }
    return t->turns[low].thread;
}

#endif
