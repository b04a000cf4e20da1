/* SPDX-License-Identifier: MIT
 * Follows every block of a span of events. See lives.h. */
#include "analysis/lives.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/last_birth.h"
#include "analysis/life_digest.h"
#include "analysis/life_table.h"
#include "analysis/pending_blocks.h"
#include "analysis/state_replay.h"

#define READER_LANE AN_STREAM_WORKERS_MAX
#define BATCH 128

struct pass {
    struct rec_file *file;
    const struct an_lives_span *span;
    const struct an_lives_taker *taker;
    struct an_digester digesters[AN_STREAM_WORKERS_MAX];
    struct an_digest digests[AN_STREAM_SLOTS_MAX];
    struct an_pending_blocks pending;
    struct an_last_births births;
    size_t first_chunk, end_chunk;
    struct an_life batch[BATCH];
    size_t batch_count;
};

static int digest(void *context, struct an_digest_place place, const struct rec_chunk *chunk,
                  const struct rec_event *records, struct failure *f) {
    struct pass *p = context;
    return an_digest_chunk(&p->digests[place.slot], &p->digesters[place.lane], chunk, records, f);
}

static int flush(struct pass *p, struct failure *f) {
    size_t count = p->batch_count;
    p->batch_count = 0;
    if (count == 0 || p->taker->lives == NULL) return 0;
    return p->taker->lives(p->taker->context, READER_LANE, p->batch, count, f);
}

static int hand_over(struct pass *p, struct an_life life, struct failure *f) {
    p->batch[p->batch_count++] = life;
    return p->batch_count == BATCH ? flush(p, f) : 0;
}

static struct an_life life_of(const struct an_pending *b) {
    return (struct an_life){.block = b->block,
                            .size = b->size,
                            .birth_event = b->birth_event,
                            .node = b->node,
                            .thread = b->thread,
                            .birth_tick = b->birth_tick,
                            .flags = b->flags};
}

static int merge_end(struct pass *p, const struct an_old_end *e, struct failure *f) {
    struct an_pending b;
    if (an_pending_take(&p->pending, e->block, &b) != 0)
        return failure_set(
            f,
            "event %llu of the recording cannot be true: it ends a block that is not "
            "alive, number %llu; `heapwise fsck` tells what is damaged",
            (unsigned long long)e->event, (unsigned long long)e->block);
    int temporary = e->first ? an_last_births_is(&p->births, e->thread, e->block, f) : 0;
    if (temporary < 0) return -1;
    struct an_life life = life_of(&b);
    life.end_thread = e->thread;
    life.end_tick = e->tick;
    life.end_event = e->event;
    life.flags |= AN_LIFE_ENDED;
    if (temporary) life.flags |= AN_LIFE_TEMPORARY;
    if (e->moved) life.flags |= AN_LIFE_MOVED;
    if (e->event <= p->span->mark) life.flags &= ~(uint32_t)AN_LIFE_AT_MARK;
    return hand_over(p, life, f);
}

static int merge(struct pass *p, const struct an_digest *d, struct failure *f) {
    for (size_t i = 0; i < d->end_count; i++)
        if (merge_end(p, &d->ends[i], f) != 0) return -1;
    for (size_t i = 0; i < d->left_count; i++) {
        const struct an_life *l = &d->left[i];
        struct an_pending b = {.block = l->block,
                               .size = l->size,
                               .birth_event = l->birth_event,
                               .node = l->node,
                               .thread = l->thread,
                               .birth_tick = l->birth_tick,
                               .flags = l->flags};
        if (an_pending_add(&p->pending, b, f) != 0) return -1;
    }
    for (size_t i = 0; i < d->last_count; i++)
        p->births.block[d->lasts[i].thread] = d->lasts[i].block;
    return 0;
}

/* The snapshot to begin at brings the blocks that are alive there. */
static int begin(struct pass *p, struct failure *f) {
    size_t count;
    long snapshot =
        p->span->from_tick == 0
            ? -1
            : an_replay_snapshot(p->file, (struct an_moment){p->span->from_tick, UINT64_MAX});
    if (an_pending_init(&p->pending, f) != 0) return -1;
    if (snapshot >= 0) {
        struct rec_node_totals *nodes = NULL;
        struct rec_live_block *blocks = NULL;
        size_t node_count = 0, block_count = 0;
        const struct rec_snapshot *s = &rec_snapshots(p->file, &count)[snapshot];
        if (rec_snapshot_load(p->file, (size_t)snapshot, &nodes, &node_count, &blocks, &block_count,
                              f) != 0)
            return -1;
        free(nodes);
        uint32_t flags = AN_LIFE_OLDER;
        if (p->span->mark != UINT64_MAX) flags |= AN_LIFE_AT_MARK;
        int failed = 0;
        for (size_t i = 0; i < block_count && !failed; i++)
            failed = an_pending_add(&p->pending,
                                    (struct an_pending){.block = blocks[i].block,
                                                        .size = blocks[i].size,
                                                        .node = blocks[i].node,
                                                        .flags = flags},
                                    f);
        free(blocks);
        if (failed) return -1;
        p->first_chunk = s->chunk;
    }
    const struct rec_chunk *chunks = rec_chunks(p->file, &count);
    p->end_chunk = p->first_chunk;
    while (p->end_chunk < count && chunks[p->end_chunk].first_tick < p->span->to_tick)
        p->end_chunk++;
    return an_last_births_init(&p->births, p->file, p->first_chunk, f);
}

static int is_leaked(const struct rec_live_block *leaked, size_t count, uint64_t block) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (leaked[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && leaked[low].block == block;
}

/* Hands over the blocks that have not ended. */
static int finish(struct pass *p, struct failure *f) {
    size_t count = 0;
    const struct rec_live_block *leaked = rec_leaked(p->file, &count, f);
    if (leaked == NULL && rec_totals(p->file)->leaked_blocks > 0) return -1;
    for (size_t i = 0; i <= p->pending.mask; i++) {
        if (p->pending.slots[i].block == AN_NO_PENDING) continue;
        struct an_life life = life_of(&p->pending.slots[i]);
        if (is_leaked(leaked, count, life.block)) life.flags |= AN_LIFE_FOR_EVER;
        if (hand_over(p, life, f) != 0) return -1;
    }
    return flush(p, f);
}

static int run(struct pass *p, const struct an_watch *watch, struct failure *f) {
    struct an_stream *s;
    struct an_stream_work work = {digest, p};
    const struct rec_chunk *chunk;
    const struct rec_event *records;
    size_t count, done = 0;
    const struct rec_chunk *chunks = rec_chunks(p->file, &count);
    if (an_stream_open_working(&s, p->file, p->first_chunk, p->end_chunk, watch, work, f) != 0)
        return -1;
    int more = 0, failed = 0;
    while (!failed && (more = an_stream_next(s, &chunk, &records, f)) > 0) {
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->progress_context, done, p->end_chunk - p->first_chunk);
        done = (size_t)(chunk - chunks) + 1 - p->first_chunk;
        failed = merge(p, &p->digests[an_stream_slot(s)], f);
    }
    an_stream_close(s);
    return failed || more < 0 ? -1 : finish(p, f);
}

int an_lives_pass(struct rec_file *r, const struct an_lives_span *span,
                  const struct an_lives_taker *taker, const struct an_watch *watch,
                  struct failure *f) {
    size_t thread_count;
    if (span->table != NULL) return an_life_table_pass(span->table, span, taker, watch, f);
    rec_threads(r, &thread_count);
    if (thread_count == 0) thread_count = 1;
    struct pass *p = calloc(1, sizeof *p);
    if (p == NULL) return failure_set(f, "cannot follow blocks: out of memory");
    p->file = r;
    p->span = span;
    p->taker = taker;
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++)
        p->digesters[i] = (struct an_digester){
            .span = span, .taker = taker, .lane = i, .thread_count = thread_count};
    int failed = begin(p, f) || run(p, watch, f);
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++)
        an_digester_release(&p->digesters[i]);
    for (unsigned i = 0; i < AN_STREAM_SLOTS_MAX; i++)
        an_digest_release(&p->digests[i]);
    an_pending_release(&p->pending);
    an_last_births_release(&p->births);
    free(p);
    return failed ? -1 : 0;
}
