/* SPDX-License-Identifier: MIT
 * Leaks in two functions, one of which the program itself declares as wanted, in the way that
 * LeakSanitizer defines. */
#include "own.h"

static struct own own;

const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
    return "leak:wanted_leak\n";
}

__attribute__((noinline)) static void wanted_leak(void) {
    own_malloc(&own, 1009);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void real_leak(void) {
    own_malloc(&own, 2003);
    __asm__ volatile("" ::: "memory");
}

int main(void) {
    wanted_leak();
    real_leak();
    own_print("suppressed", &own);
    return 0;
}
