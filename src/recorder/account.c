/* SPDX-License-Identifier: MIT
 * Accounts for one event: the live heap, the totals, the peak, and the recording.
 *
 * With several threads the end of a block may be met after the next birth at its address (a realloc
 * is recorded after its real call; its old address may have a new owner by then). The birth then
 * ends the old block at once and notes that an end is owed. An end at that address pays the debt
 * when it was made before the newer birth (its stamp is smaller); otherwise it ends the newer block
 * as usual.
 *
 * The other way round, the stamp of an end may be some 100 ns too early, since the processor may
 * read its counter before it loads the pointer that another thread has just handed over. An end
 * that finds no block is therefore kept for a moment, and a birth at its address by another thread
 * right after ends at once. (One by the same thread comes after that end, which then was of a block
 * that this recording does not know: of a forked child's parent, for example.)
 *
 * Invariant: a ring's last_birth is the block that was born by the last event of its thread in the
 * recording, whatever the order in which the records were met; replay.c judges by the same. */
#include "recorder/tracee.h"

static inline uint32_t bit_length(uint64_t v) {
    return v == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(v);
}

static inline void put(struct tracee *t, enum rec_kind kind, uint32_t node, uint64_t size,
                       uint64_t block) {
    struct rec_event *e = rec_event_next(t->writer, t->events);
    e->size = size;
    e->block = block;
    e->node = node;
    e->kind = (uint8_t)kind;
    e->reserved[0] = e->reserved[1] = e->reserved[2] = 0;
}

/* Fields that the kind does not name are 0. */
static inline void emit(struct tracee *t, uint32_t thread, enum rec_kind kind, uint32_t node,
                        uint64_t size, uint64_t block) {
    if (__builtin_expect(t->current_thread != thread, 0)) {
        t->current_thread = thread;
        put(t, REC_THREAD, 0, thread, 0);
    }
    put(t, kind, node, size, block);
}

static inline uint32_t file_node(struct tracee *t, uint32_t node) {
    if (__builtin_expect(t->stats.nodes[node].file_node == 0, 0)) tracee_learn_node(t, node);
    return t->stats.nodes[node].file_node;
}

/* The figures of a block's end. */
static inline void end_figures(struct tracee *t, const struct live_block *b, int temporary) {
    t->totals.frees++;
    t->totals.freed_bytes += b->size;
    t->live_bytes -= b->size;
    t->live_blocks--;
    node_stats_death(&t->stats, b->node, b->size);
    uint32_t bucket = bit_length(t->totals.allocations - 1 - b->number);
    t->lifetimes.count[bucket]++;
    t->lifetimes.bytes[bucket] += b->size;
    if (temporary) {
        t->totals.temporary++;
        t->totals.temporary_bytes += b->size;
        node_stats_temporary(&t->stats, b->node, b->size);
    }
}

/* Puts an end into the recording, whose thread may have gone on since, or have left its ring. */
static void emit_early(struct tracee *t, const struct early_end *end, enum rec_kind kind,
                       uint64_t size, uint64_t block) {
    if (end->ring->thread == end->thread) end->ring->last_birth = 0;
    t->totals.events++;
    emit(t, end->thread, kind, 0, size, block);
}

static void unknown_free(struct tracee *t, const struct early_end *end) {
    t->totals.unknown_frees++;
    emit_early(t, end, REC_UNKNOWN_FREE, end->address, 0);
}

void account_early_ends(struct tracee *t, uint64_t until) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < t->early_count; i++) {
        struct early_end e = t->early[i];
        if (e.stamp < until)
            unknown_free(t, &e);
        else
            t->early[kept++] = e;
    }
    t->early_count = kept;
}

/* Ends the block that was just born at `address` by `thread`, if another thread has already ended
 * it. */
static void end_early(struct tracee *t, uint64_t address, uint64_t stamp, uint32_t thread) {
    struct live_block b;
    for (uint32_t i = 0; i < t->early_count; i++) {
        struct early_end e = t->early[i];
        if (e.address != address || e.stamp + EARLY_ENDS_SPAN < stamp || e.thread == thread)
            continue;
        t->early[i] = t->early[--t->early_count];
        if (!live_heap_take(t->heap, address, &b)) return;
        t->totals.order_repairs++;
        end_figures(t, &b, 0);
        emit_early(t, &e, REC_FREE, 0, b.number);
        return;
    }
}

/* A block is born; what REC_ALLOC and REC_REALLOC have in common. */
static inline void birth(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t size,
                         uint32_t node, uint64_t stamp) {
    struct live_block block = {.number = t->totals.allocations, .size = size, .node = node};
    struct live_block displaced;
    int added = live_heap_add(t->heap, address, &block, &displaced);
    if (__builtin_expect(added != 0, 0)) {
        if (added < 0) {
            tracee_out_of_memory(t);
        } else {
            end_figures(t, &displaced, r->last_birth == displaced.number + 1);
            t->totals.events++;
            emit(t, r->thread, REC_FREE, 0, 0, displaced.number);
            t->totals.order_repairs++;
            /* Without stamps there is one thread, and no end can be late: the block went in a way
             * that no hook sees. */
            if (stamp != 0 && owed_ends_add(&t->owed, address, stamp) < 0)
                tracee_out_of_memory(t);
        }
    }
    t->totals.allocations++;
    t->totals.allocated_bytes += size;
    t->totals.events++;
    uint32_t bucket = bit_length(size);
    t->sizes.count[bucket]++;
    t->sizes.bytes[bucket] += size;
    node_stats_birth(&t->stats, node, size);
    t->live_blocks++;
    t->live_bytes += size;
    if (timeline_is_high(&t->timeline, t->live_bytes)) {
        t->timeline.open.peak_bytes = t->live_bytes;
        if (t->live_bytes > t->totals.peak_bytes) {
            t->totals.peak_bytes = t->live_bytes;
            t->totals.peak_blocks = t->live_blocks;
            t->totals.peak_tick = t->tick;
            t->totals.peak_event = t->totals.events;
            node_stats_peak(&t->stats);
        }
    }
    r->last_birth = block.number + 1;
}

void account_birth(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t size,
                   uint32_t node, uint64_t stamp) {
    uint32_t file = file_node(t, node);
    birth(t, r, address, size, node, stamp);
    emit(t, r->thread, REC_ALLOC, file, size, 0);
    if (__builtin_expect(t->early_count != 0, 0)) end_early(t, address, stamp, r->thread);
}

void account_end(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t stamp) {
    struct live_block b;
    if (__builtin_expect(t->owed.used != 0, 0) && owed_ends_pay(&t->owed, address, stamp)) return;
    if (__builtin_expect(!live_heap_take(t->heap, address, &b), 0)) {
        struct early_end end = {.address = address, .stamp = stamp, .ring = r, .thread = r->thread};
        if (stamp == 0) {
            unknown_free(t, &end);
            return;
        }
        if (t->early_count == EARLY_ENDS_MAX)
            account_early_ends(t, stamp > EARLY_ENDS_SPAN ? stamp - EARLY_ENDS_SPAN : 0);
        if (t->early_count == EARLY_ENDS_MAX) account_early_ends(t, UINT64_MAX);
        t->early[t->early_count++] = end;
        return;
    }
    t->totals.events++;
    end_figures(t, &b, r->last_birth == b.number + 1);
    r->last_birth = 0;
    emit(t, r->thread, REC_FREE, 0, 0, b.number);
}

void account_move(struct tracee *t, struct ring_reader *r, uint64_t old, uint64_t address,
                  uint64_t size, uint32_t node, uint64_t before, uint64_t stamp) {
    struct live_block b;
    uint64_t ended = REC_NO_BLOCK;
    uint32_t file = file_node(t, node);
    t->totals.reallocations++;
    if (!owed_ends_pay(&t->owed, old, before) && live_heap_take(t->heap, old, &b)) {
        end_figures(t, &b, r->last_birth == b.number + 1);
        ended = b.number;
    }
    birth(t, r, address, size, node, stamp);
    emit(t, r->thread, REC_REALLOC, file, size, ended);
    if (__builtin_expect(t->early_count != 0, 0)) end_early(t, address, stamp, r->thread);
}

void account_failure(struct tracee *t, struct ring_reader *r, uint64_t size, uint32_t node) {
    uint32_t file = file_node(t, node);
    r->last_birth = 0;
    t->totals.failed++;
    t->totals.events++;
    node_stats_failed(&t->stats, node);
    emit(t, r->thread, REC_FAILED, file, size, 0);
}

void account_tick(struct tracee *t, uint32_t tick) {
    tick = tick > t->start_ms ? tick - t->start_ms : 0;
    if (tick <= t->tick) return;
    struct rec_time_point now = tracee_now(t);
    timeline_advance(&t->timeline, tick, &now);
    t->tick = tick;
    put(t, REC_TICK, 0, tick, 0);
}
