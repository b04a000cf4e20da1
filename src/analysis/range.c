/* SPDX-License-Identifier: MIT
 * Answers a question about a range of time: the difference of two replayed moments, what is alive
 * at a third, and the peak in between. What the costs mean in a range is told in question.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/cost_table.h"
#include "analysis/moment.h"
#include "analysis/question.h"
#include "analysis/range_peak.h"

/* The moments that an answer is made of. `alive` is empty when it is `end`. */
struct moments {
    struct an_moment_state start, end, alive;
    int alive_is_end;
    struct an_range_peak peak;
};

static void moments_release(struct moments *m) {
    an_moment_release(&m->start);
    an_moment_release(&m->end);
    an_moment_release(&m->alive);
    an_range_peak_release(&m->peak);
}

/* The peak of the whole process lies in the range: the recording knows it already. */
static int peak_of_recording(struct an_range_peak *peak, struct rec_file *r, struct failure *f) {
    const struct rec_totals *t = rec_totals(r);
    size_t count = 0;
    const struct rec_node_totals *totals = rec_node_totals(r, &count, f);
    if (totals == NULL && t->peak_bytes > 0) return -1;
    peak->shares = malloc((count + 1) * sizeof *peak->shares);
    if (peak->shares == NULL) return failure_set(f, "cannot list the peak: out of memory");
    if (count > 0) memcpy(peak->shares, totals, count * sizeof *peak->shares);
    peak->share_count = count;
    peak->peak = (struct an_peak){t->peak_bytes, t->peak_blocks, t->peak_tick, t->peak_event};
    return 0;
}

static int contradicts(struct failure *f) {
    return failure_set(f,
                       "the recording contradicts itself: its totals shrink; `heapwise fsck` tells "
                       "what is damaged");
}

static int unknown_stack(struct failure *f) {
    return failure_set(f, "the recording names an unknown call stack, or memory is out");
}

/* Totals since the start of the recording, at the end of the range and at its start, make those of
 * the range. Every node of the start is one of the end, too. */
static int put_difference(struct an_cost_table *table, const struct moments *m, struct failure *f) {
    for (size_t i = 0; i < m->end.count; i++) {
        const struct rec_node_totals *t = &m->end.totals[i];
        struct an_costs *c = an_cost_table_at(table, t->node);
        if (c == NULL) return unknown_stack(f);
        if (t->allocations < t->live_blocks || t->allocated_bytes < t->live_bytes)
            return contradicts(f);
        c->allocations = t->allocations;
        c->allocated_bytes = t->allocated_bytes;
        c->temporary = t->temporary;
        c->temporary_bytes = t->temporary_bytes;
        c->failed = t->failed;
        c->freed_blocks = t->allocations - t->live_blocks;
        c->freed_bytes = t->allocated_bytes - t->live_bytes;
    }
    for (size_t i = 0; i < m->start.count; i++) {
        const struct rec_node_totals *before = &m->start.totals[i];
        struct an_costs *c = an_cost_table_at(table, before->node);
        if (c == NULL) return unknown_stack(f);
        uint64_t freed = before->allocations - before->live_blocks;
        uint64_t freed_bytes = before->allocated_bytes - before->live_bytes;
        if (c->allocations < before->allocations || c->freed_blocks < freed ||
            c->freed_bytes < freed_bytes)
            return contradicts(f);
        c->allocations -= before->allocations;
        c->allocated_bytes -= before->allocated_bytes;
        c->temporary -= before->temporary;
        c->temporary_bytes -= before->temporary_bytes;
        c->failed -= before->failed;
        c->freed_blocks -= freed;
        c->freed_bytes -= freed_bytes;
    }
    return 0;
}

/* What is alive at A, and which of it was born in the range. */
static int put_alive(struct an_cost_table *table, const struct moments *m, struct failure *f) {
    const struct an_moment_state *alive = m->alive_is_end ? &m->end : &m->alive;
    for (size_t i = 0; i < alive->count; i++) {
        const struct rec_node_totals *t = &alive->totals[i];
        if (t->live_blocks == 0) continue;
        struct an_costs *c = an_cost_table_at(table, t->node);
        if (c == NULL) return unknown_stack(f);
        c->alive_blocks = t->live_blocks;
        c->alive_bytes = t->live_bytes;
    }
    for (size_t i = 0; i < alive->born_count; i++) {
        const struct an_block *b = &alive->born[i];
        if (b->block < m->start.next_block || b->block >= m->end.next_block) continue;
        struct an_costs *c = an_cost_table_at(table, b->node);
        if (c == NULL) return unknown_stack(f);
        c->leaked_blocks++;
        c->leaked_bytes += b->size;
    }
    return 0;
}

/* Freed later is what was left at the end of the range and is not left at the end of the recording.
 */
static int put_later(struct an_cost_table *table, struct rec_file *r, const struct moments *m,
                     struct failure *f) {
    for (size_t i = 0; i < m->end.born_count; i++) {
        const struct an_block *b = &m->end.born[i];
        struct an_costs *c = an_cost_table_at(table, b->node);
        if (c == NULL) return unknown_stack(f);
        c->later_blocks++;
        c->later_bytes += b->size;
    }
    size_t count = 0;
    const struct rec_live_block *leaked = rec_leaked(r, &count, f);
    if (leaked == NULL && rec_totals(r)->leaked_blocks > 0) return -1;
    for (size_t i = 0; i < count; i++) {
        if (leaked[i].block < m->start.next_block || leaked[i].block >= m->end.next_block) continue;
        struct an_costs *c = an_cost_table_at(table, leaked[i].node);
        if (c == NULL) return unknown_stack(f);
        if (c->later_blocks == 0 || c->later_bytes < leaked[i].size) return contradicts(f);
        c->later_blocks--;
        c->later_bytes -= leaked[i].size;
    }
    return 0;
}

static int put_peak(struct an_cost_table *table, const struct an_range_peak *peak,
                    struct failure *f) {
    for (size_t i = 0; i < peak->share_count; i++) {
        const struct rec_node_totals *share = &peak->shares[i];
        if (share->peak_blocks == 0) continue;
        struct an_costs *c = an_cost_table_at(table, share->node);
        if (c == NULL) return unknown_stack(f);
        c->peak_blocks = share->peak_blocks;
        c->peak_bytes = share->peak_bytes;
    }
    return 0;
}

static int assemble(struct an_profile *out, struct rec_file *r, const struct moments *m,
                    struct failure *f) {
    struct an_cost_table table;
    size_t node_count;
    if (rec_nodes(r, &node_count, f) == NULL || an_cost_table_init(&table, node_count, f) != 0)
        return -1;
    int failed = put_difference(&table, m, f) || put_alive(&table, m, f) ||
                 put_later(&table, r, m, f) || put_peak(&table, &m->peak, f);
    if (!failed) failed = (out->entries = an_cost_table_take(&table, &out->count, f)) == NULL;
    an_cost_table_release(&table);
    if (failed) return -1;
    /* What was alive when the range began may be older than it. */
    out->peak_tick = m->peak.peak.tick > out->from_tick ? m->peak.peak.tick : out->from_tick;
    out->events = m->end.event - m->start.event;
    an_profile_sum(out);
    uint64_t births = out->sum.allocations;
    out->frees = m->start.live_blocks + births - m->end.live_blocks;
    out->freed_bytes = m->start.live_bytes + out->sum.allocated_bytes - m->end.live_bytes;
    /* A reallocation is one event that ends a block and bears one. */
    out->reallocations = an_counts_reallocations(r)
                             ? births + out->frees + out->sum.failed - out->events
                             : AN_UNKNOWN;
    return 0;
}

/* Start and end lie so near that one replay gives both, and the peak with them. */
static int answer_in_one(struct moments *m, struct an_peak_search *search, struct rec_file *r,
                         const struct an_question *q, const struct an_watch *watch,
                         struct failure *f) {
    struct an_moment from = an_question_from(q), to = an_question_to(q);
    struct an_replay p;
    if (an_replay_start(&p, r, from, to, watch, f) != 0) return -1;
    int failed = an_replay_run(&p, from, f) || an_moment_copy(&m->start, &p, f);
    if (!failed && search != NULL) failed = an_peak_search_through(search, &p, to, f);
    if (!failed)
        failed = an_replay_run(&p, to, f) || an_moment_take(&m->end, &p, m->start.next_block, f);
    an_replay_release(&p);
    return failed ? -1 : 0;
}

static int find_start(struct moments *m, struct an_peak_search *search, struct rec_file *r,
                      struct an_moment from, const struct an_watch *watch, struct failure *f) {
    struct an_replay p;
    struct an_moment reach = search != NULL ? an_peak_search_reach(search) : from;
    if (an_moment_is_start(from)) return 0;
    if (an_replay_start(&p, r, from, reach, watch, f) != 0) return -1;
    int failed = an_replay_run(&p, from, f) || an_moment_copy(&m->start, &p, f);
    if (!failed && search != NULL) failed = an_peak_search_start(search, &p, f);
    an_replay_release(&p);
    return failed ? -1 : 0;
}

/* The end and, on the way to it, what the search finds promising behind its snapshot. */
static int find_end_by_piece(struct moments *m, struct an_peak_search *search,
                             const struct an_peak_piece *piece, struct rec_file *r,
                             struct an_moment to, const struct an_watch *watch, struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, r, to, to, watch, f) != 0) return -1;
    int failed = an_peak_search_end(search, &p, piece, to, f) ||
                 an_moment_take(&m->end, &p, m->start.next_block, f);
    an_replay_release(&p);
    return failed ? -1 : 0;
}

static int answer_apart(struct moments *m, struct an_peak_search *search, struct rec_file *r,
                        const struct an_question *q, const struct an_watch *watch,
                        struct failure *f) {
    struct an_moment to = an_question_to(q);
    const struct an_peak_piece *next;
    if (find_start(m, search, r, an_question_from(q), watch, f) != 0) return -1;
    enum {
        END_KNOWN,
        END_WANTED,
        END_FOUND
    } end = an_moment_is_end(to, r) ? END_KNOWN : END_WANTED;
    long last = an_replay_snapshot(r, to);
    while (search != NULL && (next = an_peak_search_next(search)) != NULL) {
        int failed;
        if (end == END_WANTED && next->snapshot == last) {
            failed = find_end_by_piece(m, search, next, r, to, watch, f);
            end = END_FOUND;
        } else {
            failed = an_peak_search_replay(search, next, watch, f);
        }
        if (failed) return -1;
    }
    return end == END_FOUND ? 0 : an_moment_find(&m->end, r, to, m->start.next_block, watch, f);
}

/* `search` is NULL when no peak is asked for, or the recording knows it. */
static int find_moments(struct moments *m, struct an_peak_search *search, struct rec_file *r,
                        const struct an_question *q, struct failure *f) {
    struct an_watch watch = an_question_watch(q);
    struct an_moment from = an_question_from(q), to = an_question_to(q);
    int near = !an_moment_is_end(to, r) && an_replay_snapshot(r, from) == an_replay_snapshot(r, to);
    if ((near ? answer_in_one : answer_apart)(m, search, r, q, &watch, f) != 0) return -1;
    if (search != NULL) {
        m->peak = search->best;
        search->best = (struct an_range_peak){0};
    } else if (q->peak == AN_PEAK_FIND && peak_of_recording(&m->peak, r, f) != 0) {
        return -1;
    }
    if (m->alive_is_end) return 0;
    return an_moment_find(&m->alive, r, an_question_alive(q), m->start.next_block, &watch, f);
}

int an_answer_range(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                    struct failure *f) {
    memset(out, 0, sizeof *out);
    struct moments m = {.alive_is_end = an_question_alive_is_end(q, r)};
    struct an_peak_search search = {0};
    out->from_tick = q->from_tick;
    out->to_tick = q->to_tick;
    out->alive_tick = q->alive_tick;
    out->alive_elsewhere = !m.alive_is_end;
    int searched = q->peak == AN_PEAK_FIND && !an_range_has_peak(r, q);
    int failed = searched && an_peak_search_init(&search, r, q, f) != 0;
    if (!failed) failed = find_moments(&m, searched ? &search : NULL, r, q, f);
    if (!failed) failed = assemble(out, r, &m, f);
    an_peak_search_release(&search);
    moments_release(&m);
    if (failed) an_profile_release(out);
    return failed ? -1 : 0;
}
