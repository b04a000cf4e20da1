/* SPDX-License-Identifier: MIT
 * The records that the hooks do not write themselves: those of programs with several threads, a new
 * millisecond, sizes beyond 2 GiB, failures, reallocations, and all that reach over the ring's end.
 */
#include "agent/ring_write.h"

void agent_ring_around(struct agent_thread *t, uint64_t at, uint32_t count, const uint64_t *words) {
    INVARIANT(wire_words(words[0]) == count);
    for (uint32_t i = count; i-- > 1;)
        store_relaxed(&t->data[(at + i) & t->mask], (words[i] & ~WIRE_LAP) | ring_lap(t, at + i));
    store_release(&t->data[at & t->mask], words[0] | ring_lap(t, at));
}

void agent_pulse_changed(struct agent_thread *t) {
    struct wire_region *region = agent_process.region;
    uint64_t at;
    if (!__libc_single_threaded && !load_relaxed(&region->threaded))
        store_relaxed(&region->threaded, 1);
    uint64_t pulse = load_relaxed(&region->pulse);
    uint32_t now = (uint32_t)pulse, before = (uint32_t)t->pulse;
    t->pulse = pulse;
    t->stamps = (uint8_t)((load_relaxed(&region->threaded) != 0) | (t->stamps & THREAD_SCOPED));
    if (now == before || !ring_reserve(t, 1, &at)) return;
    ring_write(t, at, ring_place(t, at), 1, ring_first(WIRE_TICK, 0, NULL) | now, 0, 0);
}

void agent_ring_late(struct agent_thread *t, uint64_t at, uint64_t first, uint64_t second) {
    uint32_t count = wire_words(first);
    if (at + count > t->ring->limit && agent_ring_wait(t, at + count) != 0) return;
    INVARIANT(ring_is_unwritten(t, at, count) || !agent_is_own(t->ring));
    struct ring_place place = ring_place(t, at);
    if (count > 1) ring_mark(place, count);
    if (!(first & WIRE_STAMPED))
        ring_write(t, at, place, count, first, second, 0);
    else if (count == 3)
        ring_write(t, at, place, count, first, second, ring_stamp_after());
    else
        ring_write(t, at, place, count, first, second != 0 ? second : ring_stamp_before(), 0);
}

/* Whether the next record carries a stamp, no scope is open, and nothing is new since the last one.
 * A process that had threads once is taken for one that has. */
static inline int ring_is_stamped(const struct agent_thread *t) {
    return load_relaxed(&agent_process.region->pulse) == t->pulse && t->stamps == THREAD_STAMPS;
}

/* Births that neither the hook nor agent_ring_alloc writes. */
static __attribute__((noinline)) void alloc_otherwise(struct agent_thread *t, const void *block,
                                                      size_t size, uint32_t node) {
    int stamps = ring_stamps(t);
    if (unlikely(size >= WIRE_SMALL_SIZE)) {
        agent_ring_long(t, WIRE_ALLOC_BIG, block, size, node);
    } else if (unlikely(stamps & THREAD_SCOPED)) {
        agent_scope_alloc(t, block, size, node);
    } else {
        uint64_t at = cpu_add_local(&t->ring->head, 2 + (uint32_t)stamps);
        agent_ring_late(t, at, ring_first(WIRE_ALLOC, stamps, block), (uint64_t)size << 32 | node);
    }
}

void agent_ring_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node) {
    if (unlikely(!ring_is_stamped(t) || size >= WIRE_SMALL_SIZE)) {
        alloc_otherwise(t, block, size, node);
        return;
    }
    uint64_t first = ring_first(WIRE_ALLOC, 1, block), second = (uint64_t)size << 32 | node;
    struct ring_place place;
    if (!ring_begin(t, 3, first, second, &place)) return;
    store_relaxed(&place.words[2], ring_stamp_after() | place.lap);
    store_relaxed(&place.words[1], second | place.lap);
    store_release(&place.words[0], first | place.lap);
}

void agent_ring_free_at(struct agent_thread *t, const void *block, uint64_t before) {
    int stamps = ring_stamps(t);
    if (unlikely(stamps & THREAD_SCOPED)) {
        agent_scope_free(t, block, before);
        return;
    }
    uint64_t at = cpu_add_local(&t->ring->head, 1 + (uint32_t)stamps);
    agent_ring_late(t, at, ring_first(WIRE_FREE, stamps, block), before);
}

void agent_ring_free(struct agent_thread *t, const void *block) {
    if (unlikely(!ring_is_stamped(t))) {
        agent_ring_free_at(t, block, 0);
        return;
    }
    uint64_t first = ring_first(WIRE_FREE, 1, block);
    struct ring_place place;
    if (!ring_begin(t, 2, first, 0, &place)) return;
    store_relaxed(&place.words[1], ring_stamp_before() | place.lap);
    store_release(&place.words[0], first | place.lap);
}

void agent_ring_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                     uint32_t node) {
    int stamps = ring_stamps(t);
    if (unlikely(stamps & THREAD_SCOPED))
        agent_scope_long(t, kind, block, size, node);
    else
        agent_ring_long_plain(t, kind, block, size, node, stamps);
}

void agent_ring_long_plain(struct agent_thread *t, enum wire_kind kind, const void *block,
                           size_t size, uint32_t node, int stamps) {
    uint32_t count = 3 + (uint32_t)stamps;
    uint64_t at;
    if (!ring_reserve(t, count, &at)) return;
    ring_mark(ring_place(t, at), count);
    const uint64_t words[] = {ring_first(kind, stamps, block), node, size,
                              stamps ? ring_stamp_after() : 0};
    agent_ring_around(t, at, count, words);
}

void agent_ring_move(struct agent_thread *t, const void *old, const void *block, size_t size,
                     uint32_t node, uint64_t before) {
    int stamps = ring_stamps(t);
    if (unlikely(stamps & THREAD_SCOPED))
        agent_scope_move(t, old, block, size, node, before);
    else
        agent_ring_move_plain(t, old, block, size, node, before, stamps);
}

void agent_ring_move_plain(struct agent_thread *t, const void *old, const void *block, size_t size,
                           uint32_t node, uint64_t before, int stamps) {
    uint32_t count = stamps ? 6 : 4;
    uint64_t at;
    if (!ring_reserve(t, count, &at)) return;
    ring_mark(ring_place(t, at), count);
    const uint64_t words[] = {ring_first(WIRE_REALLOC, stamps, block),
                              node,
                              size,
                              (uint64_t)(uintptr_t)old & WIRE_ADDRESS,
                              stamps ? ring_stamp_after() : 0,
                              before};
    agent_ring_around(t, at, count, words);
}
