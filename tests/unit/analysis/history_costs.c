/* SPDX-License-Identifier: MIT
 * Answers to whole questions by definition: every cost is told from the life of each block. See
 * history.h, and question.h for what the costs mean. */
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "history.h"

static struct an_costs *node(struct history_costs *out, uint32_t n) {
    for (size_t i = 0; i < out->count; i++)
        if (out->nodes[i].node == n) return &out->nodes[i];
    CHECK(out->count < 64);
    out->nodes[out->count] = an_costs_none(n);
    return &out->nodes[out->count++];
}

static int within(const struct an_bounds *b, uint64_t value) {
    return b == NULL || (value >= b->min && (b->max == AN_NO_BOUND || value <= b->max));
}

static int lives_long_enough(const struct history_story *s, const struct an_bounds *bounds,
                             const struct history_block *b) {
    if (bounds == NULL) return 1;
    if (b->end == SIZE_MAX) return bounds->max == AN_NO_BOUND;
    return within(bounds, s->events[b->end].tick - s->events[b->birth].tick);
}

size_t history_events_before(const struct history_story *s, uint64_t tick) {
    size_t count = 0;
    while (count < s->event_count && s->events[count].tick < tick) count++;
    return count;
}

void history_range(const struct history_story *s, const struct an_question *q, size_t *first,
                   size_t *end, size_t *at) {
    *first = history_events_before(s, q->from_tick);
    *end = history_events_before(s, q->to_tick == 0 ? AN_END : q->to_tick);
    *at = history_events_before(s, q->alive_tick);
    if (q->from_event != 0) *first = q->from_event;
    if (q->to_event != 0) *end = q->to_event;
    if (q->alive_event != 0) *at = q->alive_event;
    if (q->alive_tick == 0) *at = *end;
}

int history_passes(const struct history_story *s, const struct an_question *q,
                   const struct history_block *b) {
    return (q->threads == NULL || q->threads[b->thread]) && within(q->size, b->size) &&
           lives_long_enough(s, q->lifetime, b);
}

static int by_node(const void *a, const void *b) {
    return (int)((const struct an_costs *)a)->node - (int)((const struct an_costs *)b)->node;
}

/* What one block adds. All moments are numbers of events. */
static void add_block(struct an_costs *n, const struct history_story *s, const struct history_block *b,
                      size_t first, size_t end, size_t at, size_t peak, const struct an_question *q) {
    uint32_t tick = (uint32_t)s->events[b->birth].tick;
    int born = b->birth >= first && b->birth < end, ended = b->end >= first && b->end < end;
    int alive = b->birth < at && b->end >= at;
    if (born) {
        n->allocations++;
        n->allocated_bytes += b->size;
        if (q->times == AN_TIMES_FIND && tick < n->first_tick) n->first_tick = tick;
        if (q->times == AN_TIMES_FIND && tick > n->last_tick) n->last_tick = tick;
    }
    if (ended) {
        n->freed_blocks++;
        n->freed_bytes += b->size;
    }
    if (ended && history_is_temporary(s, b)) {
        n->temporary++;
        n->temporary_bytes += b->size;
    }
    if (alive) {
        n->alive_blocks++;
        n->alive_bytes += b->size;
    }
    if (born && alive) {
        n->leaked_blocks++;
        n->leaked_bytes += b->size;
    }
    if (born && b->end >= end && b->end != SIZE_MAX) {
        n->later_blocks++;
        n->later_bytes += b->size;
    }
    if (q->peak == AN_PEAK_FIND && b->birth < peak && b->end >= peak) {
        n->peak_blocks++;
        n->peak_bytes += b->size;
    }
}

static int is_zero(const struct an_costs *n) {
    return n->allocations + n->failed + n->temporary + n->freed_blocks + n->alive_blocks +
               n->leaked_blocks + n->later_blocks + n->peak_blocks == 0;
}

void history_costs(struct history_costs *out, struct rec_file *r, const struct an_question *q) {
    struct history_story s = {0};
    uint64_t peak_bytes;
    size_t first, end, at;
    history_tell(&s, r);
    memset(out, 0, sizeof *out);
    out->all = an_costs_none(0);
    history_range(&s, q, &first, &end, &at);
    size_t peak = history_peak(&s, first, end, &peak_bytes);
    for (size_t i = 0; i < s.block_count; i++) {
        const struct history_block *b = &s.blocks[i];
        if (q->threads != NULL && !q->threads[b->thread]) continue;
        add_block(&out->all, &s, b, first, end, at, peak, q);
        if (history_passes(&s, q, b))
            add_block(node(out, b->node), &s, b, first, end, at, peak, q);
    }
    for (size_t i = first; i < end; i++) {
        const struct history_event *e = &s.events[i];
        if (q->threads != NULL && !q->threads[e->thread]) continue;
        out->events++;
        if (e->e.kind == REC_FREE || e->e.kind == REC_REALLOC) {
            out->frees++;
            out->freed_bytes += s.blocks[e->e.block].size;
        }
        out->reallocations += e->e.kind == REC_REALLOC;
        out->all.failed += e->e.kind == REC_FAILED;
        if (e->e.kind == REC_FAILED && q->lifetime == NULL && within(q->size, e->e.size))
            node(out, e->e.node)->failed++;
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (!is_zero(&out->nodes[i])) out->nodes[kept++] = out->nodes[i];
    out->count = kept;
    qsort(out->nodes, out->count, sizeof out->nodes[0], by_node);
    history_story_release(&s);
}

static unsigned next(unsigned *state) {
    *state = *state * 1103515245u + 12345u;
    return *state >> 16 & 0x7fff;
}

/* Bounds at moments between two events, as marks have them. */
static void add_marks(struct an_question *q, struct rec_file *r, unsigned *state) {
    struct history_story s = {0};
    history_tell(&s, r);
    if (s.event_count > 3 && next(state) % 2 == 0) {
        size_t first = 1 + next(state) % (s.event_count - 2);
        size_t end = first + 1 + next(state) % (s.event_count - first);
        size_t at = 1 + next(state) % s.event_count;
        unsigned which = next(state) % 8;
        if (which & 1) {
            q->from_event = first;
            q->from_tick = s.events[first - 1].tick;
            if (q->to_tick != 0 && q->to_tick <= q->from_tick) q->to_tick = q->from_tick + 1;
        }
        if ((which & 2) && s.events[end - 1].tick >= q->from_tick) {
            q->to_event = end;
            q->to_tick = s.events[end - 1].tick + 1;
        }
        if (which & 4) {
            q->alive_event = at;
            q->alive_tick = s.events[at - 1].tick + 1;
        }
    }
    history_story_release(&s);
}

void history_random_question(struct history_question *out, struct rec_file *r, unsigned *state) {
    unsigned end = (unsigned)rec_totals(r)->duration_ms + 1;
    size_t thread_count;
    rec_threads(r, &thread_count);
    memset(out, 0, sizeof *out);
    out->size.min = 10 + next(state) % 60;
    out->lifetime.min = next(state) % 5;
    out->size.max = next(state) % 3 == 0 ? AN_NO_BOUND : out->size.min + next(state) % 40;
    out->lifetime.max = next(state) % 3 == 0 ? AN_NO_BOUND : out->lifetime.min + next(state) % 8;
    out->threads[next(state) % thread_count] = 1;
    struct an_question *q = &out->question;
    if (next(state) % 4 != 0) q->from_tick = next(state) % end;
    if (next(state) % 3 != 0) q->to_tick = q->from_tick + 1 + next(state) % end;
    if (next(state) % 2 != 0) q->alive_tick = next(state) % (end + 3);
    add_marks(q, r, state);
    if (next(state) % 3 == 0) q->threads = out->threads;
    if (next(state) % 2 == 0) q->size = &out->size;
    if (next(state) % 2 == 0) q->lifetime = &out->lifetime;
    if (next(state) % 2 == 0) q->times = AN_TIMES_FIND;
    if (next(state) % 4 == 0) q->peak = AN_PEAK_SKIP;
}
