/* SPDX-License-Identifier: MIT
 * See faulting_library.h. */
#include "faulting_library.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* As assert.h declares it, which leaves it out where NDEBUG is defined. */
void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
    __attribute__((noreturn));

static int *volatile nowhere;

__attribute__((no_sanitize("undefined"))) void library_goes(enum way way) {
    switch (way) {
    case RETURNS:
        return;
    case FAULTS:
        *nowhere = 1;
        return;
    case ASSERTS:
        __assert_fail("2 < 1", "file.c", 7, "function");
    case ABORTS:
        abort();
    case KILLED:
        kill(getpid(), SIGSEGV);
        return;
    }
}
