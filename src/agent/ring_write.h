/* SPDX-License-Identifier: MIT
 * Writing records into the calling thread's ring: the hot path of every hook. record.h has the
 * layout.
 *
 * Reserving is one instruction, so a signal handler that allocates in the middle of a record gets
 * the words after it, and the recorder waits at the PENDING word in between. */
#ifndef HEAPWISE_AGENT_RING_WRITE_H
#define HEAPWISE_AGENT_RING_WRITE_H

#include <sys/single_threaded.h>

#include "agent/agent.h"
#include "core/arch/x86_64/cpu.h"
#include "wire/record.h"

/* A record being written. Its words are contiguous in the ring unless they reach over the ring's
 * end; then they are gathered in `spill` first. */
struct ring_record {
    uint64_t *words;
    uint64_t lap; /* of the record's words */
    uint64_t position;
    uint64_t spill[WIRE_WORDS_MAX];
};

/* Reserves `count` words and marks them PENDING. False: the record is to be dropped. */
static inline int ring_open(struct agent_thread *t, uint32_t count, struct ring_record *r) {
    uint64_t at = cpu_add_local(&t->ring->head, count), index = at & t->mask;
    if (unlikely(at + count > t->ring->limit) && agent_ring_wait(t, at + count) < 0) return 0;
    r->position = at;
    r->lap = wire_lap(at, t->lap_shift);
    r->words = &t->data[index];
    store_relaxed(r->words, r->lap | (uint64_t)WIRE_PENDING << WIRE_KIND_SHIFT | count);
    fence_signal();
    if (unlikely(index + count > t->mask + 1)) r->words = r->spill;
    return 1;
}

static inline void ring_put(struct ring_record *r, uint32_t i, uint64_t word) {
    store_relaxed(&r->words[i], word | r->lap);
}

/* Publishes: the store to the first word is the last one; release, pairs with the recorder's
 * acquire. */
static inline void ring_close(struct agent_thread *t, struct ring_record *r, uint32_t count,
                              uint64_t first) {
    if (unlikely(r->words == r->spill)) {
        for (uint32_t i = 1; i < count; i++) {
            uint64_t at = r->position + i;
            store_relaxed(&t->data[at & t->mask],
                          (r->spill[i] & ~WIRE_LAP) | wire_lap(at, t->lap_shift));
        }
        r->words = &t->data[r->position & t->mask];
    }
    store_release(&r->words[0], first | r->lap);
}

/* To be called before each record. Tells whether it must carry a stamp, and writes a TICK when the
 * clock has moved. */
static inline int ring_stamps(struct agent_thread *t) {
    if (unlikely(load_relaxed(&agent_process.region->pulse) != t->pulse ||
                 __libc_single_threaded == t->stamps))
        agent_pulse_changed(t);
    return t->stamps;
}

static inline uint64_t ring_counter(void) {
    return add_acq_rel(&agent_process.region->counter, 1) + 1;
}

/* For a birth: what the real call saw of other threads (a free of the same address) is before it.
 */
static inline uint64_t ring_stamp_after(void) {
    if (unlikely(agent_process.region->clock_kind != WIRE_CLOCK_TSC)) return ring_counter();
    return cpu_stamp() & ~WIRE_LAP;
}

/* For an end: it is before what the real call will show to other threads. It may, very rarely, also
 * be before the birth that this thread has only just been told of; the recorder sees to that. */
static inline uint64_t ring_stamp_before(void) {
    if (unlikely(agent_process.region->clock_kind != WIRE_CLOCK_TSC)) return ring_counter();
    return cpu_stamp_early() & ~WIRE_LAP;
}

static inline uint64_t ring_first(enum wire_kind kind, int stamped, const void *address) {
    return (uint64_t)kind << WIRE_KIND_SHIFT | (stamped ? WIRE_STAMPED : 0) |
           ((uint64_t)(uintptr_t)address & WIRE_ADDRESS);
}

/* ALLOC_BIG and FAILED: everything but the most common sizes. Out of line. */
void agent_ring_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                     uint32_t node);

static inline void ring_alloc(struct agent_thread *t, const void *block, size_t size,
                              uint32_t node) {
    struct ring_record r;
    int stamps = ring_stamps(t);
    if (unlikely(size >= WIRE_SMALL_SIZE)) {
        agent_ring_long(t, WIRE_ALLOC_BIG, block, size, node);
        return;
    }
    uint32_t count = 2 + (uint32_t)stamps;
    if (unlikely(!ring_open(t, count, &r))) return;
    if (stamps) ring_put(&r, 2, ring_stamp_after());
    ring_put(&r, 1, (uint64_t)size << 32 | node);
    ring_close(t, &r, count, ring_first(WIRE_ALLOC, stamps, block));
}

/* `before` is a stamp already taken for it, or 0. */
static inline void ring_free_at(struct agent_thread *t, const void *block, uint64_t before) {
    struct ring_record r;
    int stamps = ring_stamps(t);
    uint32_t count = 1 + (uint32_t)stamps;
    if (unlikely(!ring_open(t, count, &r))) return;
    if (stamps) ring_put(&r, 1, before != 0 ? before : ring_stamp_before());
    ring_close(t, &r, count, ring_first(WIRE_FREE, stamps, block));
}

static inline void ring_free(struct agent_thread *t, const void *block) {
    ring_free_at(t, block, 0);
}

/* `before` is the stamp taken before the real call (0 when the process had one thread). */
static inline void ring_realloc(struct agent_thread *t, const void *old, const void *block,
                                size_t size, uint32_t node, uint64_t before) {
    struct ring_record r;
    int stamps = ring_stamps(t);
    uint32_t count = stamps ? 6 : 4;
    if (unlikely(!ring_open(t, count, &r))) return;
    if (stamps) {
        ring_put(&r, 4, ring_stamp_after());
        ring_put(&r, 5, before);
    }
    ring_put(&r, 1, node);
    ring_put(&r, 2, size);
    ring_put(&r, 3, (uint64_t)(uintptr_t)old & WIRE_ADDRESS);
    ring_close(t, &r, count, ring_first(WIRE_REALLOC, stamps, block));
}

#endif
