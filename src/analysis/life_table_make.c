/* SPDX-License-Identifier: MIT
 * Makes the table of all blocks: one pass over all lives fills the columns, side by side, for each
 * block has places of its own; then one sweep over the events tells what was alive in each tick.
 * See life_table.h. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/life_digest.h"
#include "analysis/life_table.h"

#define LARGE_MAX 65536 /* blocks of 4 GiB and more: whoever has more of them decodes */
#define PIECE 50000
#define THREADS_MAX (UINT16_MAX + 1u)

/* While it is made: what ended by each event, plus 1, and when that was. */
struct maker {
    struct an_life_table *table;
    uint32_t *ended, *ticks; /* by event */
    size_t ticks_max, odd_max, large_capacity;
    pthread_mutex_t mutex; /* of `large` and `odd`, which few blocks and events are put to */
};

static size_t odd_events(const struct rec_totals *t) {
    return (size_t)(t->failed + t->unknown_frees);
}

static size_t most_ticks(const struct rec_totals *t) {
    return (size_t)(t->duration_ms + 1 < t->events ? t->duration_ms + 1 : t->events);
}

size_t an_life_table_bytes(const struct rec_file *r) {
    const struct rec_totals *t = rec_totals(r);
    size_t threads;
    rec_threads(r, &threads);
    if (!rec_knows(r, REC_KNOWS_EVENTS) || threads > THREADS_MAX ||
        t->events >= AN_TABLE_NO_END - 2 || t->allocations > t->events || odd_events(t) > t->events)
        return SIZE_MAX;
    size_t a_block = 4 * sizeof(uint32_t) + 2 * sizeof(uint16_t) + 1;
    return (size_t)t->allocations * a_block + (size_t)t->events * 2 * sizeof(uint32_t) +
           odd_events(t) * sizeof(struct an_odd_event) +
           (most_ticks(t) + 1) * sizeof(struct an_table_tick);
}

static int contradicts(struct failure *f) {
    return failure_set(f, "the recording contradicts itself: its events are not those that it "
                          "counts; `heapwise fsck` tells what is damaged");
}

static int put_large(struct maker *m, uint64_t block, uint64_t size, struct failure *f) {
    struct an_life_table *t = m->table;
    int failed = 0;
    pthread_mutex_lock(&m->mutex);
    if (t->large_count == m->large_capacity) {
        size_t capacity = 2 * m->large_capacity + 16;
        struct an_table_large *grown =
            t->large_count < LARGE_MAX ? realloc(t->large, capacity * sizeof *grown) : NULL;
        if (grown == NULL) failed = failure_set(f, "cannot keep so many large blocks");
        if (grown != NULL) t->large = grown, m->large_capacity = capacity;
    }
    if (!failed) t->large[t->large_count++] = (struct an_table_large){block, size};
    pthread_mutex_unlock(&m->mutex);
    return failed;
}

static int take_lives(void *context, unsigned lane, const struct an_life *lives, size_t count,
                      struct failure *f) {
    struct maker *m = context;
    struct an_life_table *t = m->table;
    (void)lane;
    for (size_t i = 0; i < count; i++) {
        const struct an_life *l = &lives[i];
        int ended = (l->flags & AN_LIFE_ENDED) != 0;
        if (l->block >= t->block_count || l->birth_event - 1 >= t->event_count ||
            (ended && l->end_event - 1 >= t->event_count))
            return contradicts(f);
        t->births[l->block] = (uint32_t)l->birth_event;
        t->ends[l->block] = ended ? (uint32_t)l->end_event : AN_TABLE_NO_END;
        t->nodes[l->block] = l->node;
        t->sizes[l->block] = l->size < AN_TABLE_LARGE ? (uint32_t)l->size : AN_TABLE_LARGE;
        t->threads[l->block] = (uint16_t)l->thread;
        t->end_threads[l->block] = (uint16_t)l->end_thread;
        t->flags[l->block] = (uint8_t)(l->flags & (AN_LIFE_TEMPORARY | AN_LIFE_MOVED));
        if (l->size >= AN_TABLE_LARGE && put_large(m, l->block, l->size, f) != 0) return -1;
        m->ticks[l->birth_event] = l->birth_tick;
        if (!ended) continue;
        m->ended[l->end_event] = (uint32_t)l->block + 1;
        /* A reallocation's tick is put by the block that it bore: two threads may be at work. */
        if (!(l->flags & AN_LIFE_MOVED)) m->ticks[l->end_event] = l->end_tick;
    }
    return 0;
}

static int take_odd(void *context, unsigned lane, const struct an_odd_event *e, struct failure *f) {
    struct maker *m = context;
    (void)lane;
    if (e->event - 1 >= m->table->event_count) return contradicts(f);
    m->ticks[e->event] = e->tick;
    pthread_mutex_lock(&m->mutex);
    int fits = m->table->odd_count < m->odd_max;
    if (fits) m->table->odd[m->table->odd_count++] = *e;
    pthread_mutex_unlock(&m->mutex);
    return fits ? 0 : contradicts(f);
}

static int by_event(const void *a, const void *b) {
    uint64_t x = ((const struct an_odd_event *)a)->event,
             y = ((const struct an_odd_event *)b)->event;
    return (x > y) - (x < y);
}

static int by_block(const void *a, const void *b) {
    uint64_t x = ((const struct an_table_large *)a)->block;
    uint64_t y = ((const struct an_table_large *)b)->block;
    return (x > y) - (x < y);
}

/* Plays all events, and notes what was alive in each tick. */
static int sweep(struct maker *m, struct failure *f) {
    struct an_life_table *t = m->table;
    struct an_table_tick now = {.tick = AN_NO_TICK};
    uint64_t bytes = 0, blocks = 0;
    size_t born = 0;
    for (uint32_t e = 1; e <= t->event_count; e++) {
        uint32_t tick = m->ticks[e];
        if (tick == AN_NO_TICK || (now.tick != AN_NO_TICK && tick < now.tick))
            return contradicts(f);
        if (tick != now.tick) {
            if (now.tick != AN_NO_TICK) t->ticks[t->tick_count - 1] = now;
            if (t->tick_count == m->ticks_max) return contradicts(f);
            now = (struct an_table_tick){.tick = tick,
                                         .first_event = e,
                                         .first_block = (uint32_t)born,
                                         .peak_event = e,
                                         .start_bytes = bytes,
                                         .start_blocks = blocks};
            t->tick_count++;
        }
        if ((e & ((1u << AN_TABLE_HINT_SHIFT) - 1)) == 0)
            t->hints[e >> AN_TABLE_HINT_SHIFT] = (uint32_t)t->tick_count - 1;
        if (m->ended[e] != 0) {
            uint32_t block = m->ended[e] - 1;
            if (block >= born || t->ends[block] != e) return contradicts(f);
            bytes -= an_table_size(t, block);
            blocks--;
        }
        if (born < t->block_count && t->births[born] == e) {
            bytes += an_table_size(t, born++);
            blocks++;
        }
        if (bytes <= now.peak_bytes) continue;
        now.peak_bytes = bytes;
        now.peak_blocks = blocks;
        now.peak_event = e;
    }
    if (now.tick != AN_NO_TICK) t->ticks[t->tick_count - 1] = now;
    t->ticks[t->tick_count] = (struct an_table_tick){.tick = AN_NO_TICK,
                                                     .first_event = (uint32_t)t->event_count + 1,
                                                     .first_block = (uint32_t)t->block_count,
                                                     .start_bytes = bytes,
                                                     .start_blocks = blocks};
    return born == t->block_count ? 0 : contradicts(f);
}

static int reserve(struct maker *m, struct failure *f) {
    struct an_life_table *t = m->table;
    t->births = calloc(t->block_count + 1, sizeof *t->births);
    t->ends = calloc(t->block_count + 1, sizeof *t->ends);
    t->nodes = calloc(t->block_count + 1, sizeof *t->nodes);
    t->sizes = calloc(t->block_count + 1, sizeof *t->sizes);
    t->threads = calloc(t->block_count + 1, sizeof *t->threads);
    t->end_threads = calloc(t->block_count + 1, sizeof *t->end_threads);
    t->flags = calloc(t->block_count + 1, sizeof *t->flags);
    t->odd = malloc((m->odd_max + 1) * sizeof *t->odd);
    t->ticks = malloc((m->ticks_max + 1) * sizeof *t->ticks);
    t->hints = calloc((t->event_count >> AN_TABLE_HINT_SHIFT) + 1, sizeof *t->hints);
    m->ended = calloc(t->event_count + 1, sizeof *m->ended);
    m->ticks = malloc((t->event_count + 1) * sizeof *m->ticks);
    if (t->births == NULL || t->ends == NULL || t->nodes == NULL || t->sizes == NULL ||
        t->threads == NULL || t->end_threads == NULL || t->flags == NULL || t->odd == NULL ||
        t->ticks == NULL || t->hints == NULL || m->ended == NULL || m->ticks == NULL)
        return failure_set(f, "cannot keep %zu blocks: out of memory", t->block_count);
    memset(m->ticks, 0xff, (t->event_count + 1) * sizeof *m->ticks); /* AN_NO_TICK */
    return 0;
}

int an_life_table_make(struct an_life_table *t, struct rec_file *r, const struct an_watch *watch,
                       struct failure *f) {
    const struct rec_totals *totals = rec_totals(r);
    struct an_lives_span span = {.to_tick = UINT64_MAX, .mark = UINT64_MAX};
    *t = (struct an_life_table){0};
    if (an_life_table_bytes(r) == SIZE_MAX)
        return failure_set(f, "cannot keep the blocks of this recording");
    t->block_count = (size_t)totals->allocations;
    t->event_count = (size_t)totals->events;
    t->piece = PIECE;
    struct maker m = {.table = t, .ticks_max = most_ticks(totals), .odd_max = odd_events(totals)};
    struct an_lives_taker taker = {take_lives, take_odd, &m};
    pthread_mutex_init(&m.mutex, NULL);
    int failed = reserve(&m, f) || an_lives_pass(r, &span, &taker, watch, f);
    if (!failed) {
        qsort(t->odd, t->odd_count, sizeof *t->odd, by_event);
        if (t->large_count > 0) qsort(t->large, t->large_count, sizeof *t->large, by_block);
        failed = sweep(&m, f);
    }
    pthread_mutex_destroy(&m.mutex);
    free(m.ended);
    free(m.ticks);
    if (failed) an_life_table_release(t);
    return failed ? -1 : 0;
}
