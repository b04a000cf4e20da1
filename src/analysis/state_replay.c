/* SPDX-License-Identifier: MIT
 * Replays events and keeps the state they lead to. See state_replay.h. */
#include "analysis/state_replay.h"

#include <stdlib.h>
#include <string.h>

static int chunk_is_before(const struct rec_chunk *c, struct an_moment m) {
    return c->last_tick < m.tick && c->first_event + c->events <= m.event;
}

/* The number of chunks that hold an event before `m`, or at its place. */
static size_t chunk_end(const struct rec_chunk *chunks, size_t count, struct an_moment m) {
    size_t end = 0;
    while (end < count && chunk_is_before(&chunks[end], m)) end++;
    return end < count ? end + 1 : count;
}

long an_replay_snapshot(const struct rec_file *r, struct an_moment m) {
    size_t count;
    const struct rec_snapshot *snapshots = rec_snapshots(r, &count);
    long best = -1;
    for (size_t i = 0; i < count; i++)
        if (snapshots[i].tick < m.tick && snapshots[i].event <= m.event) best = (long)i;
    return best;
}

static int load_snapshot(struct an_replay *p, long snapshot, size_t *chunk, struct failure *f) {
    size_t count, chunk_count;
    const struct rec_snapshot *s = &rec_snapshots(p->file, &count)[snapshot];
    const struct rec_chunk *chunks = rec_chunks(p->file, &chunk_count);
    struct rec_node_totals *nodes = NULL;
    struct rec_live_block *blocks = NULL;
    size_t node_count = 0, block_count = 0;
    if (rec_snapshot_load(p->file, (size_t)snapshot, &nodes, &node_count, &blocks, &block_count,
                          f) != 0)
        return -1;
    for (size_t i = 0; i < block_count; i++) p->live_bytes += blocks[i].size;
    p->live_blocks = block_count;
    p->event = s->event;
    p->next_block = s->first_block;
    p->tick = s->tick;
    p->thread = s->chunk < chunk_count ? chunks[s->chunk].first_thread : 0;
    *chunk = s->chunk;
    int failed = an_live_init(&p->live, blocks, block_count, s->first_block, f) ||
                 an_node_table_load(&p->nodes, nodes, node_count, f);
    free(nodes);
    return failed ? -1 : 0;
}

int an_replay_start(struct an_replay *p, struct rec_file *r, struct an_moment first,
                    struct an_moment last, const struct an_watch *watch, struct failure *f) {
    memset(p, 0, sizeof *p);
    p->file = r;
    size_t node_count, chunk_count, chunk = 0;
    const struct rec_node *nodes = rec_nodes(r, &node_count, f);
    if (nodes == NULL) return -1;
    if (an_node_table_init(&p->nodes, node_count, f) != 0) return -1;
    long snapshot = an_replay_snapshot(r, first);
    int failed = snapshot >= 0 ? load_snapshot(p, snapshot, &chunk, f)
                               : an_live_init(&p->live, NULL, 0, 0, f);
    const struct rec_chunk *chunks = rec_chunks(r, &chunk_count);
    if (!failed) failed = an_last_births_init(&p->births, r, chunk, f);
    if (!failed)
        failed = an_stream_open(&p->stream, r, chunk, chunk_end(chunks, chunk_count, last), watch, f);
    if (!failed) return 0;
    an_replay_release(p);
    return -1;
}

void an_replay_release(struct an_replay *p) {
    an_stream_close(p->stream);
    an_node_table_release(&p->nodes);
    an_live_release(&p->live);
    an_last_births_release(&p->births);
    free(p->epochs);
    memset(p, 0, sizeof *p);
}

/* Makes room for the epoch of every slot that the node table has room for. New nodes have epoch 0,
 * and hold nothing at any peak before their first event. */
static int reserve_epochs(struct an_replay *p) {
    if (p->epoch_capacity >= p->nodes.capacity) return 0;
    uint32_t *grown = realloc(p->epochs, p->nodes.capacity * sizeof *grown);
    if (grown == NULL) return -1;
    memset(grown + p->epoch_capacity, 0,
           (p->nodes.capacity - p->epoch_capacity) * sizeof *grown);
    p->epochs = grown;
    p->epoch_capacity = p->nodes.capacity;
    return 0;
}

int an_replay_watch_peak(struct an_replay *p, struct failure *f) {
    if (reserve_epochs(p) != 0) return failure_set(f, "cannot follow the peak: out of memory");
    if (p->epochs != NULL) memset(p->epochs, 0, p->epoch_capacity * sizeof *p->epochs);
    p->watching = 1;
    p->peak_epoch = 1;
    p->peak = (struct an_peak){p->live_bytes, p->live_blocks, p->tick, p->event};
    return 0;
}

void an_replay_settle_peak(struct an_replay *p) {
    for (size_t slot = 0; slot < p->nodes.count; slot++) {
        if (p->epochs != NULL && p->epochs[slot] == p->peak_epoch) continue;
        struct rec_node_totals *t = &p->nodes.totals[slot];
        t->peak_bytes = t->live_bytes;
        t->peak_blocks = t->live_blocks;
    }
    p->watching = 0;
}

static struct rec_node_totals *touch(struct an_replay *p, uint32_t node) {
    struct rec_node_totals *t = an_node_table_at(&p->nodes, node);
    if (t == NULL || !p->watching) return t;
    if (p->epoch_capacity < p->nodes.capacity && reserve_epochs(p) != 0) return NULL;
    uint32_t *epoch = &p->epochs[t - p->nodes.totals];
    if (*epoch != p->peak_epoch) {
        *epoch = p->peak_epoch;
        t->peak_bytes = t->live_bytes;
        t->peak_blocks = t->live_blocks;
    }
    return t;
}

static int bad(struct an_replay *p, const char *what, uint64_t number, struct failure *f) {
    return failure_set(f, "event %llu of the recording cannot be true: %s %llu; "
                          "`heapwise fsck` tells what is damaged",
                       (unsigned long long)p->event, what, (unsigned long long)number);
}

static int end_block(struct an_replay *p, uint64_t number, struct failure *f) {
    struct an_block ended;
    if (an_live_end(&p->live, number, &ended) != 0)
        return bad(p, "it ends a block that is not alive, number", number, f);
    int temporary = an_last_births_is(&p->births, p->thread, number, f);
    if (temporary < 0) return -1;
    struct rec_node_totals *t = touch(p, ended.node);
    if (t == NULL) return bad(p, "it ends a block of the unknown call stack", ended.node, f);
    t->live_blocks--;
    t->live_bytes -= ended.size;
    t->temporary += (unsigned)temporary;
    t->temporary_bytes += temporary ? ended.size : 0;
    p->live_blocks--;
    p->live_bytes -= ended.size;
    return 0;
}

static int bear_block(struct an_replay *p, const struct rec_event *e, struct failure *f) {
    struct rec_node_totals *t = touch(p, e->node);
    if (t == NULL) return bad(p, "it names the unknown call stack", e->node, f);
    if (an_live_birth(&p->live, e->size, e->node) != 0)
        return failure_set(f, "cannot replay: out of memory");
    t->allocations++;
    t->allocated_bytes += e->size;
    t->live_blocks++;
    t->live_bytes += e->size;
    p->live_blocks++;
    p->live_bytes += e->size;
    p->births.block[p->thread] = p->next_block++;
    return 0;
}

static int apply(struct an_replay *p, const struct rec_event *e, struct failure *f) {
    if (p->thread >= p->births.thread_count) return bad(p, "it is of thread", p->thread, f);
    p->event++;
    switch (e->kind) {
    case REC_ALLOC: return bear_block(p, e, f);
    case REC_FREE:
        if (end_block(p, e->block, f) != 0) return -1;
        p->births.block[p->thread] = REC_NO_BLOCK;
        return 0;
    case REC_REALLOC:
        if (e->block != REC_NO_BLOCK && end_block(p, e->block, f) != 0) return -1;
        return bear_block(p, e, f);
    case REC_FAILED: {
        struct rec_node_totals *t = touch(p, e->node);
        if (t == NULL) return bad(p, "it names the unknown call stack", e->node, f);
        t->failed++;
        return 0;
    }
    case REC_UNKNOWN_FREE: p->births.block[p->thread] = REC_NO_BLOCK; return 0;
    default: return bad(p, "its kind is", e->kind, f);
    }
}

int an_replay_run(struct an_replay *p, struct an_moment to, struct failure *f) {
    while (p->event < to.event && p->tick < to.tick) {
        if (p->next_record == p->end_record) {
            const struct rec_chunk *chunk;
            int more = an_stream_next(p->stream, &chunk, &p->next_record, f);
            if (more < 0) return -1;
            if (more == 0) {
                p->next_record = p->end_record = NULL;
                return 0;
            }
            p->end_record = p->next_record + chunk->records;
            continue;
        }
        const struct rec_event *e = p->next_record;
        if (e->kind == REC_TICK) {
            if (e->size >= to.tick) return 0;
            p->tick = e->size;
        } else if (e->kind == REC_THREAD) {
            p->thread = (uint32_t)e->size;
        } else {
            if (apply(p, e, f) != 0) return -1;
            if (p->watching && p->live_bytes > p->peak.bytes) {
                p->peak = (struct an_peak){p->live_bytes, p->live_blocks, p->tick, p->event};
                p->peak_epoch++;
            }
        }
        p->next_record++;
    }
    return 0;
}
