/* SPDX-License-Identifier: MIT
 * Guarded work is left at a fault, a failed assertion and an abort of its own, again and again and
 * in each of two threads; other code ends by the same as ever, and so do instructions of our own in
 * guarded work; signals that are sent are no faults. */
#include "symbols/dwarf_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "faulting_library.h"

/* As assert.h declares it, which leaves it out where NDEBUG is defined. */
void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
    __attribute__((noreturn));

static int *volatile nowhere;

/* The same mistakes in code that is linked as heapwise's own is. */
__attribute__((no_sanitize("undefined"))) static void own_code_goes(enum way way) {
    if (way == FAULTS) *nowhere = 1;
    if (way == ASSERTS) __assert_fail("3 < 1", "file.c", 8, "function");
}

static int work(void *context) {
    library_goes(*(enum way *)context);
    return 5;
}

static int own_work(void *context) {
    own_code_goes(*(enum way *)context);
    return 5;
}

static int guarded(enum way way) {
    return sym_guard_call(work, &way);
}

static void *many(void *unused) {
    for (int i = 0; i < 100; i++) {
        CHECK_EQ_I64(guarded(FAULTS), SYM_GUARD_BROKEN);
        CHECK_EQ_I64(guarded(ASSERTS), SYM_GUARD_BROKEN);
        CHECK_EQ_I64(guarded(ABORTS), SYM_GUARD_BROKEN);
        CHECK_EQ_I64(guarded(RETURNS), 5);
    }
    return unused;
}

static void not_guarded(enum way way) {
    library_goes(way);
}

static void guarded_but_sent(enum way way) {
    guarded(way);
}

static void guarded_before(enum way way) {
    guarded(FAULTS);
    guarded(RETURNS);
    library_goes(way);
}

static void own_in_guarded_work(enum way way) {
    sym_guard_call(own_work, &way);
}

static void guarded_once(enum way way) {
    guarded(RETURNS);
    sym_guard_end();
    library_goes(way);
}

/* The signal that ends a child which does this; with AddressSanitizer it may exit and say what
 * happened. */
static int ends_by(void (*doing)(enum way), enum way way) {
    fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int fd = open("/dev/null", O_WRONLY);
        dup2(fd, STDERR_FILENO);
        doing(way);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status != 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#ifdef __SANITIZE_ADDRESS__
#define FAULT_ENDS_BY 0
#else
#define FAULT_ENDS_BY SIGSEGV
#endif

int main(void) {
    sym_guard_begin();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, many, NULL) == 0);
    many(NULL);
    pthread_join(thread, NULL);

    CHECK_EQ_I64(ends_by(not_guarded, FAULTS), FAULT_ENDS_BY);
    CHECK_EQ_I64(ends_by(not_guarded, ASSERTS), SIGABRT);
    CHECK_EQ_I64(ends_by(not_guarded, ABORTS), SIGABRT);
    CHECK_EQ_I64(ends_by(guarded_before, FAULTS), FAULT_ENDS_BY);
    CHECK_EQ_I64(ends_by(guarded_before, ABORTS), SIGABRT);
    CHECK_EQ_I64(ends_by(guarded_but_sent, KILLED), FAULT_ENDS_BY);
    CHECK_EQ_I64(ends_by(guarded_once, FAULTS), FAULT_ENDS_BY);
    CHECK_EQ_I64(ends_by(own_in_guarded_work, FAULTS), FAULT_ENDS_BY);
    CHECK_EQ_I64(ends_by(own_in_guarded_work, ASSERTS), SIGABRT);
    sym_guard_begin();
    sym_guard_end();
    CHECK_EQ_I64(guarded(RETURNS), 5);
    CHECK_EQ_I64(guarded(FAULTS), SYM_GUARD_BROKEN);
    sym_guard_end();
    struct sigaction action;
    CHECK(sigaction(SIGABRT, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    return 0;
}
