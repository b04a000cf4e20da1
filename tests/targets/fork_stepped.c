/* SPDX-License-Identifier: MIT
 * A malloc that is interrupted at one instruction after another (by the processor's trap flag) by a
 * signal handler that forks (argument 1: fork, or clone, by the bare system call). The child
 * allocates in the handler, returns from it into the middle of the malloc, comes back from that,
 * and allocates on the very call stack that was interrupted. Each round has a call stack that was
 * never seen before: the functions zero and one, as the binary digits of the round's number say.
 *
 * Argument 2: how many rounds, spread evenly over the instructions of one malloc, from argument 3
 * on (per cent of them; the call tree is at work in the last third). Linked with the allocator of
 * slots_preload.c, which a handler may interrupt anywhere. x86-64 only; ends with 77 elsewhere.
 *
 * A child leaks 30 blocks of 503 bytes in the handler, and afterwards 20 of 307 and one of
 * 100000 + round on the interrupted stack. Prints how many children there were,
 * and how many ended otherwise than they should. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __x86_64__
#define TRAP_FLAG 0x100ull
enum { DIGITS = 14, OUTER = 1009 };

static volatile long steps, fire_at;
static volatile int is_child, fired, bad;
static int bare;

__attribute__((noinline)) static void in_handler(void) {
    for (int i = 0; i < 30; i++) {
        void *volatile block = malloc(503);
        (void)block;
    }
}

static void step(int number, siginfo_t *info, void *context) {
    ucontext_t *c = context;
    (void)number, (void)info;
    if (++steps != fire_at) return;
    c->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    fired++;
    pid_t pid = bare ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();
    if (pid == 0) {
        alarm(20); /* one that hangs ends */
        is_child = 1;
        in_handler();
        return;
    }
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0) bad++;
}

static inline void trap_on(void) {
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc");
}

static inline void trap_off(void) {
    __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc");
}

/* At the end of the call stack: once with a step after each instruction, then, in the child,
 * without. */
__attribute__((noinline)) static void interrupted(long round) {
    void *volatile block;
    if (fire_at != 0) trap_on();
    for (int i = 0;; i++) {
        block = malloc(i == 0 ? OUTER : i <= 20 ? 307 : 100000 + (size_t)round);
        trap_off();
        if (!is_child || i == 21) break;
    }
    if (!is_child) free(block);
}

static void digits(long left, int count, long round);
__attribute__((noinline)) static void zero(long left, int count, long round) {
    digits(left, count, round);
    __asm__ volatile("");
}
__attribute__((noinline)) static void one(long left, int count, long round) {
    digits(left, count, round);
    __asm__ volatile("");
}
__attribute__((noinline)) static void digits(long left, int count, long round) {
    if (count == 0)
        interrupted(round);
    else if (left & 1)
        one(left >> 1, count - 1, round);
    else
        zero(left >> 1, count - 1, round);
    __asm__ volatile("");
}

int main(int argc, char **argv) {
    struct sigaction on_trap = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    if (argc < 4) return 2;
    bare = strcmp(argv[1], "clone") == 0;
    long rounds = atol(argv[2]), round = 0;
    sigaction(SIGTRAP, &on_trap, NULL);
    long all = 0, first;
    for (; round < 500; round++) /* so many that the call tree has grown */
        digits(round, DIGITS, round);
    for (fire_at = -1; round < 516; round++) { /* an ordinary round */
        steps = 0;
        digits(round, DIGITS, round);
        if (all == 0 || steps < all) all = steps;
    }
    first = all * atol(argv[3]) / 100 + 1;
    for (long n = 0; n < rounds && !is_child; n++, round++) {
        steps = 0;
        fire_at = first + n * (all - first) / rounds;
        digits(round, DIGITS, round);
    }
    if (is_child) _exit(0);
    char line[64];
    int length = snprintf(line, sizeof line, "forks %d bad %d\n", fired, bad);
    return write(1, line, (size_t)length) == length ? 0 : 1;
}
#else
int main(void) {
    return 77;
}
#endif
