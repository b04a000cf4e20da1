/* SPDX-License-Identifier: MIT
 * Threads and their rings. A thread obtains a ring at its first event. Nothing in the thread marks
 * its end (a destructor would have to be registered in the program), so a ring is taken back when
 * the thread that owns it no longer exists: whoever needs a ring asks the kernel about a few owners
 * first.
 *
 * Invariant: a ring has one owner; `owner` changes only by compare-and-swap from a dead thread's
 * id, or from 0, to the new owner's. */
#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/ring_write.h"
#include "core/syscall.h"

enum { RINGS_MAX = 8192, LOOK_AT_MOST = 16, MANY_THREADS = 200 };

static struct agent_thread threads[2 * RINGS_MAX];
static uint32_t base; /* ring i is served by threads[base + i] */
static uint32_t hand; /* where the search for dead owners goes on */

__thread struct agent_thread *agent_thread_current __attribute__((tls_model("initial-exec")));

static struct wire_ring *ring_at(struct wire_region *r, uint32_t index) {
    return (struct wire_ring *)((char *)r + r->rings_offset) + index;
}

/* What the parent's threads had is left as it is, because the child may stand in the middle of a
 * hook (forked by a signal handler) that goes on using it. */
void agent_threads_forget(uint32_t used) {
    base += used;
    if (base > RINGS_MAX) base = 0;
    for (uint32_t i = 0; i < RINGS_MAX && threads[base + i].unwinder != NULL; i++)
        threads[base + i].unwinder = NULL;
    hand = 0;
    agent_thread_current = NULL;
}

static int ring_take_if_dead(struct wire_region *r, uint32_t index, uint32_t self) {
    struct wire_ring *ring = ring_at(r, index);
    uint32_t owner = load_acquire(&ring->owner);
    if (owner == 0) return 0; /* being set up by its first owner */
    /* An owner with our own id is a dead thread whose id we were given. */
    if (owner != self && sys_tgkill((int)r->agent_pid, (int)owner, 0) != -ESRCH) return 0;
    return swap_if_equal(&ring->owner, owner, self);
}

/* The index of a ring that is ours now, or -1. */
static int64_t ring_find(struct wire_region *r, uint32_t self) {
    uint32_t limit = r->rings_max < RINGS_MAX ? r->rings_max : RINGS_MAX;
    uint32_t used = load_relaxed(&r->ring_count);
    uint32_t look = used < LOOK_AT_MOST ? used : LOOK_AT_MOST;
    for (uint32_t n = 0; n < look; n++) {
        uint32_t index = add_relaxed(&hand, 1) % used;
        if (ring_take_if_dead(r, index, self)) return index;
    }
    while ((used = load_relaxed(&r->ring_count)) < limit) {
        if (!swap_if_equal(&r->ring_count, used, used + 1)) continue;
        store_release(&ring_at(r, used)->owner, self);
        return used;
    }
    for (uint32_t index = 0; index < limit; index++)
        if (ring_take_if_dead(r, index, self)) return index;
    return -1;
}

/* A handler that interrupts this and allocates obtains a ring itself, and if it forks before that,
 * in another region. The thread then has that one; ours is taken as a dead thread's some day. */
struct agent_thread *agent_thread_obtain(void) {
    uint32_t first = load_relaxed(&base);
    fence_signal(); /* or else its threads might be those that the handler's region has */
    struct wire_region *r = load_relaxed(&agent_process.region);
    uint32_t self = (uint32_t)sys_gettid();
    int64_t index = ring_find(r, self);
    if (index < 0) return NULL;
    if (index > 0 || !__libc_single_threaded) store_relaxed(&r->threaded, 1);
    struct agent_thread *t = &threads[first + index];
    struct wire_ring *ring = ring_at(r, (uint32_t)index);
    if (t->unwinder == NULL)
        t->unwinder = uw_thread_create(index >= MANY_THREADS);
    else
        uw_thread_reset(t->unwinder);
    if (t->unwinder == NULL) return NULL;
    t->ring = ring;
    uint32_t log2 = wire_ring_log2(&r->ring_layout, (uint32_t)index);
    t->data = (uint64_t *)((char *)r + wire_ring_offset(&r->ring_layout, (uint32_t)index));
    t->mask = (1ull << log2) - 1;
    t->end = t->data + t->mask + 1;
    t->lap_shift = 63 - log2;
    t->pulse = 0;
    t->stamps = 0; /* and no scope: its last owner's ended with him */

    INVARIANT(load_relaxed(&ring->owner) == self && (uint32_t)index < r->ring_count);
    INVARIANT((uint64_t)((char *)(t->data + t->mask + 1) - (char *)r) <= r->bytes);

    uint64_t at;
    if (!ring_reserve(t, 1, &at)) return agent_thread_current;
    ring_write(t, at, ring_place(t, at), 1, ring_first(WIRE_OWNER, 0, NULL) | self, 0, 0);
    (void)swap_if_equal(&agent_thread_current, NULL, t);
    return agent_thread_current;
}
