/* SPDX-License-Identifier: MIT
 * Stacks that are deeper than other profilers keep. Two recursions, alike but for their callers, stay
 * apart at every depth; the deepest one of 100,000 frames keeps its caller too. */
#include "own.h"

static struct own own;

__attribute__((noinline)) static void descend(int depth, size_t size) {
    if (depth == 0) {
        own_malloc(&own, size); /* leaks, so that the report shows it */
        return;
    }
    descend(depth - 1, size);
    __asm__ volatile("" ::: "memory"); /* no tail call */
}

__attribute__((noinline)) static void caller_red(int depth) {
    descend(depth, 1009);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void caller_blue(int depth) {
    descend(depth, 2003);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void caller_deep(int depth) {
    descend(depth, 4001);
    __asm__ volatile("" ::: "memory");
}

int main(void) {
    /* volatile, so that the loops are not unrolled into several call sites */
    for (volatile int i = 0; i < 3; i++) {
        caller_red(200);
        caller_blue(200);
    }
    for (volatile int i = 0; i < 2; i++) caller_deep(100000);
    own_print("recursion", &own);
    return 0;
}
