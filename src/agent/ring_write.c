/* SPDX-License-Identifier: MIT
 * The uncommon records: a new millisecond, a second thread, sizes beyond 2 GiB, failures,
 * reallocations, and all that reach over the ring's end. */
#include "agent/ring_write.h"

void agent_ring_around(struct agent_thread *t, uint64_t at, uint32_t count, const uint64_t *words) {
    INVARIANT(wire_words(words[0]) == count);
    for (uint32_t i = count; i-- > 1;)
        store_relaxed(&t->data[(at + i) & t->mask],
                      (words[i] & ~WIRE_LAP) | wire_lap(at + i, t->lap_shift));
    store_release(&t->data[at & t->mask], words[0] | wire_lap(at, t->lap_shift));
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
