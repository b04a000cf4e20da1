/* SPDX-License-Identifier: MIT
 * Finds when each call stack allocated first and last in a range: a look at its births, chunk by
 * chunk side by side. */
#include <stdlib.h>
#include <string.h>

#include "analysis/life_costs.h"
#include "analysis/life_digest.h"
#include "analysis/life_table.h"
#include "analysis/question.h"

/* By node; first > last: none. */
struct times {
    uint32_t *first, *last;
};

struct pass {
    const struct an_question *question;
    size_t node_count;
    struct times lanes[AN_STREAM_WORKERS_MAX];
};

static int times_init(struct times *t, size_t node_count, struct failure *f) {
    t->first = malloc((node_count + 1) * sizeof *t->first);
    t->last = calloc(node_count + 1, sizeof *t->last);
    if (t->first == NULL || t->last == NULL)
        return failure_set(f, "cannot note the times of %zu call stacks: out of memory",
                           node_count);
    for (size_t i = 0; i < node_count; i++)
        t->first[i] = AN_NO_TICK;
    return 0;
}

static int digest(void *context, struct an_digest_place place, const struct rec_chunk *chunk,
                  const struct rec_event *records, struct failure *f) {
    struct pass *p = context;
    struct times *t = &p->lanes[place.lane];
    uint64_t tick = chunk->first_tick, event = chunk->first_event;
    if (t->first == NULL && times_init(t, p->node_count, f) != 0) return -1;
    for (size_t i = 0; i < chunk->records; i++) {
        const struct rec_event *e = &records[i];
        if (e->kind == REC_TICK) tick = e->size;
        if (e->kind != REC_TICK && e->kind != REC_THREAD) event++;
        if (e->kind != REC_ALLOC && e->kind != REC_REALLOC) continue;
        if (!an_in_range(p->question, tick, event)) continue;
        if (e->node >= p->node_count)
            return failure_set(f, "the recording names call stack %u, which does not exist",
                               e->node);
        uint32_t own = an_life_tick(tick);
        if (own < t->first[e->node]) t->first[e->node] = own;
        if (own > t->last[e->node]) t->last[e->node] = own;
    }
    return 0;
}

static void put(struct an_profile *out, const struct times *t) {
    for (size_t i = 0; t->first != NULL && i < out->count; i++) {
        struct an_costs *c = &out->entries[i];
        if (t->first[c->node] < c->first_tick) c->first_tick = t->first[c->node];
        if (t->last[c->node] > c->last_tick) c->last_tick = t->last[c->node];
    }
}

static int pass(struct pass *p, struct rec_file *r, struct failure *f) {
    const struct an_question *q = p->question;
    struct an_watch watch = an_question_watch(q);
    struct an_stream_work work = {digest, p};
    struct an_stream *s;
    const struct rec_chunk *chunk;
    const struct rec_event *records;
    size_t count, first = 0, end;
    const struct rec_chunk *chunks = rec_chunks(r, &count);
    while (first < count && chunks[first].last_tick < q->from_tick)
        first++;
    for (end = first; end < count && chunks[end].first_tick < q->to_tick; end++)
        continue;
    if (an_stream_open_working(&s, r, first, end, &watch, work, f) != 0) return -1;
    int more;
    while ((more = an_stream_next(s, &chunk, &records, f)) > 0)
        if (watch.progress != NULL)
            watch.progress(watch.progress_context, (size_t)(chunk - chunks) - first, end - first);
    an_stream_close(s);
    return more;
}

/* The table has those that were born in the range beside one another. */
static int pass_table(struct pass *p, struct failure *f) {
    const struct an_question *q = p->question;
    const struct an_life_table *t = q->lives;
    struct times *times = &p->lanes[0];
    if (times_init(times, p->node_count, f) != 0) return -1;
    size_t from = an_table_tick_index(t, q->from_tick), to = an_table_tick_index(t, q->to_tick);
    for (size_t i = from; i < to; i++) {
        for (size_t b = t->ticks[i].first_block; b < t->ticks[i + 1].first_block; b++) {
            uint32_t node = t->nodes[b] & AN_TABLE_NODE, tick = t->ticks[i].tick;
            if (node >= p->node_count)
                return failure_set(f, "the recording names call stack %u, which does not exist",
                                   node);
            if (times->first[node] == AN_NO_TICK) times->first[node] = tick;
            times->last[node] = tick;
        }
    }
    return 0;
}

int an_find_times(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                  struct failure *f) {
    struct pass p = {.question = q};
    if (rec_nodes(r, &p.node_count, f) == NULL) return -1;
    int failed = q->lives != NULL ? pass_table(&p, f) : pass(&p, r, f);
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++) {
        if (!failed) put(out, &p.lanes[i]);
        free(p.lanes[i].first);
        free(p.lanes[i].last);
    }
    return failed ? -1 : 0;
}
