/* SPDX-License-Identifier: MIT
 * Writing records into the calling thread's ring: the hot path of every hook. record.h has the layout.
 *
 * Reserving is one instruction, so a signal handler that allocates in the middle of a record gets the
 * words after it, and the recorder waits at the PENDING word in between. */
#ifndef HEAPWISE_AGENT_RING_WRITE_H
#define HEAPWISE_AGENT_RING_WRITE_H

#include <sys/single_threaded.h>

#include "agent/agent.h"
#include "core/arch/x86_64/cpu.h"
#include "wire/record.h"

static inline void ring_store(struct agent_thread *t, uint64_t position, uint64_t word) {
    store_relaxed(&t->data[position & t->mask], word | wire_lap(position, t->lap_shift));
}

/* The last store of a record: release, pairs with the recorder's acquire of the first word. */
static inline void ring_publish(struct agent_thread *t, uint64_t position, uint64_t word) {
    store_release(&t->data[position & t->mask], word | wire_lap(position, t->lap_shift));
}

/* Reserves `words` and marks them PENDING. False: the record is to be dropped. */
static inline int ring_reserve(struct agent_thread *t, uint32_t words, uint64_t *position) {
    uint64_t at = cpu_add_local(&t->ring->head, words);
    if (unlikely(at + words > t->ring->limit) && agent_ring_wait(t, at + words) < 0) return 0;
    ring_store(t, at, (uint64_t)WIRE_PENDING << WIRE_KIND_SHIFT | words);
    fence_signal();
    *position = at;
    return 1;
}

/* One shared word that the recorder moves every millisecond: a record tells the rest of the ring that
 * it changed. */
static inline void ring_tick(struct agent_thread *t) {
    uint32_t now = load_relaxed(&agent_process.region->clock_ms);
    if (likely(now == t->ring->tick)) return;
    t->ring->tick = now;
    uint64_t at;
    if (ring_reserve(t, 1, &at)) ring_publish(t, at, (uint64_t)WIRE_TICK << WIRE_KIND_SHIFT | now);
}

/* Whether events must carry stamps: from the first moment that the process has a second thread, and
 * for ever after. */
static inline int ring_stamps(void) {
    struct wire_region *r = agent_process.region;
    if (likely(__libc_single_threaded) && !load_relaxed(&r->threaded)) return 0;
    if (!load_relaxed(&r->threaded)) store_relaxed(&r->threaded, 1);
    return 1;
}

static inline uint64_t ring_counter(void) {
    return add_acq_rel(&agent_process.region->counter, 1) + 1;
}

/* For a birth: what the real call saw of other threads (a free of the same address) is before it. */
static inline uint64_t ring_stamp_after(void) {
    if (unlikely(agent_process.region->clock_kind != WIRE_CLOCK_TSC)) return ring_counter();
    return cpu_stamp() & ~WIRE_LAP;
}

/* For an end: it is before what the real call will show to other threads. It may, very rarely, also be
 * before the birth that this thread has only just been told of; the recorder sees to that. */
static inline uint64_t ring_stamp_before(void) {
    if (unlikely(agent_process.region->clock_kind != WIRE_CLOCK_TSC)) return ring_counter();
    return cpu_stamp_early() & ~WIRE_LAP;
}

static inline uint64_t ring_first(enum wire_kind kind, uint64_t stamped, uint64_t address) {
    return (uint64_t)kind << WIRE_KIND_SHIFT | stamped | (address & WIRE_ADDRESS);
}

static inline void ring_alloc(struct agent_thread *t, const void *block, size_t size,
                              uint32_t node) {
    uint64_t at;
    ring_tick(t);
    if (unlikely(size >= WIRE_SMALL_SIZE)) {
        int stamps = ring_stamps();
        if (!ring_reserve(t, stamps ? 4 : 3, &at)) return;
        if (stamps) ring_store(t, at + 3, ring_stamp_after());
        ring_store(t, at + 1, node);
        ring_store(t, at + 2, size);
        ring_publish(t, at, ring_first(WIRE_ALLOC_BIG, stamps ? WIRE_STAMPED : 0,
                                       (uint64_t)(uintptr_t)block));
        return;
    }
    if (ring_stamps()) {
        if (!ring_reserve(t, 3, &at)) return;
        ring_store(t, at + 2, ring_stamp_after());
        ring_store(t, at + 1, (uint64_t)size << 32 | node);
        ring_publish(t, at, ring_first(WIRE_ALLOC, WIRE_STAMPED, (uint64_t)(uintptr_t)block));
    } else {
        if (!ring_reserve(t, 2, &at)) return;
        ring_store(t, at + 1, (uint64_t)size << 32 | node);
        ring_publish(t, at, ring_first(WIRE_ALLOC, 0, (uint64_t)(uintptr_t)block));
    }
}

/* `before` is a stamp already taken for it, or 0. */
static inline void ring_free_at(struct agent_thread *t, const void *block, uint64_t before) {
    uint64_t at;
    ring_tick(t);
    if (ring_stamps()) {
        if (!ring_reserve(t, 2, &at)) return;
        ring_store(t, at + 1, before != 0 ? before : ring_stamp_before());
        ring_publish(t, at, ring_first(WIRE_FREE, WIRE_STAMPED, (uint64_t)(uintptr_t)block));
    } else {
        if (!ring_reserve(t, 1, &at)) return;
        ring_publish(t, at, ring_first(WIRE_FREE, 0, (uint64_t)(uintptr_t)block));
    }
}

static inline void ring_free(struct agent_thread *t, const void *block) {
    ring_free_at(t, block, 0);
}

static inline void ring_failed(struct agent_thread *t, size_t size, uint32_t node) {
    uint64_t at;
    ring_tick(t);
    int stamps = ring_stamps();
    if (!ring_reserve(t, stamps ? 4 : 3, &at)) return;
    if (stamps) ring_store(t, at + 3, ring_stamp_after());
    ring_store(t, at + 1, node);
    ring_store(t, at + 2, size & ~WIRE_LAP);
    ring_publish(t, at, ring_first(WIRE_FAILED, stamps ? WIRE_STAMPED : 0, 0));
}

/* `before` is the stamp taken before the real call (0 when the process had one thread). */
static inline void ring_realloc(struct agent_thread *t, const void *old, const void *block,
                                size_t size, uint32_t node, uint64_t before) {
    uint64_t at;
    ring_tick(t);
    int stamps = ring_stamps();
    if (!ring_reserve(t, stamps ? 6 : 4, &at)) return;
    if (stamps) {
        uint64_t after = ring_stamp_after();
        ring_store(t, at + 4, after);
        ring_store(t, at + 5, before);
    }
    ring_store(t, at + 1, node);
    ring_store(t, at + 2, size);
    ring_store(t, at + 3, (uint64_t)(uintptr_t)old & WIRE_ADDRESS);
    ring_publish(t, at, ring_first(WIRE_REALLOC, stamps ? WIRE_STAMPED : 0,
                                   (uint64_t)(uintptr_t)block));
}

#endif
