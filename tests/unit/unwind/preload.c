/* SPDX-License-Identifier: MIT
 * LD_PRELOAD library that captures, verified, at every malloc, calloc and realloc of a program. It
 * is the unwinder without the rest of heapwise, to be run on real programs
 * (tests/e2e/unwind_verify.py).
 *
 * With UW_PRELOAD_STORM=N in the environment every Nth of these calls is the first of STORM_STEPS
 * instructions after each of which a signal handler captures: those of the unwinder itself, of
 * malloc, and of the program it returns to. */
#include "core/atomics.h"
#include "core/syscall.h"
#include "unwind/verify.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static struct uw_counters counters;

/* The call tree: open addressing on the path's hash. */
enum { NODES = 1 << 23 };
static uint64_t (*paths)[2];
static uint32_t *path_nodes, node_count, tree_lock;

static uint32_t resolve(void *context, struct uw_frame *frames, size_t count) {
    (void)context;
    const uint64_t *hash = frames[count - 1].hash;
    uint64_t before = uw_verify_quiet();
    while (!swap_if_equal(&tree_lock, 0u, 1u))
        sys_raw6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
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
    uw_verify_unquiet(before);
    return node;
}

static uint32_t state; /* 0 = not started, 1 = being started, 2 = started */
static __thread struct uw_thread *thread;
static __thread int busy;

static void *map(size_t bytes) {
    return sys_mmap(NULL, bytes, 3, 0x4022, -1, 0);
}

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

enum { STORM_STEPS = 600, TRAP_FLAG = 1 << 8 };
static __thread int steps_left;
static unsigned calls, storm_every;

static void on_trap(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    int error = errno;
    if (thread != NULL && !busy) UW_CAPTURE(thread);
    if (--steps_left <= 0) ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    errno = error;
}

static __attribute__((constructor)) void prepare_storm(void) {
    const char *every = getenv("UW_PRELOAD_STORM");
    if (every == NULL) return;
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    storm_every = (unsigned)atoi(every);
}

/* In a function of its own, so that its unwind information is right about the pushed word. */
void preload_trap(void);
__asm__(".text\n"
        ".type preload_trap, @function\n"
        "preload_trap:\n"
        "  .cfi_startproc\n"
        "  pushfq\n"
        "  .cfi_def_cfa_offset 16\n"
        "  orq $0x100, (%rsp)\n"
        "  popfq\n"
        "  .cfi_def_cfa_offset 8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size preload_trap, . - preload_trap\n");

static void maybe_storm(void) {
    if (likely(storm_every == 0) || ++calls % storm_every != 0) return;
    steps_left = STORM_STEPS;
    preload_trap();
}

#define EXPORT __attribute__((visibility("default"), noinline))

EXPORT void *malloc(size_t size) {
    maybe_storm();
    if (ready()) UW_CAPTURE(thread);
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
    maybe_storm();
    if (ready()) UW_CAPTURE(thread);
    return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size) {
    maybe_storm();
    if (ready()) UW_CAPTURE(thread);
    return __libc_realloc(old, size);
}
