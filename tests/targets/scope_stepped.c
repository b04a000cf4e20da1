/* SPDX-License-Identifier: MIT
 * A scope whose allocation is interrupted by a signal handler that allocates, at every single
 * instruction in turn: the processor's trap flag gives a signal after each one. Round k lets the
 * handler allocate and free once, after the k-th instruction. Prints what the scopes told as JSON.
 * x86-64 only; ends with 77 elsewhere.
 *
 * The first argument says what is interrupted: malloc, or free. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "heapwise/heapwise.h"

#define OUTER 1009
#define INNER 307
#define ROUNDS_MAX 100000

#ifdef __x86_64__
#define TRAP_FLAG 0x100ull

static volatile long steps, fire_at;
static volatile int fired;

static void step(int number, siginfo_t *info, void *context) {
    ucontext_t *c = context;
    (void)number, (void)info;
    if (++steps != fire_at) return;
    fired = 1;
    free(malloc(INNER));
    c->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG; /* the rest at full speed */
}

static inline void trap_on(void) {
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
}

static inline void trap_off(void) {
    __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc");
}

struct tally {
    unsigned long rounds, inexact, wrong_counts, wrong_exact, too_low;
};

/* What is always exact, what is when the scope says so, and which way it errs when not. */
static void judge(struct tally *t, const struct heapwise_stats *s, uint64_t live) {
    t->rounds++;
    t->inexact += s->inexact;
    t->wrong_counts += s->allocations != 2 || s->allocated_bytes != OUTER + INNER ||
                       s->frees != (live == 0 ? 2 : 1);
    if (s->inexact == 0)
        t->wrong_exact += s->live_bytes != live || s->live_blocks != (live != 0) ||
                          (s->peak_bytes != OUTER && s->peak_bytes != OUTER + INNER);
    else
        t->too_low += s->live_bytes < live || s->peak_bytes < live;
}

/* Returns 0 when the call was over before its k-th instruction. */
static int interrupt_malloc(struct tally *t, long k) {
    struct heapwise_stats s;
    heapwise_scope scope = heapwise_scope_begin();
    steps = 0, fired = 0, fire_at = k;
    trap_on();
    void *volatile block = malloc(OUTER);
    trap_off();
    heapwise_scope_end(scope, &s);
    free(block);
    if (fired) judge(t, &s, OUTER);
    return fired;
}

static int interrupt_free(struct tally *t, long k) {
    struct heapwise_stats s;
    heapwise_scope scope = heapwise_scope_begin();
    void *volatile block = malloc(OUTER);
    steps = 0, fired = 0, fire_at = k;
    trap_on();
    free(block);
    trap_off();
    heapwise_scope_end(scope, &s);
    if (fired) judge(t, &s, 0);
    return fired;
}

int main(int argc, char **argv) {
    struct tally t = {0};
    int (*interrupt)(struct tally *, long) =
        argc > 1 && strcmp(argv[1], "free") == 0 ? interrupt_free : interrupt_malloc;
    struct sigaction on_trap = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    static char buffer[4096];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer); /* stdio allocates nothing */
    sigaction(SIGTRAP, &on_trap, NULL);
    for (int i = 0; i < 3; i++) { /* what only the first calls do is not what is looked at */
        struct tally none = {0};
        interrupt(&none, 5);
    }
    long k = 1;
    while (k < ROUNDS_MAX && interrupt(&t, k))
        k++;
    printf("{\"rounds\": %lu, \"inexact\": %lu, \"wrong_counts\": %lu, \"wrong_exact\": %lu, "
           "\"too_low\": %lu}\n",
           t.rounds, t.inexact, t.wrong_counts, t.wrong_exact, t.too_low);
    return 0;
}
#else
int main(void) {
    return 77;
}
#endif
