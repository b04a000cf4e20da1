/* SPDX-License-Identifier: MIT
 * LD_PRELOAD library that captures, verified, at every malloc, calloc and realloc of a program. It is
 * the unwinder without the rest of heapwise, to be run on real programs (tests/e2e/unwind_verify.py).
 *
 * With UW_PRELOAD_STORM=MICROSECONDS in the environment it also interrupts the program that often,
 * anywhere, and captures in the signal handler. */
#include "core/atomics.h"
#include "core/syscall.h"
#include "unwind/unwind.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static struct uw_counters counters;

/* The call tree: open addressing on the path's hash. */
enum { NODES = 1 << 23 };
static uint64_t (*paths)[2];
static uint32_t *path_nodes, node_count, tree_lock;

static void tree_enter(uint64_t *old) {
    uint64_t all = ~0ull;
    sys_sigprocmask(0, &all, old);
    while (!swap_if_equal(&tree_lock, 0u, 1u)) sys_raw6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}

static uint32_t resolve(void *context, struct uw_frame *frames, size_t count) {
    (void)context;
    const uint64_t *hash = frames[count - 1].hash;
    uint64_t old;
    tree_enter(&old);
    uint64_t i = hash[0] % NODES;
    while (path_nodes[i] != 0 && (paths[i][0] != hash[0] || paths[i][1] != hash[1]))
        i = (i + 1) % NODES;
    if (path_nodes[i] == 0) {
        if (node_count > NODES / 8 * 7) abort();
        paths[i][0] = hash[0], paths[i][1] = hash[1];
        path_nodes[i] = ++node_count;
    }
    uint32_t node = path_nodes[i];
    store_release(&tree_lock, 0u);
    sys_sigprocmask(2, &old, NULL);
    return node;
}

static uint32_t state; /* 0 = not started, 1 = being started, 2 = started */
static __thread struct uw_thread *thread;
static __thread int busy;

static void *map(size_t bytes) { return sys_mmap(NULL, bytes, 3, 0x4022, -1, 0); }

/* Whether the calling thread can capture now. */
static int ready(void) {
    if (likely(thread != NULL)) return busy == 0;
    if (busy) return 0;
    busy = 1;
    if (load_acquire(&state) == 0 && swap_if_equal(&state, 0u, 1u)) {
        paths = map(NODES * sizeof *paths);
        path_nodes = map(NODES * sizeof *path_nodes);
        if (uw_start(resolve, NULL, &counters) != 0) abort();
        store_release(&state, 2u);
    }
    if (load_acquire(&state) == 2) thread = uw_thread_create(0);
    busy = 0;
    return thread != NULL;
}

static void on_profile(int number) {
    (void)number;
    int error = errno;
    if (thread != NULL && !busy) UW_CAPTURE(thread);
    errno = error;
}

static __attribute__((constructor)) void start_storm(void) {
    const char *interval = getenv("UW_PRELOAD_STORM");
    if (interval == NULL) return;
    struct sigaction action = {.sa_handler = on_profile, .sa_flags = SA_RESTART};
    struct itimerval timer = {{0, atoi(interval)}, {0, atoi(interval)}};
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &timer, NULL);
}

#define EXPORT __attribute__((visibility("default"), noinline))

EXPORT void *malloc(size_t size) {
    if (ready()) UW_CAPTURE(thread);
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
    if (ready()) UW_CAPTURE(thread);
    return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size) {
    if (ready()) UW_CAPTURE(thread);
    return __libc_realloc(old, size);
}
