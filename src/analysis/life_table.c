/* SPDX-License-Identifier: MIT
 * Answers from the table of all blocks. See life_table.h. */
#include "analysis/life_table.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/life_digest.h"

#define BATCH 128
#define ASK_EVERY 65536 /* blocks, between two questions whether the answer is still wanted */

void an_life_table_release(struct an_life_table *t) {
    free(t->births);
    free(t->ends);
    free(t->nodes);
    free(t->sizes);
    free(t->threads);
    free(t->end_threads);
    free(t->flags);
    free(t->large);
    free(t->odd);
    free(t->ticks);
    free(t->hints);
    memset(t, 0, sizeof *t);
}

size_t an_table_tick_index(const struct an_life_table *t, uint64_t tick) {
    size_t low = 0, high = t->tick_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->ticks[middle].tick < tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct an_peak an_life_table_peak(const struct an_life_table *t, uint64_t from_tick,
                                  uint64_t to_tick) {
    size_t from = an_table_tick_index(t, from_tick), to = an_table_tick_index(t, to_tick);
    const struct an_table_tick *first = &t->ticks[from];
    struct an_peak peak = {first->start_bytes, first->start_blocks,
                           from > 0 ? t->ticks[from - 1].tick : 0, first->first_event - 1};
    for (size_t i = from; i < to; i++) {
        const struct an_table_tick *k = &t->ticks[i];
        if (k->peak_bytes <= peak.bytes) continue;
        peak = (struct an_peak){k->peak_bytes, k->peak_blocks, k->tick, k->peak_event};
    }
    return peak;
}

/* What one thread looks at: the blocks first <= b < end, in a lane of its own. */
struct stretch {
    const struct an_life_table *table;
    const struct an_lives_span *span;
    const struct an_lives_taker *taker;
    const struct an_watch *watch;
    size_t first, end;
    uint32_t from_event; /* what ended before it has nothing to do with the span */
    unsigned lane;
    struct failure failure;
    int failed;
};

uint64_t an_table_large_size(const struct an_life_table *t, uint64_t block) {
    size_t low = 0, high = t->large_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->large[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return t->large[low].size;
}

static struct an_life life_of(const struct stretch *s, size_t block) {
    const struct an_life_table *t = s->table;
    uint32_t end = t->ends[block];
    struct an_life l = {.block = block,
                        .size = an_table_size(t, block),
                        .birth_event = t->births[block],
                        .node = t->nodes[block],
                        .thread = t->threads[block],
                        .birth_tick = an_table_tick_of(t, t->births[block])};
    if (end == AN_TABLE_NO_END) {
        l.flags = AN_LIFE_FOR_EVER;
    } else {
        l.flags = AN_LIFE_ENDED | t->flags[block];
        l.end_event = end;
        l.end_tick = an_table_tick_of(t, end);
        l.end_thread = t->end_threads[block];
    }
    if (an_life_at(s->span->mark, l.birth_event, end)) l.flags |= AN_LIFE_AT_MARK;
    return l;
}

static int is_unwanted(const struct stretch *s) {
    const struct an_watch *w = s->watch;
    return w != NULL && w->withdrawn != NULL && w->withdrawn(w->withdrawn_context);
}

static int hand_over(struct stretch *s) {
    const struct an_life_table *t = s->table;
    struct an_life batch[BATCH];
    size_t count = 0;
    for (size_t block = s->first; block < s->end; block++) {
        if ((block & (ASK_EVERY - 1)) == 0 && is_unwanted(s))
            return failure_set(&s->failure, "the question was withdrawn");
        if (t->ends[block] < s->from_event) continue;
        batch[count++] = life_of(s, block);
        if (count < BATCH) continue;
        if (s->taker->lives(s->taker->context, s->lane, batch, count, &s->failure) != 0) return -1;
        count = 0;
    }
    return count > 0 ? s->taker->lives(s->taker->context, s->lane, batch, count, &s->failure) : 0;
}

static void *work(void *argument) {
    struct stretch *s = argument;
    s->failed = hand_over(s) != 0;
    return NULL;
}

static unsigned threads_for(const struct an_life_table *t, size_t blocks) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    size_t worth = blocks / t->blocks_a_thread + 1;
    unsigned most = cpus < 1                       ? 1
                    : cpus > AN_STREAM_WORKERS_MAX ? AN_STREAM_WORKERS_MAX
                                                   : (unsigned)cpus;
    return worth < most ? (unsigned)worth : most;
}

/* The first stretch is looked at by the thread that asks. */
static int run(struct stretch *stretches, unsigned count, struct failure *f) {
    pthread_t threads[AN_STREAM_WORKERS_MAX];
    unsigned started = 1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < count &&
           pthread_create(&threads[started], NULL, work, &stretches[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&stretches[0]);
    for (unsigned i = started; i < count; i++) /* no more threads to be had */
        work(&stretches[i]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < count; i++) {
        if (!stretches[i].failed) continue;
        if (f != NULL) *f = stretches[i].failure;
        return -1;
    }
    return 0;
}

int an_life_table_pass(const struct an_life_table *t, const struct an_lives_span *span,
                       const struct an_lives_taker *taker, const struct an_watch *watch,
                       struct failure *f) {
    struct stretch stretches[AN_STREAM_WORKERS_MAX];
    size_t end = t->ticks[an_table_tick_index(t, span->to_tick)].first_block;
    unsigned count = threads_for(t, end);
    for (size_t i = 0; taker->odd != NULL && i < t->odd_count && t->odd[i].tick < span->to_tick;
         i++)
        if (taker->odd(taker->context, 0, &t->odd[i], f) != 0) return -1;
    if (taker->lives == NULL) return 0;
    for (unsigned i = 0; i < count; i++)
        stretches[i] = (struct stretch){
            .table = t,
            .span = span,
            .taker = taker,
            .watch = watch,
            .first = end / count * i,
            .end = i + 1 < count ? end / count * (i + 1) : end,
            .from_event = t->ticks[an_table_tick_index(t, span->from_tick)].first_event,
            .lane = i};
    return run(stretches, count, f);
}
