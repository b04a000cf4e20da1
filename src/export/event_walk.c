/* SPDX-License-Identifier: MIT
 * Goes through events. See event_walk.h. */
#include "export/event_walk.h"

#include <stdlib.h>

#include "analysis/chunk_stream.h"
#include "analysis/life_costs.h"
#include "analysis/passing.h"
#include "analysis/pending_blocks.h"
#include "recording/reader.h"

struct walk {
    struct ex_export *e;
    const struct ex_event_walk *wanted;
    struct an_pending_blocks alive;
    uint8_t *passes; /* by node; NULL: all */
    size_t node_count, thread_count;
    struct an_question range; /* the question, settled */
    uint64_t tick, event, next_block;
    uint32_t thread;
};

static int birth(struct walk *w, const struct rec_event *x, struct failure *f) {
    uint64_t block = w->next_block++;
    if (!an_in_range(&w->range, w->tick, w->event) || x->node >= w->node_count ||
        w->thread >= w->thread_count)
        return 0;
    if (!an_passes_thread(w->e->question, w->thread) ||
        !an_bounds_hold(w->e->question->size, x->size) ||
        (w->passes != NULL && !w->passes[x->node]))
        return 0;
    struct ex_event event = {block, x->size, w->tick, x->node, w->thread, 0};
    struct an_pending pending = {
        .block = block, .size = x->size, .node = x->node, .thread = w->thread};
    if (w->wanted->birth(w->wanted->context, &event, &pending.flags, f) != 0) return -1;
    return an_pending_add(&w->alive, pending, f);
}

static int end(struct walk *w, uint64_t block, struct failure *f) {
    struct an_pending was;
    if (block == REC_NO_BLOCK || an_pending_take(&w->alive, block, &was) != 0) return 0;
    struct ex_event event = {block, was.size, w->tick, was.node, w->thread, was.flags};
    return w->wanted->end(w->wanted->context, &event, f);
}

/* Returns 1 when the range has ended. */
static int take(struct walk *w, const struct rec_event *x, struct failure *f) {
    if (x->kind != REC_THREAD && x->kind != REC_TICK && w->event++ >= w->range.to_event) return 1;
    switch (x->kind) {
    case REC_ALLOC:
        return birth(w, x, f);
    case REC_REALLOC:
        return end(w, x->block, f) != 0 ? -1 : birth(w, x, f);
    case REC_FREE:
        return end(w, x->block, f);
    case REC_THREAD:
        w->thread = (uint32_t)x->size;
        return 0;
    case REC_TICK:
        w->tick = x->size;
        return w->tick >= w->range.to_tick;
    default:
        return 0;
    }
}

static int walk_chunks(struct walk *w, struct failure *f) {
    size_t count, first = 0;
    const struct rec_chunk *chunks = rec_chunks(w->e->file, &count), *chunk;
    const struct rec_event *records;
    struct an_stream *stream;
    while (first + 1 < count && chunks[first].last_tick < w->range.from_tick)
        first++;
    if (count == 0) return 0;
    w->next_block = chunks[first].first_block;
    w->tick = chunks[first].first_tick;
    w->event = chunks[first].first_event;
    w->thread = chunks[first].first_thread;
    if (an_stream_open(&stream, w->e->file, first, count, NULL, f) != 0) return -1;
    int more, state = w->tick >= w->range.to_tick;
    while (state == 0 && (more = an_stream_next(stream, &chunk, &records, f)) != 0) {
        if (more < 0) state = -1;
        for (size_t i = 0; state == 0 && i < chunk->records; i++)
            state = take(w, &records[i], f);
    }
    an_stream_close(stream);
    return state < 0 ? -1 : 0;
}

static int refuse(const struct ex_export *e, uint32_t needs, struct failure *f) {
    if (!rec_knows(e->file, needs))
        return failure_set(f,
                           "this format holds every event, and a file of %s does not tell them: "
                           "choose another format",
                           rec_source(e->file)->format);
    if (e->question->lifetime != NULL)
        return failure_set(f, "this format holds events in their order, and cannot be asked for "
                              "blocks by their lifetime: choose another format");
    return 0;
}

int ex_event_walk(struct ex_export *e, const struct ex_event_walk *wanted, struct failure *f) {
    struct walk w = {.e = e, .wanted = wanted, .range = *e->question};
    if (refuse(e, wanted->needs, f) != 0 || an_question_settle(&w.range, e->file, f) != 0 ||
        rec_nodes(e->file, &w.node_count, f) == NULL)
        return -1;
    rec_threads(e->file, &w.thread_count);
    if (an_question_nodes(&w.passes, e->file, e->question, e->frames, f) != 0) return -1;
    int failed = an_pending_init(&w.alive, f);
    if (!failed) {
        failed = walk_chunks(&w, f);
        an_pending_release(&w.alive);
    }
    free(w.passes);
    return failed ? -1 : 0;
}
