/* SPDX-License-Identifier: MIT
 * What a thread does at its ring's limit: it looks for room, and when the ring is full it sleeps until
 * the recorder has taken something, and notices when there is no recorder any more.
 *
 * The first time round the limit is also where the owner looks ahead for pages (wire/region.h).
 *
 * Waking: the owner sets `waiting`, looks at `tail` once more, and sleeps on `space`; the recorder
 * moves `tail`, then looks at `waiting`, and wakes once there is some room (drain.c). Should the two
 * looks miss each other, the sleep's own timeout ends it. */
#include <errno.h>
#include <linux/futex.h>
#include <time.h>

#include "agent/agent.h"
#include "core/syscall.h"

enum { SLEEP_MS = 20 };

int agent_recorder_is_gone(void) {
    struct wire_region *r = agent_process.region;
    return load_relaxed(&r->state) == WIRE_CLOSED ||
           (load_relaxed(&r->recorder_thread) & FUTEX_OWNER_DIED) != 0;
}

enum { PART_WORDS = WIRE_LOOK_BYTES / sizeof(uint64_t) };

/* How far the ring may be used before this is to be asked again; more than `end`. */
static uint64_t ring_map(struct agent_thread *t, uint64_t end) {
    struct wire_ring *ring = t->ring;
    uint64_t capacity = t->mask + 1;
    while (ring->mapped < capacity && ring->mapped <= end) {
        if (ring->mapped == 0) wire_look_ahead(t->data);
        ring->mapped += PART_WORDS;
        if (ring->mapped < capacity) wire_look_ahead(&t->data[ring->mapped]);
    }
    return ring->mapped < capacity ? ring->mapped : UINT64_MAX;
}

int agent_ring_wait(struct agent_thread *t, uint64_t end) {
    if (!agent_is_own(t->ring)) return -1;
    struct wire_region *r = agent_process.region;
    struct wire_ring *ring = t->ring;
    uint64_t capacity = t->mask + 1;
    uint64_t mapped = ring_map(t, end);
    uint32_t silent_ms = 0, pulse = load_relaxed(&r->clock_ms);
    for (;;) {
        uint64_t limit = load_acquire(&ring->tail) + capacity;
        if (end <= limit) {
            ring->limit = limit < mapped ? limit : mapped;
            return 0;
        }
        if (agent_recorder_is_gone() || silent_ms > r->silence_max_ms) {
            if (!agent_recorder_is_gone()) { /* should it come back, it must know what it lacks */
                store_relaxed(&r->gave_up, 1);
                add_relaxed(&r->events_unrecorded, 1);
            }
            agent_turn_off();
            return -1;
        }
        uint32_t space = load_acquire(&ring->space);
        store_relaxed(&ring->waiting, 1);
        fence_full();
        if (end <= load_acquire(&ring->tail) + capacity) continue;
        struct timespec sleep = {.tv_nsec = SLEEP_MS * 1000000};
        if (sys_futex(&ring->space, FUTEX_WAIT, space, &sleep) == -ETIMEDOUT) {
            uint32_t now = load_relaxed(&r->clock_ms);
            silent_ms = now == pulse ? silent_ms + SLEEP_MS : 0;
            pulse = now;
        }
    }
}
