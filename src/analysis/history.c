/* SPDX-License-Identifier: MIT
 * Bytes alive by group at many moments: one pass, in which every block is added to the points that
 * it lives through. See history.h.
 *
 * A group that allocated less than the least amount in all can never hold it, so that only the
 * others, few as a rule, have a line of points. */
#include "analysis/history.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/life_costs.h"
#include "analysis/passing.h"

#define REST 0

struct pass {
    const struct an_question *question;
    const uint8_t *nodes; /* which pass; NULL: all */
    size_t node_count;
    uint32_t *line_of;  /* by node; REST or a line of its group */
    uint32_t *group_of; /* by line; line REST is none */
    size_t line_count, point_count;
    const uint64_t *ticks;
    uint64_t
        *lanes[AN_LIVES_LANES]; /* [line * point_count + point]; made at the lane's first use */
};

/* The first point whose state is after an event of this tick. */
static size_t point_after(const struct pass *p, uint64_t tick) {
    size_t low = 0, high = p->point_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->ticks[middle] <= tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int take(void *context, unsigned lane, const struct an_life *lives, size_t count,
                struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    for (size_t i = 0; i < count; i++) {
        const struct an_life *l = &lives[i];
        int older = (l->flags & AN_LIFE_OLDER) != 0;
        if (!older && (l->flags & AN_LIFE_ENDED) && l->birth_tick == l->end_tick) continue;
        if (l->node >= p->node_count)
            return failure_set(f, "the recording names call stack %u, which does not exist",
                               l->node);
        if (!an_passes_thread(q, l->thread) || !an_passes_bounds(q, l) ||
            (p->nodes != NULL && !p->nodes[l->node]))
            continue;
        size_t from = older ? 0 : point_after(p, l->birth_tick);
        size_t to = l->flags & AN_LIFE_ENDED ? point_after(p, l->end_tick) : p->point_count;
        if (from >= to) continue;
        if (p->lanes[lane] == NULL) {
            p->lanes[lane] = calloc(p->line_count * p->point_count, sizeof *p->lanes[lane]);
            if (p->lanes[lane] == NULL)
                return failure_set(f, "cannot count %zu call stacks over time: out of memory",
                                   p->line_count);
        }
        uint64_t *line = p->lanes[lane] + p->line_of[l->node] * p->point_count;
        for (size_t k = from; k < to; k++)
            line[k] += l->size;
    }
    return 0;
}

/* Gives a line to every group that allocated enough. */
static int choose_lines(struct pass *p, struct rec_file *r, const struct an_history_wish *w,
                        struct failure *f) {
    size_t group_count = w->group_of != NULL ? w->group_count : p->node_count, totals_count = 0;
    const struct rec_node_totals *totals = rec_node_totals(r, &totals_count, f);
    if (totals == NULL && rec_totals(r)->allocations > 0) return -1;
    uint64_t *allocated = calloc(group_count + 1, sizeof *allocated);
    uint32_t *line_of_group = calloc(group_count + 1, sizeof *line_of_group);
    p->line_of = calloc(p->node_count + 1, sizeof *p->line_of);
    p->group_of = malloc((group_count + 1) * sizeof *p->group_of);
    int failed =
        allocated == NULL || line_of_group == NULL || p->line_of == NULL || p->group_of == NULL;
    if (failed)
        failure_set(f, "cannot count %zu call stacks over time: out of memory", group_count);
    for (size_t i = 0; !failed && i < totals_count; i++) {
        if (totals[i].node >= p->node_count) continue;
        uint32_t group = w->group_of != NULL ? w->group_of[totals[i].node] : totals[i].node;
        if (group < group_count) allocated[group] += totals[i].allocated_bytes;
    }
    p->line_count = 1;
    for (size_t g = 0; !failed && g < group_count; g++) {
        if (allocated[g] == 0 || allocated[g] < w->least_bytes) continue;
        p->group_of[p->line_count] = (uint32_t)g;
        line_of_group[g] = (uint32_t)p->line_count++;
    }
    for (size_t n = 0; !failed && n < p->node_count; n++) {
        uint32_t group = w->group_of != NULL ? w->group_of[n] : (uint32_t)n;
        p->line_of[n] = group < group_count ? line_of_group[group] : REST;
    }
    free(allocated);
    free(line_of_group);
    return failed ? -1 : 0;
}

static int reaches(const uint64_t *line, size_t points, uint64_t least) {
    for (size_t k = 0; k < points; k++)
        if (line[k] > 0 && line[k] >= least) return 1;
    return 0;
}

/* Adds up the lanes, and moves what never reached the least amount to the rest. */
static int finish(struct an_history *out, struct pass *p, uint64_t least, struct failure *f) {
    size_t points = p->point_count;
    uint64_t *sum = p->lanes[0];
    for (unsigned i = 1; i < AN_LIVES_LANES; i++) {
        if (p->lanes[i] == NULL) continue;
        if (sum == NULL) {
            sum = p->lanes[i];
            p->lanes[i] = NULL;
        } else {
            for (size_t k = 0; k < p->line_count * points; k++)
                sum[k] += p->lanes[i][k];
        }
    }
    p->lanes[0] = sum;
    size_t kept = 0;
    for (size_t i = 1; sum != NULL && i < p->line_count; i++)
        kept += (size_t)reaches(sum + i * points, points, least);
    out->groups = malloc((kept + 1) * sizeof *out->groups);
    out->bytes = malloc((kept * points + 1) * sizeof *out->bytes);
    out->rest = calloc(points, sizeof *out->rest);
    if (out->groups == NULL || out->bytes == NULL || out->rest == NULL)
        return failure_set(f, "cannot count call stacks over time: out of memory");
    for (size_t i = 0; sum != NULL && i < p->line_count; i++) {
        const uint64_t *line = sum + i * points;
        if (i != REST && reaches(line, points, least)) {
            memcpy(out->bytes + out->group_count * points, line, points * sizeof *line);
            out->groups[out->group_count++] = p->group_of[i];
        } else {
            for (size_t k = 0; k < points; k++)
                out->rest[k] += line[k];
        }
    }
    return 0;
}

static int lay_points(struct an_history *out, const struct rec_file *r, const struct an_question *q,
                      size_t points, struct failure *f) {
    if (points < 2 || points > AN_HISTORY_POINTS_MAX)
        return failure_set(f, "a history has 2 to %d points, not %zu", AN_HISTORY_POINTS_MAX,
                           points);
    uint64_t end = rec_totals(r)->duration_ms + 1, to = q->to_tick < end ? q->to_tick : end;
    uint64_t from = q->from_tick < to ? q->from_tick : to;
    out->ticks = malloc(points * sizeof *out->ticks);
    if (out->ticks == NULL) return failure_set(f, "cannot lay out a history: out of memory");
    for (size_t k = 0; k < points; k++)
        out->ticks[k] = from + (uint64_t)((unsigned __int128)(to - from) * k / (points - 1));
    out->point_count = points;
    return 0;
}

int an_history_ask(struct an_history *out, struct rec_file *r, const struct an_question *asked,
                   const struct an_history_wish *wish, struct an_frames *frames,
                   struct failure *f) {
    struct an_question q = *asked;
    struct an_watch watch = an_question_watch(&q);
    uint8_t *nodes = NULL;
    struct pass p = {.question = &q};
    memset(out, 0, sizeof *out);
    int failed = an_question_settle(&q, r, f) || an_question_needs_events(r, f) ||
                 rec_nodes(r, &p.node_count, f) == NULL ||
                 lay_points(out, r, &q, wish->points, f) || choose_lines(&p, r, wish, f) ||
                 an_question_nodes(&nodes, r, &q, frames, f);
    if (!failed) {
        p.nodes = nodes;
        p.point_count = out->point_count;
        p.ticks = out->ticks;
        struct an_lives_span span =
            an_passing_span(&q, out->ticks[0], out->ticks[out->point_count - 1]);
        struct an_lives_taker taker = {take, NULL, &p};
        failed =
            an_lives_pass(r, &span, &taker, &watch, f) || finish(out, &p, wish->least_bytes, f);
    }
    for (unsigned i = 0; i < AN_LIVES_LANES; i++)
        free(p.lanes[i]);
    free(p.line_of);
    free(p.group_of);
    free(nodes);
    if (failed) an_history_release(out);
    return failed ? -1 : 0;
}

void an_history_release(struct an_history *h) {
    free(h->ticks);
    free(h->groups);
    free(h->bytes);
    free(h->rest);
    memset(h, 0, sizeof *h);
}
