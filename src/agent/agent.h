/* SPDX-License-Identifier: MIT
 * The agent: libheapwise.so in the profiled process. Its rules, which every file here keeps:
 *
 *   - no allocation from libc, no stdio, no locks, no descriptors held, no threads, no signal
 * handlers;
 *   - errno is the program's: only system calls through core/syscall.h, which do not touch it;
 *   - a failure becomes a counter in the region or turns the agent off; it never ends, blocks or
 *     changes the program;
 *   - a free is recorded before the block can be handed out again, an allocation after the real
 * call, and only what succeeded is an allocation.
 *
 * State of a process (agent_process.state), changed by compare-and-swap:
 *   ASLEEP ──first hook or constructor──► STARTING ──handshake──► ON ──recorder gone──► OFF
 *                                             └──no recorder──────────────────────────► OFF
 * A child after fork finds its guard page wiped and goes ON ► STARTING again, with a region of its
 * own. */
#ifndef HEAPWISE_AGENT_AGENT_H
#define HEAPWISE_AGENT_AGENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/atomics.h"
#include "unwind/unwind.h"
#include "wire/region.h"

enum agent_state { AGENT_ASLEEP = 0, AGENT_STARTING, AGENT_ON, AGENT_OFF };

/* One thread that records; lives in private memory of its own and goes with its ring from thread to
 * thread. */
struct agent_thread {
    struct wire_ring *ring;
    uint64_t *data;     /* the ring's words */
    uint64_t *end;      /* behind the last of them */
    uint64_t mask;      /* capacity - 1, in words */
    uint64_t pulse;     /* region->pulse as of its last record */
    uint32_t lap_shift; /* brings a position's bit of the lap to the top: 63 - capacity_log2 */
    uint8_t stamps;     /* THREAD_STAMPS | THREAD_SCOPED */
    uint8_t reserved[3];
    struct uw_thread *unwinder;
    struct agent_scopes *scopes; /* scope.c; made with its first scope */
};
_Static_assert(sizeof(struct agent_thread) == 64, "one line");
/* Records carry stamps; a scope of the C API is open, so that each event is looked at (scope.c). */
enum { THREAD_STAMPS = 1, THREAD_SCOPED = 2 };

struct agent_process {
    uint32_t state; /* enum agent_state */
    uint32_t reserved;
    struct wire_region *region;
};

extern struct agent_process agent_process;

/* A page of its own, which the kernel wipes in a forked child. */
enum agent_guard { GUARD_WIPED = 0, GUARD_HERE = 1, GUARD_OFF = 2 };
extern struct agent_guard_page {
    _Alignas(4096) uint32_t state; /* enum agent_guard */
    uint8_t rest[4092];
} agent_guard_page;
extern __thread struct agent_thread *agent_thread_current
    __attribute__((tls_model("initial-exec")));

/* Everything that is not the common case: first event of a thread, first event of a process or of a
 * forked child, agent off. Gives the thread to record with or NULL. */
struct agent_thread *agent_enter_slow(void);

/* The calling thread, ready to record; NULL when nothing is to be recorded. */
static inline struct agent_thread *agent_enter(void) {
    struct agent_thread *t = agent_thread_current;
    if (likely(t != NULL && agent_guard_page.state == GUARD_HERE)) return t;
    return agent_enter_slow();
}

/* Whether a region, or a place in one, is of the one that this process records in. A child that
 * forked in the middle of a hook, from a signal handler, ends that hook on what its parent had: a
 * region that is wiped and nobody's (process.c: child_detach), and a tree of that region. */
static inline int agent_is_own(const void *place) {
    const struct wire_region *r = agent_process.region;
    return agent_guard_page.state == GUARD_HERE &&
           (uintptr_t)place - (uintptr_t)r < r->bytes;
}

/* The recorder is gone: nothing is recorded from here on. */
void agent_turn_off(void);

/* process.c */
int agent_region_obtain(int forked);

/* threads.c: gives the calling thread a ring, reusing those of dead threads. */
struct agent_thread *agent_thread_obtain(void);
/* In a forked child: none of the parent's threads, which used `used` rings, exists here. */
void agent_threads_forget(uint32_t used);

/* ring_write.c: the clock has moved, or the process has become threaded. */
void agent_pulse_changed(struct agent_thread *t);

/* ring_wait.c: waits until the ring has room up to position `end`. Returns 0, or -1 when the
 * recorder is gone and the record is to be dropped. */
int agent_ring_wait(struct agent_thread *t, uint64_t end);

/* Whether there is nobody any more who reads the region. */
int agent_recorder_is_gone(void);

/* modules.c: which files are known in a region. */
struct known_module {
    uint64_t start, end;
    uint64_t epoch; /* when it was last seen to be so */
    uint32_t id;
    uint32_t whole; /* 1: written completely (release) */
};
enum { KNOWN_MODULES_MAX = 256 };
struct agent_modules {
    struct wire_region *region;
    uint32_t count;
    uint32_t last; /* index of the last hit: a hint */
    struct known_module known[KNOWN_MODULES_MAX];
};
/* Id of the module that holds `address` (0: none), announced in the region if it is new. */
uint32_t agent_module_of(struct agent_modules *m, uint64_t address);

/* call_tree.c. A tree belongs to one region; agent_tree_start makes one for the region that the
 * process has now, and then agent_tree_present gives it. The one before, which a forked child has
 * of its parent, is let go, unless the child forked in the middle of a look at it. */
struct agent_tree;
int agent_tree_start(void);
struct agent_tree *agent_tree_present(void);
uint32_t agent_tree_resolve(void *tree, struct uw_frame *frames, size_t count);
/* The node of `parent`'s stack with one frame more on top. */
uint32_t agent_tree_child(uint32_t parent, uint64_t pc);

/* names.c: the index of a text, announced in the region if it is new; 0 when there is no room. */
uint32_t agent_name(const char *text);
void agent_names_announce(void); /* all that are known, in a region that is new */

#endif
