/* SPDX-License-Identifier: MIT
 * The uncommon records: a new millisecond, a second thread, sizes beyond 2 GiB, failures. */
#include "agent/ring_write.h"

void agent_pulse_changed(struct agent_thread *t) {
    struct wire_region *region = agent_process.region;
    struct ring_record r;
    if (!__libc_single_threaded && !load_relaxed(&region->threaded))
        store_relaxed(&region->threaded, 1);
    uint64_t pulse = load_relaxed(&region->pulse);
    uint32_t now = (uint32_t)pulse, before = (uint32_t)t->pulse;
    t->pulse = pulse;
    t->stamps = load_relaxed(&region->threaded) != 0;
    if (now == before || !ring_open(t, 1, &r)) return;
    ring_close(t, &r, 1, ring_first(WIRE_TICK, 0, NULL) | now);
}

void agent_ring_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                     uint32_t node) {
    struct ring_record r;
    int stamps = ring_stamps(t);
    uint32_t count = 3 + (uint32_t)stamps;
    if (!ring_open(t, count, &r)) return;
    if (stamps) ring_put(&r, 3, ring_stamp_after());
    ring_put(&r, 1, node);
    ring_put(&r, 2, size & ~WIRE_LAP);
    ring_close(t, &r, count, ring_first(kind, stamps, block));
}
