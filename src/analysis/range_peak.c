/* SPDX-License-Identifier: MIT
 * Searches a range for its peak by way of the timeline. See range_peak.h. */
#include "analysis/range_peak.h"

#include <stdlib.h>
#include <string.h>

#define NO_BOUND UINT64_MAX

void an_range_peak_release(struct an_range_peak *p) {
    free(p->shares);
    memset(p, 0, sizeof *p);
}

void an_peak_search_release(struct an_peak_search *s) {
    free(s->pieces);
    an_range_peak_release(&s->best);
    memset(s, 0, sizeof *s);
}

/* What a replay that stops at either of two moments stops at. */
static struct an_moment earlier(struct an_moment a, struct an_moment b) {
    return (struct an_moment){a.tick < b.tick ? a.tick : b.tick,
                              a.event < b.event ? a.event : b.event};
}

static void add(struct an_peak_search *s, struct an_moment from, struct an_moment to,
                uint64_t first_tick, uint64_t bound) {
    s->pieces[s->count++] = (struct an_peak_piece){.from = from,
                                                   .to = to,
                                                   .first_tick = first_tick,
                                                   .bound = bound,
                                                   .snapshot = an_replay_snapshot(s->file, from)};
}

/* Cuts the range into the buckets of the timeline, and what lies before the first of them. */
static void cut(struct an_peak_search *s, const struct rec_time_point *points, size_t count,
                const struct an_question *q) {
    struct an_moment from = an_question_from(q), to = an_question_to(q);
    uint64_t first = count == 0 ? UINT64_MAX : points[0].tick;
    if (first > q->from_tick)
        add(s, from, earlier(to, an_moment_at(first)), q->from_tick, NO_BOUND);
    for (size_t i = 0; i < count; i++) {
        uint64_t start = points[i].tick, end = i + 1 < count ? points[i + 1].tick : UINT64_MAX;
        if (end <= q->from_tick || start >= q->to_tick) continue;
        struct an_moment bucket_end = earlier(to, an_moment_at(end));
        if (start <= q->from_tick)
            add(s, from, bucket_end, q->from_tick, points[i].peak_bytes);
        else
            add(s, an_moment_at(start), bucket_end, start, points[i].peak_bytes);
    }
}

int an_peak_search_init(struct an_peak_search *s, struct rec_file *r, const struct an_question *q,
                        struct failure *f) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(r, &count);
    memset(s, 0, sizeof *s);
    s->file = r;
    s->pieces = malloc((count + 1) * sizeof *s->pieces);
    if (s->pieces == NULL) return failure_set(f, "cannot search for the peak: out of memory");
    cut(s, points, count, q);
    return 0;
}

static int is_promising(const struct an_peak_piece *piece, const struct an_peak *best) {
    if (piece->state == AN_PIECE_SEEN) return 0;
    return piece->bound > best->bytes ||
           (piece->bound == best->bytes && piece->first_tick < best->tick);
}

const struct an_peak_piece *an_peak_search_next(const struct an_peak_search *s) {
    const struct an_peak_piece *most = NULL;
    for (size_t i = 0; i < s->count; i++)
        if (is_promising(&s->pieces[i], &s->best.peak) &&
            (most == NULL || s->pieces[i].bound > most->bound))
            most = &s->pieces[i];
    return most;
}

static int keep(struct an_range_peak *best, const struct an_replay *p, struct failure *f) {
    an_range_peak_release(best);
    best->peak = p->peak;
    best->shares = malloc((p->nodes.count + 1) * sizeof *best->shares);
    if (best->shares == NULL) return failure_set(f, "cannot list the peak: out of memory");
    for (size_t i = 0; i < p->nodes.count; i++)
        if (p->nodes.totals[i].peak_blocks > 0)
            best->shares[best->share_count++] = p->nodes.totals[i];
    return 0;
}

/* Replays the pieces first <= piece < end and on to `until`, which is where they end or, beyond the
 * last piece, what the caller wants. */
static int look_at(struct an_peak_search *s, struct an_replay *p, size_t first, size_t end,
                   struct an_moment until, struct failure *f) {
    struct an_peak *best = &s->best.peak;
    if (an_replay_run(p, s->pieces[first].from, f) != 0 || an_replay_watch_peak(p, f) != 0 ||
        an_replay_run(p, until, f) != 0)
        return -1;
    an_replay_settle_peak(p);
    for (size_t i = first; i < end; i++)
        s->pieces[i].state = AN_PIECE_SEEN;
    int begins =
        first == 0 && s->best.shares == NULL; /* with the start, as yet the best there is */
    int better = begins || p->peak.bytes > best->bytes ||
                 (p->peak.bytes == best->bytes && p->peak.event < best->event);
    return better ? keep(&s->best, p, f) : 0;
}

/* The first promising piece that lies behind the same snapshot. */
static size_t first_beside(const struct an_peak_search *s, const struct an_peak_piece *piece) {
    size_t i = 0;
    while (s->pieces[i].snapshot != piece->snapshot || !is_promising(&s->pieces[i], &s->best.peak))
        i++;
    return i;
}

struct an_moment an_peak_search_reach(const struct an_peak_search *s) {
    const struct an_peak_piece *start = &s->pieces[0], *most = an_peak_search_next(s);
    return most != NULL && most->snapshot == start->snapshot ? most->to : start->from;
}

int an_peak_search_start(struct an_peak_search *s, struct an_replay *p, struct failure *f) {
    const struct an_peak_piece *start = &s->pieces[0], *most = an_peak_search_next(s);
    struct an_peak now = {p->live_bytes, p->live_blocks, p->tick, p->event};
    if (most != NULL && most->snapshot == start->snapshot && is_promising(most, &now))
        return look_at(s, p, 0, (size_t)(most - s->pieces) + 1, most->to, f);
    return look_at(s, p, 0, 0, start->from, f);
}

int an_peak_search_replay(struct an_peak_search *s, const struct an_peak_piece *piece,
                          const struct an_watch *watch, struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, s->file, piece->from, piece->to, watch, f) != 0) return -1;
    int failed =
        look_at(s, &p, first_beside(s, piece), (size_t)(piece - s->pieces) + 1, piece->to, f);
    an_replay_release(&p);
    return failed;
}

int an_peak_search_end(struct an_peak_search *s, struct an_replay *p,
                       const struct an_peak_piece *piece, struct an_moment end, struct failure *f) {
    return look_at(s, p, first_beside(s, piece), s->count, end, f);
}

int an_peak_search_through(struct an_peak_search *s, struct an_replay *p, struct an_moment end,
                           struct failure *f) {
    return look_at(s, p, 0, s->count, end, f);
}

int an_range_has_peak(const struct rec_file *r, const struct an_question *q) {
    const struct rec_totals *t = rec_totals(r);
    return t->peak_tick >= q->from_tick && t->peak_tick < q->to_tick &&
           t->peak_event > q->from_event && t->peak_event <= q->to_event;
}

static int look_at_start(struct an_peak_search *s, struct an_moment from,
                         const struct an_watch *watch, struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, s->file, from, an_peak_search_reach(s), watch, f) != 0) return -1;
    int failed = an_replay_run(&p, from, f) || an_peak_search_start(s, &p, f);
    an_replay_release(&p);
    return failed;
}

/* Whether the peak may well be found without the start, which it would take a replay of its own to
 * look at. What was alive there is within the bound of the first piece. */
static int start_can_wait(const struct an_peak_search *s) {
    const struct an_peak_piece *most = an_peak_search_next(s);
    return most != NULL && most->snapshot != s->pieces[0].snapshot &&
           most->bound > s->pieces[0].bound;
}

static int search(struct an_peak_search *s, const struct an_question *q,
                  const struct an_watch *watch, struct failure *f) {
    struct an_moment from = an_question_from(q);
    const struct an_peak_piece *next;
    int wants_start = !an_moment_is_start(from), waits = wants_start && start_can_wait(s);
    if (wants_start && !waits && look_at_start(s, from, watch, f) != 0) return -1;
    while ((next = an_peak_search_next(s)) != NULL)
        if (an_peak_search_replay(s, next, watch, f) != 0) return -1;
    int is_open = waits && s->pieces[0].state == AN_PIECE_OPEN;
    return is_open && s->best.peak.bytes <= s->pieces[0].bound ? look_at_start(s, from, watch, f)
                                                               : 0;
}

int an_range_peak_moment(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                         const struct an_watch *watch, struct failure *f) {
    const struct rec_totals *t = rec_totals(r);
    if (an_range_has_peak(r, q)) {
        *out = (struct an_peak){t->peak_bytes, t->peak_blocks, t->peak_tick, t->peak_event};
        return 0;
    }
    struct an_peak_search s;
    if (an_peak_search_init(&s, r, q, f) != 0) return -1;
    int failed = search(&s, q, watch, f);
    if (!failed) *out = s.best.peak;
    an_peak_search_release(&s);
    return failed;
}
