/* SPDX-License-Identifier: MIT
 * A way out of libdw. See dwarf_guard.h. */
#include "symbols/dwarf_guard.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define SIGNALS (sizeof signals / sizeof *signals)

/* SIGBUS: the file has become shorter since it was mapped. */
static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock: how many have begun and not ended, and what they found before them. */
static unsigned users;
static struct sigaction before[SIGNALS];

static __thread sigjmp_buf way_out;
static __thread volatile sig_atomic_t guarded;

/* Whether an instruction is heapwise's own, which links libdw as a shared library. A mistake of ours
 * in guarded work, or in what libdw calls back, is not to be told as broken debug information. */
static bool is_own_code(const void *instruction) {
    extern const char __executable_start[], etext[]; /* the linker's */
    uintptr_t at = (uintptr_t)instruction;
    return at >= (uintptr_t)__executable_start && at < (uintptr_t)etext;
}

/* The instruction that made a signal, as far as it can be told here. */
static const void *instruction_of(const void *context) {
#ifdef __x86_64__
    const ucontext_t *c = context;
    return (const void *)(uintptr_t)c->uc_mcontext.gregs[REG_RIP];
#else
    (void)context;
    return NULL;
#endif
}

static void __attribute__((noreturn)) leave(int result) {
    guarded = 0;
    siglongjmp(way_out, result);
}

static void __attribute__((noreturn)) leave_without_memory(void) {
    leave(SYM_GUARD_MEMORY_OUT);
}

/* One that is not the guarded work's own ends the process as it would without us: a fault comes
 * again with the instruction that made it, and what was sent is sent once more. */
static void on_signal(int number, siginfo_t *information, void *context) {
    int was_sent = information->si_code <= 0;
    bool is_fault = !was_sent && !(number == SIGSEGV && is_own_code(instruction_of(context)));
    if (guarded && (is_fault || number == SIGABRT)) leave(SYM_GUARD_BROKEN);
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i] == number) sigaction(number, &before[i], NULL);
    if (was_sent) raise(number);
}

/* libdw's assertions come here rather than to libc's, which prints before it aborts. */
void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function) {
    if (guarded && !is_own_code(__builtin_extract_return_addr(__builtin_return_address(0))))
        leave(SYM_GUARD_BROKEN);
    guarded = 0;
    fprintf(stderr, "heapwise: %s:%u: %s: Assertion `%s' failed.\n", file, line, function,
            assertion);
    abort();
}

void sym_guard_begin(void) {
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    pthread_mutex_lock(&lock);
    for (size_t i = 0; users == 0 && i < SIGNALS; i++)
        sigaction(signals[i], &action, &before[i]);
    users++;
    pthread_mutex_unlock(&lock);
}

void sym_guard_end(void) {
    pthread_mutex_lock(&lock);
    users--;
    for (size_t i = 0; users == 0 && i < SIGNALS; i++)
        sigaction(signals[i], &before[i], NULL);
    pthread_mutex_unlock(&lock);
}

int sym_guard_call(int (*work)(void *context), void *context) {
    int left = sigsetjmp(way_out, 1);
    if (left != 0) return left;
    guarded = 1;
    int result = work(context);
    guarded = 0;
    return result;
}

Dwarf *sym_guard_dwarf(Elf *elf) {
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (dwarf != NULL) dwarf_new_oom_handler(dwarf, leave_without_memory);
    return dwarf;
}
