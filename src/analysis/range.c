/* SPDX-License-Identifier: MIT
 * Answers a question about a range of time: the difference of two replayed moments, and the peak in
 * between. What the costs mean in a range is told in question.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/question.h"
#include "analysis/range_peak.h"
#include "analysis/state_replay.h"

/* The state at the end of the range: what every node came to since the start of the recording, and
 * what the range itself left behind. */
struct range_end {
    struct an_node_table nodes;
    struct an_block *left; /* blocks born in the range and alive at its end */
    size_t left_count;
    uint64_t event, next_block, live_blocks, live_bytes;
};

static struct an_moment at(uint64_t tick) {
    return (struct an_moment){tick, UINT64_MAX};
}

static void range_end_release(struct range_end *e) {
    an_node_table_release(&e->nodes);
    free(e->left);
    memset(e, 0, sizeof *e);
}

/* The end of the recording is known without a replay. */
static int end_of_recording(struct range_end *e, struct rec_file *r, uint64_t first_block,
                            struct failure *f) {
    size_t node_count, totals_count = 0, leaked_count = 0;
    const struct rec_totals *t = rec_totals(r);
    if (rec_nodes(r, &node_count, f) == NULL) return -1;
    const struct rec_node_totals *totals = rec_node_totals(r, &totals_count, f);
    const struct rec_live_block *leaked = rec_leaked(r, &leaked_count, f);
    if ((totals == NULL && t->allocations > 0) || (leaked == NULL && t->leaked_blocks > 0)) return -1;
    if (an_node_table_init(&e->nodes, node_count, f) != 0 ||
        an_node_table_load(&e->nodes, totals, totals_count, f) != 0)
        return -1;
    e->event = t->events;
    e->next_block = t->allocations;
    e->live_blocks = t->leaked_blocks;
    e->live_bytes = t->leaked_bytes;
    e->left = malloc((leaked_count + 1) * sizeof *e->left);
    if (e->left == NULL) return failure_set(f, "cannot list the leaks: out of memory");
    for (size_t i = 0; i < leaked_count; i++)
        if (leaked[i].block >= first_block)
            e->left[e->left_count++] = (struct an_block){
                .block = leaked[i].block, .size = leaked[i].size, .node = leaked[i].node};
    return 0;
}

/* Takes the end out of a replay that has been run to it. */
static int end_of_replay(struct range_end *e, struct an_replay *p, uint64_t first_block,
                         struct failure *f) {
    e->left = an_live_collect(&p->live, first_block, &e->left_count);
    if (e->left == NULL && e->left_count > 0)
        return failure_set(f, "cannot list the living blocks: out of memory");
    e->event = p->event;
    e->next_block = p->next_block;
    e->live_blocks = p->live_blocks;
    e->live_bytes = p->live_bytes;
    e->nodes = p->nodes;
    memset(&p->nodes, 0, sizeof p->nodes);
    return 0;
}

/* The start of the range: totals to take off, and where it is. */
struct range_start {
    struct rec_node_totals *totals;
    size_t count;
    uint64_t event, next_block, live_blocks, live_bytes;
};

static int start_of_replay(struct range_start *s, const struct an_replay *p, struct failure *f) {
    s->totals = malloc((p->nodes.count + 1) * sizeof *s->totals);
    if (s->totals == NULL) return failure_set(f, "cannot keep the start of the range: out of memory");
    if (p->nodes.count > 0)
        memcpy(s->totals, p->nodes.totals, p->nodes.count * sizeof *s->totals);
    s->count = p->nodes.count;
    s->event = p->event;
    s->next_block = p->next_block;
    s->live_blocks = p->live_blocks;
    s->live_bytes = p->live_bytes;
    return 0;
}

/* What was alive at the start, as a first candidate for the peak. */
static int peak_at_start(struct an_range_peak *peak, struct an_replay *p, struct failure *f) {
    if (an_replay_watch_peak(p, f) != 0) return -1;
    peak->peak = p->peak;
    an_replay_settle_peak(p);
    peak->shares = an_node_table_take(&p->nodes, &peak->share_count);
    return 0;
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

/* Turns totals since the start of the recording into those of the range. */
static int assemble(struct an_profile *out, struct rec_file *r, const struct range_start *start,
                    struct range_end *end, const struct an_range_peak *peak, struct failure *f) {
    struct an_node_table *n = &end->nodes;
    for (size_t i = 0; i < n->count; i++)
        n->totals[i].live_blocks = n->totals[i].live_bytes = n->totals[i].peak_blocks =
            n->totals[i].peak_bytes = 0;
    for (size_t i = 0; i < start->count; i++) {
        const struct rec_node_totals *before = &start->totals[i];
        struct rec_node_totals *t = an_node_table_at(n, before->node);
        if (t == NULL || t->allocations < before->allocations)
            return failure_set(f, "the recording contradicts itself: its totals shrink");
        t->allocations -= before->allocations;
        t->allocated_bytes -= before->allocated_bytes;
        t->temporary -= before->temporary;
        t->temporary_bytes -= before->temporary_bytes;
        t->failed -= before->failed;
    }
    for (size_t i = 0; i < end->left_count; i++) {
        struct rec_node_totals *t = an_node_table_at(n, end->left[i].node);
        if (t == NULL) return failure_set(f, "the recording names an unknown call stack");
        t->live_blocks++;
        t->live_bytes += end->left[i].size;
    }
    for (size_t i = 0; i < peak->share_count; i++) {
        const struct rec_node_totals *share = &peak->shares[i];
        if (share->peak_blocks == 0) continue;
        struct rec_node_totals *t = an_node_table_at(n, share->node);
        if (t == NULL) return failure_set(f, "the recording names an unknown call stack");
        t->peak_blocks = share->peak_blocks;
        t->peak_bytes = share->peak_bytes;
    }
    out->entries = out->owned = an_node_table_take(n, &out->count);
    /* What was alive when the range began may be older than it. */
    out->peak_tick = peak->peak.tick > out->from_tick ? peak->peak.tick : out->from_tick;
    out->events = end->event - start->event;
    an_profile_sum(out);
    uint64_t births = out->sum.allocations;
    out->frees = start->live_blocks + births - end->live_blocks;
    out->freed_bytes = start->live_bytes + out->sum.allocated_bytes - end->live_bytes;
    /* A reallocation is one event that ends a block and bears one. Where frees of unknown blocks
     * happened their number within the range is not known, and so the difference is not either. */
    out->reallocations = rec_totals(r)->unknown_frees > 0
                             ? AN_UNKNOWN
                             : births + out->frees + out->sum.failed - out->events;
    return 0;
}

/* Start and end lie so near that one replay gives both, and the peak with them. */
static int answer_in_one(struct range_start *start, struct range_end *end,
                         struct an_range_peak *peak, struct rec_file *r, uint64_t from, uint64_t to,
                         struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, r, at(from), at(to), f) != 0) return -1;
    int failed = an_replay_run(&p, at(from), f) || start_of_replay(start, &p, f) ||
                 an_replay_watch_peak(&p, f) || an_replay_run(&p, at(to), f);
    if (!failed) {
        an_replay_settle_peak(&p);
        peak->peak = p.peak;
        peak->shares = malloc((p.nodes.count + 1) * sizeof *peak->shares);
        if (peak->shares == NULL) failed = failure_set(f, "cannot list the peak: out of memory");
    }
    if (!failed) {
        peak->share_count = p.nodes.count;
        if (p.nodes.count > 0)
            memcpy(peak->shares, p.nodes.totals, p.nodes.count * sizeof *peak->shares);
        failed = end_of_replay(end, &p, start->next_block, f);
    }
    an_replay_release(&p);
    return failed ? -1 : 0;
}

static int answer_apart(struct range_start *start, struct range_end *end, struct an_range_peak *peak,
                        struct rec_file *r, uint64_t from, uint64_t to, struct failure *f) {
    struct an_range_peak at_start = {0};
    struct an_replay p;
    if (from > 0) {
        if (an_replay_start(&p, r, at(from), at(from), f) != 0) return -1;
        int failed = an_replay_run(&p, at(from), f) || start_of_replay(start, &p, f) ||
                     peak_at_start(&at_start, &p, f);
        an_replay_release(&p);
        if (failed) return -1;
    }
    const struct rec_totals *t = rec_totals(r);
    if (t->peak_tick >= from && t->peak_tick < to) {
        an_range_peak_release(&at_start);
        if (peak_of_recording(peak, r, f) != 0) return -1;
    } else if (an_range_peak_find(peak, r, from, to, at_start, f) != 0) {
        return -1;
    }
    if (to > t->duration_ms) return end_of_recording(end, r, start->next_block, f);
    if (an_replay_start(&p, r, at(to), at(to), f) != 0) return -1;
    int failed = an_replay_run(&p, at(to), f) || end_of_replay(end, &p, start->next_block, f);
    an_replay_release(&p);
    return failed ? -1 : 0;
}

int an_answer_range(struct an_profile *out, struct rec_file *r, uint64_t from, uint64_t to,
                    struct failure *f) {
    memset(out, 0, sizeof *out);
    struct range_start start = {0};
    struct range_end end = {0};
    struct an_range_peak peak = {0};
    out->from_tick = from;
    out->to_tick = to;
    int near = to <= rec_totals(r)->duration_ms &&
               an_replay_snapshot(r, at(from)) == an_replay_snapshot(r, at(to));
    int failed = near ? answer_in_one(&start, &end, &peak, r, from, to, f)
                      : answer_apart(&start, &end, &peak, r, from, to, f);
    if (!failed) failed = assemble(out, r, &start, &end, &peak, f);
    free(start.totals);
    range_end_release(&end);
    an_range_peak_release(&peak);
    if (failed) an_profile_release(out);
    return failed ? -1 : 0;
}
