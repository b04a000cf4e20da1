/* SPDX-License-Identifier: MIT
 * Answers a question about some threads: one pass over all events up to the end of the range, which
 * looks at births in order of block number beside the sorted lists of the blocks that were alive at
 * the peak and at the end. */
#include <stdlib.h>
#include <string.h>

#include "analysis/chunk_stream.h"
#include "analysis/cost_table.h"
#include "analysis/question.h"
#include "analysis/range_peak.h"
#include "analysis/state_replay.h"

/* Blocks by number, and how far a pass in that order has come. */
struct block_list {
    struct an_block *blocks;
    size_t count, at;
};

static const struct an_block *list_pass(struct block_list *l, uint64_t block) {
    while (l->at < l->count && l->blocks[l->at].block < block) l->at++;
    return l->at < l->count && l->blocks[l->at].block == block ? &l->blocks[l->at] : NULL;
}

/* The last birth of each thread that is asked about, to tell temporary blocks. */
struct last_birth {
    uint64_t block, size;
    uint32_t node;
};

struct pass {
    const struct an_question *question;
    const uint8_t *threads;
    size_t thread_count;
    uint64_t from, tick, next_block, events, frees;
    uint32_t thread;
    struct an_cost_table nodes;
    struct block_list at_peak, at_end;
    struct last_birth *last;
};

/* The blocks alive at a moment. */
static int alive_at(struct block_list *l, struct rec_file *r, struct an_moment m, struct failure *f) {
    struct an_replay p;
    if (an_replay_start(&p, r, m, m, NULL, f) != 0) return -1;
    int failed = an_replay_run(&p, m, f);
    if (!failed) l->blocks = an_live_collect(&p.live, 0, &l->count);
    if (!failed && l->blocks == NULL && l->count > 0)
        failed = failure_set(f, "cannot list the living blocks: out of memory");
    an_replay_release(&p);
    return failed ? -1 : 0;
}

static int alive_at_end(struct block_list *l, struct rec_file *r, uint64_t to, struct failure *f) {
    if (to <= rec_totals(r)->duration_ms)
        return alive_at(l, r, (struct an_moment){to, UINT64_MAX}, f);
    size_t count = 0;
    const struct rec_live_block *leaked = rec_leaked(r, &count, f);
    if (leaked == NULL && rec_totals(r)->leaked_blocks > 0) return -1;
    l->blocks = malloc((count + 1) * sizeof *l->blocks);
    if (l->blocks == NULL) return failure_set(f, "cannot list the leaks: out of memory");
    for (size_t i = 0; i < count; i++)
        l->blocks[l->count++] = (struct an_block){
            .block = leaked[i].block, .size = leaked[i].size, .node = leaked[i].node};
    return 0;
}

/* The moment of the peak of the whole process within the range. */
static int find_peak(struct an_peak *peak, struct rec_file *r, uint64_t from, uint64_t to,
                     struct failure *f) {
    const struct rec_totals *t = rec_totals(r);
    if (t->peak_tick >= from && t->peak_tick < to) {
        *peak = (struct an_peak){t->peak_bytes, t->peak_blocks, t->peak_tick, t->peak_event};
        return 0;
    }
    struct an_range_peak start = {0}, found;
    if (from > 0) {
        struct an_replay p;
        struct an_moment m = {from, UINT64_MAX};
        if (an_replay_start(&p, r, m, m, NULL, f) != 0) return -1;
        int failed = an_replay_run(&p, m, f);
        start.peak = (struct an_peak){p.live_bytes, p.live_blocks, p.tick, p.event};
        an_replay_release(&p);
        if (failed) return -1;
    }
    if (an_range_peak_find(&found, r, from, to, start, NULL, f) != 0) return -1;
    *peak = found.peak;
    an_range_peak_release(&found);
    return 0;
}

static int unknown(uint64_t number, const char *what, struct failure *f) {
    return failure_set(f, "the recording names %s %llu, which does not exist; "
                          "`heapwise fsck` tells what is damaged",
                       what, (unsigned long long)number);
}

static int bear(struct pass *p, const struct rec_event *e, int in_range, struct failure *f) {
    uint64_t block = p->next_block++;
    const struct an_block *peak = list_pass(&p->at_peak, block);
    const struct an_block *left = list_pass(&p->at_end, block);
    p->last[p->thread] = (struct last_birth){block, e->size, e->node};
    if (!p->threads[p->thread] || (!in_range && peak == NULL)) return 0;
    struct an_costs *t = an_cost_table_at(&p->nodes, e->node);
    if (t == NULL) return unknown(e->node, "call stack", f);
    if (in_range) {
        t->allocations++;
        t->allocated_bytes += e->size;
    }
    if (peak != NULL) {
        t->peak_blocks++;
        t->peak_bytes += e->size;
    }
    if (in_range && left != NULL) {
        t->leaked_blocks++;
        t->leaked_bytes += e->size;
    }
    return 0;
}

static int end(struct pass *p, uint64_t block, int in_range, struct failure *f) {
    const struct last_birth *last = &p->last[p->thread];
    if (!in_range || !p->threads[p->thread]) return 0;
    p->frees++;
    if (last->block != block) return 0;
    struct an_costs *t = an_cost_table_at(&p->nodes, last->node);
    if (t == NULL) return unknown(last->node, "call stack", f);
    t->temporary++;
    t->temporary_bytes += last->size;
    return 0;
}

static int fail(struct pass *p, const struct rec_event *e, int in_range, struct failure *f) {
    if (!in_range || !p->threads[p->thread]) return 0;
    struct an_costs *t = an_cost_table_at(&p->nodes, e->node);
    if (t == NULL) return unknown(e->node, "call stack", f);
    t->failed++;
    return 0;
}

/* One event that is neither THREAD nor TICK. */
static int pass_event(struct pass *p, const struct rec_event *e, uint64_t *reallocations,
                      struct failure *f) {
    int in_range = p->tick >= p->from;
    if (p->thread >= p->thread_count) return unknown(p->thread, "thread", f);
    int counted = in_range && p->threads[p->thread];
    p->events += (unsigned)counted;
    switch (e->kind) {
    case REC_ALLOC: return bear(p, e, in_range, f);
    case REC_REALLOC:
        if (e->block != REC_NO_BLOCK) {
            *reallocations += (unsigned)counted;
            if (end(p, e->block, in_range, f) != 0) return -1;
        }
        return bear(p, e, in_range, f);
    case REC_FREE:
        if (end(p, e->block, in_range, f) != 0) return -1;
        p->last[p->thread].block = REC_NO_BLOCK;
        return 0;
    case REC_FAILED: return fail(p, e, in_range, f);
    default: p->last[p->thread].block = REC_NO_BLOCK; return 0;
    }
}

/* Passes all events with a tick before `to`. */
static int pass_events(struct pass *p, struct rec_file *r, uint64_t to, uint64_t *reallocations,
                       struct failure *f) {
    struct an_stream *s;
    const struct rec_chunk *chunk;
    const struct rec_event *records;
    size_t count;
    const struct rec_chunk *chunks = rec_chunks(r, &count);
    size_t last = 0;
    while (last < count && (last == 0 || chunks[last - 1].last_tick < to)) last++;
    if (an_stream_open(&s, r, 0, last, NULL, f) != 0) return -1;
    int more;
    int failed = 0;
    while (!failed && (more = an_stream_next(s, &chunk, &records, f)) != 0) {
        if (more < 0) {
            failed = -1;
            break;
        }
        if (p->question->progress != NULL)
            p->question->progress(p->question->progress_context, (size_t)(chunk - chunks), last);
        for (size_t i = 0; !failed && i < chunk->records; i++) {
            const struct rec_event *e = &records[i];
            if (e->kind == REC_THREAD) {
                p->thread = (uint32_t)e->size;
            } else if (e->kind == REC_TICK) {
                p->tick = e->size;
                if (p->tick >= to) goto done;
            } else {
                failed = pass_event(p, e, reallocations, f);
            }
        }
    }
done:
    an_stream_close(s);
    return failed ? -1 : 0;
}

static int pass_init(struct pass *p, struct rec_file *r, struct failure *f) {
    size_t node_count;
    if (rec_nodes(r, &node_count, f) == NULL) return -1;
    if (an_cost_table_init(&p->nodes, node_count, f) != 0) return -1;
    rec_threads(r, &p->thread_count);
    p->last = malloc((p->thread_count + 1) * sizeof *p->last);
    if (p->last == NULL) return failure_set(f, "cannot follow threads: out of memory");
    for (size_t i = 0; i < p->thread_count; i++)
        p->last[i] = (struct last_birth){REC_NO_BLOCK, 0, 0};
    return 0;
}

int an_answer_threads(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                      struct failure *f) {
    memset(out, 0, sizeof *out);
    uint64_t from = q->from_tick, to = q->to_tick == 0 ? AN_END : q->to_tick;
    struct pass p = {.question = q, .threads = q->threads, .from = from};
    struct an_peak peak = {0};
    uint64_t reallocations = 0;
    int failed = pass_init(&p, r, f) || find_peak(&peak, r, from, to, f) ||
                 alive_at(&p.at_peak, r, (struct an_moment){UINT64_MAX, peak.event}, f) ||
                 alive_at_end(&p.at_end, r, to, f) || pass_events(&p, r, to, &reallocations, f);
    if (!failed) {
        out->entries = an_cost_table_take(&p.nodes, &out->count);
        out->from_tick = from;
        out->to_tick = to;
        out->peak_tick = peak.tick > from ? peak.tick : from;
        out->frees = p.frees;
        out->freed_bytes = AN_UNKNOWN;
        out->reallocations = reallocations;
        out->events = p.events;
    }
    an_cost_table_release(&p.nodes);
    free(p.at_peak.blocks);
    free(p.at_end.blocks);
    free(p.last);
    return failed ? -1 : 0;
}
