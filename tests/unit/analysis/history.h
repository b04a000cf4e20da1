/* SPDX-License-Identifier: MIT
 * Recordings written as text, kept in memory, and read through the functions of recording/reader.h;
 * with a second, slow and simple way to every answer, to compare with.
 *
 * A history is words. Stacks come first, outermost frame first:
 *   a=main,parse:12,push:7     stack a; a frame is FUNCTION[:LINE], LIBRARY!FUNCTION[:LINE], or
 *                              either with ^ behind it: inlined into the frame before it
 * Then events:
 *   xa100    block x is born of stack a with 100 bytes (x and a are letters)
 *   -x       block x ends
 *   x>ya50   block x is reallocated to y, of stack a with 50 bytes
 *   !a70     an allocation of 70 bytes fails;  ?  an unknown block is freed
 *   #2       the next events are of thread 2;  @15  the tick is now 15
 *   |        a chunk ends here;  /  a snapshot is taken here (and a chunk ends) */
#ifndef HEAPWISE_TESTS_HISTORY_H
#define HEAPWISE_TESTS_HISTORY_H

#include "analysis/question.h"
#include "recording/reader.h"

/* Ends the test when the text is wrong. `bucket`: ticks in a bucket of the timeline. */
struct rec_file *history_open(const char *text, uint32_t bucket);
void history_close(struct rec_file *r);

/* A random history of about `events` events, with chunks, snapshots, threads and ticks. */
char *history_random(unsigned seed, size_t events);

struct history_answer {
    struct rec_node_totals nodes[64];
    size_t count;
    uint64_t frees, reallocations, events, peak_tick, peak_bytes;
};
/* A range's part of a recording's summary, by definition: looks at every event for every moment. */
void history_answer(struct history_answer *out, struct rec_file *r, uint64_t from, uint64_t to);

/* What happened, event by event and block by block. */
struct history_event {
    struct rec_event e;
    uint64_t tick;
    uint32_t thread;
};

struct history_block {
    size_t birth, end; /* indices of events; end is SIZE_MAX while alive */
    uint64_t size;
    uint32_t node, thread;
};

struct history_story {
    struct history_event *events;
    size_t event_count;
    struct history_block *blocks;
    size_t block_count;
};

void history_tell(struct history_story *s, struct rec_file *r);
void history_story_release(struct history_story *s);
int history_is_temporary(const struct history_story *s, const struct history_block *b);
/* The events of the range, as first <= index < end, and how many have happened at A. */
void history_range(const struct history_story *s, const struct an_question *q, size_t *first,
                   size_t *end, size_t *at);
/* How many events have happened when the most bytes were alive, from after `first` to after `end`. */
size_t history_peak(const struct history_story *s, size_t first, size_t end, uint64_t *bytes);

/* The answer to a question by definition; filters on stacks and the group are not looked at. */
struct history_costs {
    struct an_costs nodes[64];
    size_t count;
    struct an_costs all;
    uint64_t frees, freed_bytes, reallocations, events;
};
void history_costs(struct history_costs *out, struct rec_file *r, const struct an_question *q);

/* A random question of every kind; `question` points into the structure. */
struct history_question {
    struct an_question question;
    uint8_t threads[8];
    struct an_bounds size, lifetime;
};
void history_random_question(struct history_question *out, struct rec_file *r, unsigned *state);
/* Whether a block's thread, size and lifetime pass, and how many events come before a tick. */
int history_passes(const struct history_story *s, const struct an_question *q,
                   const struct history_block *b);
size_t history_events_before(const struct history_story *s, uint64_t tick);

/* The node of a stack's letter. */
uint32_t history_node(const struct rec_file *r, char letter);
const struct rec_event *history_records(const struct rec_file *r, size_t *count);
size_t history_chunks_decoded(const struct rec_file *r);

#endif
