/* SPDX-License-Identifier: MIT
 * Digests a chunk. See life_digest.h. */
#include "analysis/life_digest.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 128
#define NOTHING_YET (UINT64_MAX - 1) /* of a thread: no event in this chunk so far */

struct run {
    struct an_digest *out;
    struct an_digester *x;
    struct failure *f;
    uint64_t first_block, next_block, event;
    uint32_t thread, tick;
    struct an_life batch[BATCH];
    size_t batch_count;
};

void an_digest_release(struct an_digest *d) {
    free(d->ends);
    free(d->left);
    free(d->lasts);
    memset(d, 0, sizeof *d);
}

void an_digester_release(struct an_digester *x) {
    free(x->blocks);
    free(x->last_of);
    x->blocks = NULL;
    x->last_of = NULL;
}

static int out_of_memory(struct failure *f) {
    return failure_set(f, "cannot follow the blocks of a chunk: out of memory");
}

static int reserve(void **array, size_t *capacity, size_t wanted, size_t entry, struct failure *f) {
    if (wanted <= *capacity) return 0;
    size_t larger = wanted + wanted / 2 + 256;
    void *grown = realloc(*array, larger * entry);
    if (grown == NULL) return out_of_memory(f);
    *array = grown;
    *capacity = larger;
    return 0;
}

static int flush(struct run *r) {
    const struct an_lives_taker *t = r->x->taker;
    size_t count = r->batch_count;
    r->batch_count = 0;
    return count > 0 && t->lives != NULL ? t->lives(t->context, r->x->lane, r->batch, count, r->f)
                                         : 0;
}

static int bear(struct run *r, const struct rec_event *e) {
    r->x->blocks[r->next_block - r->first_block] = (struct an_local_block){
        .size = e->size, .event = r->event, .node = e->node, .thread = r->thread, .tick = r->tick};
    r->x->last_of[r->thread] = r->next_block++;
    return 0;
}

static int end_old(struct run *r, uint64_t block, int moved) {
    struct an_digest *d = r->out;
    if (reserve((void **)&d->ends, &d->end_capacity, d->end_count + 1, sizeof *d->ends, r->f) != 0)
        return -1;
    d->ends[d->end_count++] = (struct an_old_end){.block = block,
                                                  .event = r->event,
                                                  .thread = r->thread,
                                                  .tick = r->tick,
                                                  .moved = (uint8_t)moved,
                                                  .first = r->x->last_of[r->thread] == NOTHING_YET};
    return 0;
}

static int end(struct run *r, uint64_t block, int moved) {
    if (block < r->first_block) return end_old(r, block, moved);
    struct an_local_block *b = block < r->next_block ? &r->x->blocks[block - r->first_block] : NULL;
    if (b == NULL || b->ended)
        return failure_set(
            r->f,
            "event %llu of the recording cannot be true: it ends a block that is not "
            "alive, number %llu; `heapwise fsck` tells what is damaged",
            (unsigned long long)r->event, (unsigned long long)block);
    b->ended = 1;
    uint32_t flags = AN_LIFE_ENDED;
    if (moved) flags |= AN_LIFE_MOVED;
    if (r->x->last_of[r->thread] == block) flags |= AN_LIFE_TEMPORARY;
    if (an_life_at(r->x->span->mark, b->event, r->event)) flags |= AN_LIFE_AT_MARK;
    r->batch[r->batch_count++] = (struct an_life){.block = block,
                                                  .size = b->size,
                                                  .birth_event = b->event,
                                                  .end_event = r->event,
                                                  .node = b->node,
                                                  .thread = b->thread,
                                                  .birth_tick = b->tick,
                                                  .end_thread = r->thread,
                                                  .end_tick = r->tick,
                                                  .flags = flags};
    return r->batch_count == BATCH ? flush(r) : 0;
}

static int odd(struct run *r, const struct rec_event *e) {
    const struct an_lives_taker *t = r->x->taker;
    struct an_odd_event o = {
        .size = e->size, .event = r->event, .node = e->node, .thread = r->thread, .tick = r->tick,
        .kind = e->kind};
    return t->odd != NULL ? t->odd(t->context, r->x->lane, &o, r->f) : 0;
}

static int take_event(struct run *r, const struct rec_event *e) {
    r->event++;
    switch (e->kind) {
    case REC_ALLOC:
        return bear(r, e);
    case REC_REALLOC:
        if (e->block != REC_NO_BLOCK && end(r, e->block, 1) != 0) return -1;
        return bear(r, e);
    case REC_FREE:
        if (end(r, e->block, 0) != 0) return -1;
        r->x->last_of[r->thread] = REC_NO_BLOCK;
        return 0;
    case REC_FAILED:
        return odd(r, e);
    default:
        r->x->last_of[r->thread] = REC_NO_BLOCK;
        return odd(r, e);
    }
}

static int take_events(struct run *r, const struct rec_event *records, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct rec_event *e = &records[i];
        if (e->kind == REC_THREAD) {
            if (e->size >= r->x->thread_count)
                return failure_set(r->f, "the recording names thread %llu, but has only %zu",
                                   (unsigned long long)e->size, r->x->thread_count);
            r->thread = (uint32_t)e->size;
        } else if (e->kind == REC_TICK) {
            if (e->size >= r->x->span->to_tick) return 0;
            r->tick = an_life_tick(e->size);
        } else if (take_event(r, e) != 0) {
            return -1;
        }
    }
    return 0;
}

/* What the chunk leaves: blocks alive, and each thread's last event. */
static int leave(struct run *r) {
    struct an_digest *d = r->out;
    struct an_digester *x = r->x;
    size_t births = (size_t)(r->next_block - r->first_block);
    for (size_t i = 0; i < births; i++) {
        const struct an_local_block *b = &x->blocks[i];
        if (b->ended) continue;
        if (reserve((void **)&d->left, &d->left_capacity, d->left_count + 1, sizeof *d->left,
                    r->f) != 0)
            return -1;
        uint32_t flags = an_life_at(x->span->mark, b->event, UINT64_MAX) ? AN_LIFE_AT_MARK : 0;
        d->left[d->left_count++] = (struct an_life){.block = r->first_block + i,
                                                    .size = b->size,
                                                    .birth_event = b->event,
                                                    .node = b->node,
                                                    .thread = b->thread,
                                                    .birth_tick = b->tick,
                                                    .flags = flags};
    }
    for (size_t i = 0; i < x->thread_count; i++) {
        if (x->last_of[i] == NOTHING_YET) continue;
        if (reserve((void **)&d->lasts, &d->last_capacity, d->last_count + 1, sizeof *d->lasts,
                    r->f) != 0)
            return -1;
        d->lasts[d->last_count++] = (struct an_last_event){x->last_of[i], (uint32_t)i};
    }
    return 0;
}

int an_digest_chunk(struct an_digest *out, struct an_digester *x, const struct rec_chunk *chunk,
                    const struct rec_event *records, struct failure *f) {
    out->end_count = out->left_count = out->last_count = 0;
    struct run r = {.out = out,
                    .x = x,
                    .f = f,
                    .first_block = chunk->first_block,
                    .next_block = chunk->first_block,
                    .event = chunk->first_event,
                    .thread = chunk->first_thread,
                    .tick = an_life_tick(chunk->first_tick)};
    if (chunk->first_thread >= x->thread_count)
        return failure_set(f, "the recording names thread %u, but has only %zu",
                           chunk->first_thread, x->thread_count);
    if (x->last_of == NULL) x->last_of = malloc(x->thread_count * sizeof *x->last_of);
    if (x->last_of == NULL) return out_of_memory(f);
    for (size_t i = 0; i < x->thread_count; i++)
        x->last_of[i] = NOTHING_YET;
    if (reserve((void **)&x->blocks, &x->block_capacity, chunk->records, sizeof *x->blocks, f) != 0)
        return -1;
    if (chunk->first_tick >= x->span->to_tick) return 0;
    return take_events(&r, records, chunk->records) || flush(&r) || leave(&r) ? -1 : 0;
}
