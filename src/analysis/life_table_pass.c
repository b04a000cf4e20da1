/* SPDX-License-Identifier: MIT
 * Hands over lives from the table of all blocks. See life_table.h. */
#include "analysis/life_digest.h"
#include "analysis/life_table.h"

#define BATCH 128

/* A pass: what has to do with the span is handed over. */
struct pass {
    const struct an_life_table *table;
    const struct an_lives_span *span;
    const struct an_lives_taker *taker;
    uint32_t from_event; /* what ended before it has nothing to do with the span */
};

static struct an_life life_of(const struct pass *p, size_t block, uint32_t birth) {
    const struct an_life_table *t = p->table;
    uint32_t end = t->ends[block], node = t->nodes[block];
    struct an_life l = {.block = block,
                        .size = an_table_size(t, block),
                        .birth_event = birth,
                        .node = node & AN_TABLE_NODE,
                        .thread = an_table_thread_of(t, birth),
                        .birth_tick = an_table_tick_of(t, birth)};
    if (end == AN_TABLE_NO_END) {
        l.flags = AN_LIFE_FOR_EVER;
    } else {
        l.flags = AN_LIFE_ENDED | (node & AN_TABLE_TEMPORARY ? AN_LIFE_TEMPORARY : 0u) |
                  (node & AN_TABLE_MOVED ? AN_LIFE_MOVED : 0u);
        l.end_event = end;
        l.end_tick = an_table_tick_of(t, end);
        l.end_thread = an_table_thread_of(t, end);
    }
    if (an_life_at(p->span->mark, l.birth_event, end)) l.flags |= AN_LIFE_AT_MARK;
    return l;
}

static int hand_over(void *context, unsigned lane, size_t first, size_t end, struct failure *f) {
    const struct pass *p = context;
    const struct an_lives_taker *taker = p->taker;
    struct an_life batch[BATCH];
    size_t count = 0, told = SIZE_MAX - 1; /* the last block whose birth was looked up */
    uint32_t birth = 0;
    for (size_t block = first; block < end; block++) {
        if (p->table->ends[block] < p->from_event) continue;
        birth = block == told + 1 ? an_table_next_birth(p->table, birth)
                                  : an_table_birth(p->table, block);
        told = block;
        batch[count++] = life_of(p, block, birth);
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
