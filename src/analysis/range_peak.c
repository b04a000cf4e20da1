/* SPDX-License-Identifier: MIT
 * Searches a range for its peak by way of the timeline. See range_peak.h. */
#include "analysis/range_peak.h"

#include <stdlib.h>
#include <string.h>

#define NO_BOUND UINT64_MAX

/* A piece of the range and the most that can have been alive in it. */
struct piece {
    struct an_moment from, to;
    uint64_t first_tick, bound;
};

void an_range_peak_release(struct an_range_peak *p) {
    free(p->shares);
    memset(p, 0, sizeof *p);
}

/* What a replay that stops at either of two moments stops at. */
static struct an_moment earlier(struct an_moment a, struct an_moment b) {
    return (struct an_moment){a.tick < b.tick ? a.tick : b.tick,
                              a.event < b.event ? a.event : b.event};
}

/* Cuts the range into the buckets of the timeline, and what lies before the first of them. */
static size_t cut(struct piece *pieces, const struct rec_time_point *points, size_t count,
                  const struct an_question *q) {
    size_t made = 0;
    struct an_moment from = an_question_from(q), to = an_question_to(q);
    uint64_t first = count == 0 ? UINT64_MAX : points[0].tick;
    if (first > q->from_tick)
        pieces[made++] =
            (struct piece){from, earlier(to, an_moment_at(first)), q->from_tick, NO_BOUND};
    for (size_t i = 0; i < count; i++) {
        uint64_t start = points[i].tick, end = i + 1 < count ? points[i + 1].tick : UINT64_MAX;
        if (end <= q->from_tick || start >= q->to_tick) continue;
        int is_first = start <= q->from_tick;
        pieces[made++] =
            (struct piece){is_first ? from : an_moment_at(start), earlier(to, an_moment_at(end)),
                           is_first ? q->from_tick : start, points[i].peak_bytes};
    }
    return made;
}

static int by_bound(const void *a, const void *b) {
    const struct piece *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? 1 : -1;
    return (x->first_tick > y->first_tick) - (x->first_tick < y->first_tick);
}

static int replay_piece(struct an_range_peak *best, struct rec_file *r, struct piece piece,
                        const struct an_watch *watch, struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, r, piece.from, piece.to, watch, f) != 0) return -1;
    int failed = an_replay_run(&p, piece.from, f) || an_replay_watch_peak(&p, f) ||
                 an_replay_run(&p, piece.to, f);
    int better = p.peak.bytes > best->peak.bytes ||
                 (p.peak.bytes == best->peak.bytes && p.peak.event < best->peak.event);
    if (!failed && better) {
        an_replay_settle_peak(&p);
        an_range_peak_release(best);
        best->peak = p.peak;
        best->shares = an_node_table_take(&p.nodes, &best->share_count);
    }
    an_replay_release(&p);
    return failed ? -1 : 0;
}

int an_range_peak_find(struct an_range_peak *out, struct rec_file *r, const struct an_question *q,
                       struct an_range_peak start, const struct an_watch *watch,
                       struct failure *f) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(r, &count);
    *out = start;
    struct piece *pieces = malloc((count + 1) * sizeof *pieces);
    int failed = pieces == NULL ? failure_set(f, "cannot search for the peak: out of memory") : 0;
    if (!failed) {
        size_t made = cut(pieces, points, count, q);
        qsort(pieces, made, sizeof *pieces, by_bound);
        for (size_t i = 0; !failed && i < made && pieces[i].bound >= out->peak.bytes; i++)
            if (pieces[i].bound > out->peak.bytes || pieces[i].first_tick < out->peak.tick)
                failed = replay_piece(out, r, pieces[i], watch, f);
    }
    free(pieces);
    if (failed) an_range_peak_release(out);
    return failed ? -1 : 0;
}

int an_range_has_peak(const struct rec_file *r, const struct an_question *q) {
    const struct rec_totals *t = rec_totals(r);
    return t->peak_tick >= q->from_tick && t->peak_tick < q->to_tick &&
           t->peak_event > q->from_event && t->peak_event <= q->to_event;
}

int an_range_peak_moment(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                         const struct an_watch *watch, struct failure *f) {
    const struct rec_totals *t = rec_totals(r);
    if (an_range_has_peak(r, q)) {
        *out = (struct an_peak){t->peak_bytes, t->peak_blocks, t->peak_tick, t->peak_event};
        return 0;
    }
    struct an_range_peak start = {0}, found;
    struct an_moment m = an_question_from(q);
    if (!an_moment_is_start(m)) {
        struct an_replay p;
        if (an_replay_start(&p, r, m, m, watch, f) != 0) return -1;
        int failed = an_replay_run(&p, m, f);
        start.peak = (struct an_peak){p.live_bytes, p.live_blocks, p.tick, p.event};
        an_replay_release(&p);
        if (failed) return -1;
    }
    if (an_range_peak_find(&found, r, q, start, watch, f) != 0) return -1;
    *out = found.peak;
    an_range_peak_release(&found);
    return 0;
}
