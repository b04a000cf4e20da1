/* SPDX-License-Identifier: MIT
 * Answers from the table of all blocks. See life_table.h. */
#include "analysis/life_table.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/life_digest.h"

#define BATCH 128

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

/* A pass: what has to do with the span is handed over. */
struct pass {
    const struct an_life_table *table;
    const struct an_lives_span *span;
    const struct an_lives_taker *taker;
    uint32_t from_event; /* what ended before it has nothing to do with the span */
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

static struct an_life life_of(const struct pass *p, size_t block) {
    const struct an_life_table *t = p->table;
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
    if (an_life_at(p->span->mark, l.birth_event, end)) l.flags |= AN_LIFE_AT_MARK;
    return l;
}

static int hand_over(void *context, unsigned lane, size_t first, size_t end, struct failure *f) {
    const struct pass *p = context;
    const struct an_lives_taker *taker = p->taker;
    struct an_life batch[BATCH];
    size_t count = 0;
    for (size_t block = first; block < end; block++) {
        if (p->table->ends[block] < p->from_event) continue;
        batch[count++] = life_of(p, block);
        if (count < BATCH) continue;
        if (taker->lives(taker->context, lane, batch, count, f) != 0) return -1;
        count = 0;
    }
    return count > 0 ? taker->lives(taker->context, lane, batch, count, f) : 0;
}

int an_life_table_pass(const struct an_life_table *t, const struct an_lives_span *span,
                       const struct an_lives_taker *taker, const struct an_watch *watch,
                       struct failure *f) {
    for (size_t i = 0; taker->odd != NULL && i < t->odd_count && t->odd[i].tick < span->to_tick;
         i++)
        if (taker->odd(taker->context, 0, &t->odd[i], f) != 0) return -1;
    if (taker->lives == NULL) return 0;
    struct pass pass = {t, span, taker, an_table_first_event(t, span->from_tick)};
    struct an_table_work work = {hand_over, &pass};
    return an_life_table_share(t, an_table_first_block(t, span->to_tick), &work, watch, f);
}
