/* SPDX-License-Identifier: MIT
 * Answers a question about threads, sizes or lifetimes: every block of the range is looked at, and
 * adds to each cost what the cost is defined as. See question.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/cost_table.h"
#include "analysis/life_costs.h"
#include "analysis/passing.h"

/* What one lane has counted. */
struct lane {
    struct an_cost_table table;
    struct an_costs all; /* with bounds: blocks and calls that do not pass them as well */
    uint64_t frees, freed_bytes, reallocations, events;
};

struct pass {
    const struct an_question *question;
    struct lane lanes[AN_LIVES_LANES];
};

/* The events that a life consists of. A reallocation is one event, counted at the birth. */
static void count_events(struct lane *lane, const struct an_question *q, const struct an_life *l) {
    if (!(l->flags & AN_LIFE_OLDER) && an_passes_thread(q, l->thread))
        lane->events += an_in_range(q, l->birth_tick, l->birth_event);
    if (!an_ended_in_range(q, l) || !an_passes_thread(q, l->end_thread)) return;
    lane->frees++;
    lane->freed_bytes += l->size;
    if (l->flags & AN_LIFE_MOVED)
        lane->reallocations++;
    else
        lane->events++;
}

/* Whether a block has to do with the question at all; blocks born after the range and A do not. */
static int touches(const struct an_question *q, const struct an_life *l) {
    if ((l->flags & (AN_LIFE_OLDER | AN_LIFE_AT_MARK)) != 0) return 1;
    return (l->birth_tick < q->to_tick && l->birth_event <= q->to_event) ||
           an_is_before_alive(q, l->birth_tick, l->birth_event);
}

static int take_lives(void *context, unsigned number, const struct an_life *lives, size_t count,
                      struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    struct lane *lane = &p->lanes[number];
    for (size_t i = 0; i < count; i++) {
        const struct an_life *l = &lives[i];
        count_events(lane, q, l);
        if (!touches(q, l) || ((l->flags & AN_LIFE_OLDER) == 0 && !an_passes_thread(q, l->thread)))
            continue;
        if (an_has_bounds(q)) an_costs_add_life(&lane->all, q, l);
        if (!an_passes_bounds(q, l)) continue;
        struct an_costs *c = an_cost_table_at(&lane->table, l->node);
        if (c == NULL)
            return failure_set(
                f,
                "the recording names call stack %u, which does not exist, or memory is "
                "out",
                l->node);
        an_costs_add_life(c, q, l);
    }
    return 0;
}

static int take_odd(void *context, unsigned number, const struct an_odd_event *e,
                    struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    struct lane *lane = &p->lanes[number];
    if (!an_in_range(q, e->tick, e->event) || !an_passes_thread(q, e->thread)) return 0;
    lane->events++;
    if (e->kind != REC_FAILED) return 0;
    lane->all.failed++;
    if (q->lifetime != NULL || !an_bounds_hold(q->size, e->size)) return 0;
    struct an_costs *c = an_cost_table_at(&lane->table, e->node);
    if (c == NULL)
        return failure_set(
            f, "the recording names call stack %u, which does not exist, or memory is out",
            e->node);
    c->failed++;
    return 0;
}

_Static_assert(AN_LIVES_LANES <= AN_COST_TABLES_MAX, "all lanes are added up at once");

/* Adds up what all lanes have counted. */
static int join(struct an_profile *out, struct pass *p, struct failure *f) {
    struct an_cost_table *tables[AN_LIVES_LANES];
    struct lane *all = &p->lanes[0];
    for (unsigned i = 0; i < AN_LIVES_LANES; i++) {
        const struct lane *l = &p->lanes[i];
        tables[i] = &p->lanes[i].table;
        if (i == 0) continue;
        an_costs_add(&all->all, &l->all);
        all->frees += l->frees;
        all->freed_bytes += l->freed_bytes;
        all->reallocations += l->reallocations;
        all->events += l->events;
    }
    out->entries = an_cost_table_take_all(tables, AN_LIVES_LANES, &out->count, f);
    return out->entries == NULL ? -1 : 0;
}

static int lanes_init(struct pass *p, struct rec_file *r, struct failure *f) {
    size_t node_count;
    if (rec_nodes(r, &node_count, f) == NULL) return -1;
    for (unsigned i = 0; i < AN_LIVES_LANES; i++) {
        p->lanes[i].all = an_costs_none(0);
        if (an_cost_table_init(&p->lanes[i].table, node_count, f) != 0) return -1;
    }
    return 0;
}

int an_answer_by_block(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                       struct failure *f) {
    memset(out, 0, sizeof *out);
    struct pass p = {.question = q};
    struct an_watch watch = an_question_watch(q);
    struct an_lives_taker taker = {take_lives, take_odd, &p};
    struct an_peak peak = {.event = UINT64_MAX};
    int failed = lanes_init(&p, r, f);
    if (!failed && q->peak == AN_PEAK_FIND) failed = an_passing_peak(&peak, r, q, f);
    if (!failed) {
        /* A moment between events lies in the tick before the one that bounds it. */
        uint64_t alive = q->alive_tick - (q->alive_event != AN_END);
        struct an_lives_span span =
            an_passing_span(q, q->from_tick < alive ? q->from_tick : alive,
                            q->to_tick > q->alive_tick ? q->to_tick : q->alive_tick);
        span.mark = peak.event;
        failed = an_lives_pass(r, &span, &taker, &watch, f) || join(out, &p, f);
    }
    if (!failed) {
        const struct lane *all = &p.lanes[0];
        out->all = all->all;
        out->frees = all->frees;
        out->freed_bytes = all->freed_bytes;
        out->reallocations =
            an_asks_of_blocks(q) || an_counts_reallocations(r) ? all->reallocations : AN_UNKNOWN;
        out->events = all->events;
        out->from_tick = q->from_tick;
        out->to_tick = q->to_tick;
        out->alive_tick = q->alive_tick;
        out->alive_elsewhere = !an_question_alive_is_end(q, r);
        out->peak_tick = peak.tick > q->from_tick ? peak.tick : q->from_tick;
    }
    for (unsigned i = 0; i < AN_LIVES_LANES; i++)
        an_cost_table_release(&p.lanes[i].table);
    return failed ? -1 : 0;
}
