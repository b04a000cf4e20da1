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
#include "core/invariant.h"
#include "wire/record.h"

/* The lap bit of a word at this position. */
static inline uint64_t ring_lap(const struct agent_thread *t, uint64_t at) {
    return ~(at << t->lap_shift) & WIRE_LAP; /* wire_lap, with its shift at hand */
}

/* Whether a record that has just been reserved lies in the ring, and all its words are of an
 * earlier lap, unless the recorder has stepped over it by now. */
static inline int ring_is_unwritten(const struct agent_thread *t, uint64_t at, uint32_t count) {
    if (load_acquire(&t->ring->tail) + t->mask + 1 < at + count) return 0;
    for (uint32_t i = 0; i < count; i++)
        if (((load_relaxed(&t->data[(at + i) & t->mask]) ^ ring_lap(t, at + i)) & WIRE_LAP) == 0)
            return load_acquire(&t->ring->tail) > at;
    return 1;
}

/* Reserves `count` words for a record; its first word's position in *at. False: the record is to be
 * dropped. */
static inline int ring_reserve(struct agent_thread *t, uint32_t count, uint64_t *at) {
    struct wire_ring *ring = t->ring;
    *at = cpu_add_local(&ring->head, count);
    if (unlikely(*at + count > ring->limit) && agent_ring_wait(t, *at + count) != 0) return 0;
    INVARIANT(ring_is_unwritten(t, *at, count) || !agent_is_own(t->ring));
    return 1;
}

/* Where a reserved record goes, and the lap bit of its words; worked out once for a record. */
struct ring_place {
    uint64_t *words;
    uint64_t lap;
};

static inline struct ring_place ring_place(const struct agent_thread *t, uint64_t at) {
    return (struct ring_place){&t->data[at & t->mask], ring_lap(t, at)};
}

/* Marks reserved words, before the stamp is taken. A record of one word needs no mark. */
static inline void ring_mark(struct ring_place place, uint32_t count) {
    store_relaxed(place.words, place.lap | (uint64_t)WIRE_PENDING << WIRE_KIND_SHIFT | count);
    fence_signal();
}

/* Writes a whole record word by word, as one that reaches over the ring's end must be. Out of line.
 */
void agent_ring_around(struct agent_thread *t, uint64_t at, uint32_t count, const uint64_t *words);

/* Writes a record of at most three words. The store to the first one comes last and publishes it:
 * release, pairs with the recorder's acquire. */
static inline void ring_write(struct agent_thread *t, uint64_t at, struct ring_place place,
                              uint32_t count, uint64_t first, uint64_t second, uint64_t third) {
    INVARIANT(wire_words(first) == count);
    if (unlikely(place.words + count > t->end)) {
        agent_ring_around(t, at, count, (const uint64_t[]){first, second, third});
        return;
    }
    if (count > 2) store_relaxed(&place.words[2], third | place.lap);
    if (count > 1) store_relaxed(&place.words[1], second | place.lap);
    store_release(&place.words[0], first | place.lap);
}

/* To be called before each record. Not 0 if it must carry a stamp, or a scope is open (agent.h:
 * THREAD_STAMPS, THREAD_SCOPED); writes a TICK when the
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
void agent_ring_long_plain(struct agent_thread *t, enum wire_kind kind, const void *block,
                           size_t size, uint32_t node, int stamps);
void agent_ring_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                     uint32_t node);

/* scope.c: the same while a scope of the C API is open in the thread. */
void agent_scope_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node);
void agent_scope_free(struct agent_thread *t, const void *block, uint64_t before);
void agent_scope_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                      uint32_t node);
void agent_scope_move(struct agent_thread *t, const void *old, const void *block, size_t size,
                      uint32_t node, uint64_t before);

/* Births and ends that the hooks do not write themselves: all of them where there are threads. Out
 * of line. `before` is a stamp already taken for it, or 0. */
void agent_ring_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node);
void agent_ring_free(struct agent_thread *t, const void *block);
void agent_ring_free_at(struct agent_thread *t, const void *block, uint64_t before);
/* Completes an ALLOC or FREE that is reserved at `at`, for which there may be no room yet, or which
 * reaches over the ring's end. Takes its stamp if it has one; a FREE's that is taken already is
 * `second`, or else that is 0. Out of line. */
void agent_ring_late(struct agent_thread *t, uint64_t at, uint64_t first, uint64_t second);

/* Begins an ALLOC or FREE of `count` words, a constant: reserves and marks it, for the caller to
 * write its words at *place, the first one last. False: it has been completed out of line. */
static inline __attribute__((always_inline)) int ring_begin(struct agent_thread *t, uint32_t count,
                                                            uint64_t first, uint64_t second,
                                                            struct ring_place *place) {
    struct wire_ring *ring = t->ring;
    uint64_t at = cpu_add_local(&ring->head, count);
    int fits = at + count <= ring->limit;
    if (likely(fits)) {
        *place = ring_place(t, at);
        fits = count == 1 || place->words + count <= t->end;
    }
    if (unlikely(!fits)) {
        agent_ring_late(t, at, first, second);
        return 0;
    }
    INVARIANT(ring_is_unwritten(t, at, count) || !agent_is_own(t->ring));
    if (count > 1) ring_mark(*place, count);
    return 1;
}

/* Whether the next record carries no stamp, and nothing is new since the last one: what ring_stamps
 * finds out, for the most common answer. The threads that there are are compared with stamps and
 * scopes at once: only 1 is more than 0. */
static inline int ring_is_plain(const struct agent_thread *t) {
    return load_relaxed(&agent_process.region->pulse) == t->pulse &&
           (uint8_t)__libc_single_threaded > t->stamps;
}

/* In the hook itself, as is ring_free: nearly every record of a program with one thread. All else
 * is in functions that get what they need in registers, so that the hook keeps little. */
static inline __attribute__((always_inline)) void
ring_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node) {
    if (unlikely(!ring_is_plain(t) || size >= WIRE_SMALL_SIZE)) {
        agent_ring_alloc(t, block, size, node);
        return;
    }
    uint64_t first = ring_first(WIRE_ALLOC, 0, block), second = (uint64_t)size << 32 | node;
    struct ring_place place;
    if (!ring_begin(t, 2, first, second, &place)) return;
    store_relaxed(&place.words[1], second | place.lap);
    store_release(&place.words[0], first | place.lap);
}

static inline __attribute__((always_inline)) void ring_free(struct agent_thread *t,
                                                            const void *block) {
    if (unlikely(!ring_is_plain(t))) {
        agent_ring_free(t, block);
        return;
    }
    uint64_t first = ring_first(WIRE_FREE, 0, block);
    struct ring_place place;
    if (ring_begin(t, 1, first, 0, &place)) store_release(&place.words[0], first | place.lap);
}

/* `before` is the stamp taken before the real call (0 when the process had one thread). Out of
 * line. */
void agent_ring_move_plain(struct agent_thread *t, const void *old, const void *block, size_t size,
                           uint32_t node, uint64_t before, int stamps);
void agent_ring_move(struct agent_thread *t, const void *old, const void *block, size_t size,
                     uint32_t node, uint64_t before);

#endif
