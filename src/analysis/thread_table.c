/* SPDX-License-Identifier: MIT
 * Costs by thread. See thread_table.h. */
#include "analysis/thread_table.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/life_costs.h"
#include "analysis/passing.h"

struct pass {
    const struct an_question *question;
    const uint8_t *nodes; /* which pass; NULL: all */
    const uint32_t *suppressed;
    size_t node_count, thread_count;
    struct an_thread_row *lanes[AN_LIVES_LANES];
};

static int node_passes(const struct pass *p, uint32_t node) {
    return p->nodes == NULL || (node < p->node_count && p->nodes[node]);
}

static int take_lives(void *context, unsigned lane, const struct an_life *lives, size_t count,
                      struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    struct an_thread_row *rows = p->lanes[lane];
    (void)f;
    for (size_t i = 0; i < count; i++) {
        const struct an_life *l = &lives[i];
        if (!node_passes(p, l->node) || !an_passes_bounds(q, l)) continue;
        if (an_passes_thread(q, l->thread)) {
            struct an_costs *c = &rows[l->thread].costs;
            uint64_t leaked_blocks = c->leaked_blocks, leaked_bytes = c->leaked_bytes;
            an_costs_add_life(c, q, l);
            if (p->suppressed != NULL && l->node < p->node_count && p->suppressed[l->node] != 0) {
                c->leaked_blocks = leaked_blocks;
                c->leaked_bytes = leaked_bytes;
            }
        }
        if (an_ended_in_range(q, l) && an_passes_thread(q, l->end_thread)) {
            rows[l->end_thread].ended_blocks++;
            rows[l->end_thread].ended_bytes += l->size;
        }
    }
    return 0;
}

static int take_odd(void *context, unsigned lane, const struct an_odd_event *e, struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    (void)f;
    if (e->kind == REC_FAILED && an_in_range(q, e->tick, e->event) && q->lifetime == NULL &&
        an_bounds_hold(q->size, e->size) && an_passes_thread(q, e->thread) &&
        node_passes(p, e->node))
        p->lanes[lane][e->thread].costs.failed++;
    return 0;
}

static int by_blocks(struct pass *p, struct rec_file *r, struct failure *f) {
    const struct an_question *q = p->question;
    struct an_watch watch = an_question_watch(q);
    struct an_lives_taker taker = {take_lives, take_odd, p};
    uint64_t last = q->to_tick > q->alive_tick ? q->to_tick : q->alive_tick;
    struct an_lives_span span = an_passing_span(q, 0, last);
    if (q->peak == AN_PEAK_FIND) {
        struct an_peak peak;
        if (an_passing_peak(&peak, r, q, f) != 0) return -1;
        span.mark = peak.event;
    }
    if (an_lives_pass(r, &span, &taker, &watch, f) != 0) return -1;
    for (unsigned i = 1; i < AN_LIVES_LANES; i++)
        for (size_t t = 0; t < p->thread_count; t++) {
            an_costs_add(&p->lanes[0][t].costs, &p->lanes[i][t].costs);
            p->lanes[0][t].ended_blocks += p->lanes[i][t].ended_blocks;
            p->lanes[0][t].ended_bytes += p->lanes[i][t].ended_bytes;
        }
    return 0;
}

/* The only thread's blocks are all blocks. */
static int of_one(struct pass *p, struct rec_file *r, struct an_frames *frames, struct failure *f) {
    struct an_profile profile;
    if (an_ask(&profile, r, p->question, frames, f) != 0) return -1;
    for (size_t i = 0; p->suppressed != NULL && i < profile.count; i++) {
        if (p->suppressed[profile.entries[i].node] == 0) continue;
        profile.sum.leaked_blocks -= profile.entries[i].leaked_blocks;
        profile.sum.leaked_bytes -= profile.entries[i].leaked_bytes;
    }
    p->lanes[0][0].costs = profile.sum;
    p->lanes[0][0].ended_blocks = profile.sum.freed_blocks;
    p->lanes[0][0].ended_bytes = profile.sum.freed_bytes;
    an_profile_release(&profile);
    return 0;
}

static int lanes_init(struct pass *p, struct failure *f) {
    for (unsigned i = 0; i < AN_LIVES_LANES; i++) {
        p->lanes[i] = calloc(p->thread_count + 1, sizeof *p->lanes[i]);
        if (p->lanes[i] == NULL) return failure_set(f, "cannot list threads: out of memory");
        for (size_t t = 0; t < p->thread_count; t++)
            p->lanes[i][t].costs = an_costs_none(0);
    }
    return 0;
}

int an_thread_table_ask(struct an_thread_row **out, size_t *count, struct rec_file *r,
                        const struct an_question *asked, const uint32_t *suppressed,
                        struct an_frames *frames, struct failure *f) {
    struct an_question q = *asked;
    uint8_t *nodes = NULL;
    struct pass p = {.question = &q, .suppressed = suppressed};
    if (!rec_knows(r, REC_KNOWS_THREADS))
        return failure_set(f, "a file of %s does not tell threads apart: ask without them",
                           rec_source(r)->format);
    rec_threads(r, &p.thread_count);
    int failed =
        an_question_settle(&q, r, f) || rec_nodes(r, &p.node_count, f) == NULL || lanes_init(&p, f);
    if (!failed && p.thread_count == 1 && !an_asks_of_blocks(&q)) {
        failed = of_one(&p, r, frames, f);
    } else if (!failed) {
        failed = an_question_needs_events(r, f) || an_question_nodes(&nodes, r, &q, frames, f);
        p.nodes = nodes;
        if (!failed) failed = by_blocks(&p, r, f);
    }
    *out = failed ? NULL : p.lanes[0];
    *count = p.thread_count;
    free(nodes);
    for (unsigned i = failed ? 0 : 1; i < AN_LIVES_LANES; i++)
        free(p.lanes[i]);
    return failed ? -1 : 0;
}
