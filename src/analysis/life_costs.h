/* SPDX-License-Identifier: MIT
 * What one block's life adds to every cost of a question, by the definitions of question.h. */
#ifndef HEAPWISE_ANALYSIS_LIFE_COSTS_H
#define HEAPWISE_ANALYSIS_LIFE_COSTS_H

#include "analysis/lives.h"
#include "analysis/question.h"

/* Of an event: its tick, and its number. */
static inline int an_in_range(const struct an_question *q, uint64_t tick, uint64_t event) {
    return tick >= q->from_tick && tick < q->to_tick && event > q->from_event &&
           event <= q->to_event;
}

static inline int an_is_before_alive(const struct an_question *q, uint64_t tick, uint64_t event) {
    return tick < q->alive_tick && event <= q->alive_event;
}

static inline int an_ended_in_range(const struct an_question *q, const struct an_life *l) {
    return (l->flags & AN_LIFE_ENDED) != 0 && an_in_range(q, l->end_tick, l->end_event);
}

static inline int an_born_in_range(const struct an_question *q, const struct an_life *l) {
    return (l->flags & AN_LIFE_OLDER) == 0 && an_in_range(q, l->birth_tick, l->birth_event);
}

/* Adds a life that passes; the mark of its pass is the moment of the peak. */
static inline void an_costs_add_life(struct an_costs *c, const struct an_question *q,
                                     const struct an_life *l) {
    int older = (l->flags & AN_LIFE_OLDER) != 0, ended = (l->flags & AN_LIFE_ENDED) != 0;
    int born = an_born_in_range(q, l);
    int alive = (older || an_is_before_alive(q, l->birth_tick, l->birth_event)) &&
                (!ended || !an_is_before_alive(q, l->end_tick, l->end_event));
    if (born) {
        c->allocations++;
        c->allocated_bytes += l->size;
        if (q->times == AN_TIMES_FIND) {
            if (l->birth_tick < c->first_tick) c->first_tick = l->birth_tick;
            if (l->birth_tick > c->last_tick) c->last_tick = l->birth_tick;
        }
    }
    if (an_ended_in_range(q, l)) {
        c->freed_blocks++;
        c->freed_bytes += l->size;
        if (l->flags & AN_LIFE_TEMPORARY) {
            c->temporary++;
            c->temporary_bytes += l->size;
        }
    }
    if (alive) {
        c->alive_blocks++;
        c->alive_bytes += l->size;
    }
    if (born && alive) {
        c->leaked_blocks++;
        c->leaked_bytes += l->size;
    }
    if (born && (ended ? !an_ended_in_range(q, l) : !(l->flags & AN_LIFE_FOR_EVER))) {
        c->later_blocks++;
        c->later_bytes += l->size;
    }
    if (l->flags & AN_LIFE_AT_MARK) {
        c->peak_blocks++;
        c->peak_bytes += l->size;
    }
}

#endif
