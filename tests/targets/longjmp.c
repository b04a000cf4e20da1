/* SPDX-License-Identifier: MIT
 * longjmp out of deep calls, again and again to other depths: kept knowledge about popped frames must
 * not be believed. Each of the two callers leaks its own size. */
#include <setjmp.h>

#include "own.h"

static struct own own;
static jmp_buf back;

__attribute__((noinline)) static void descend(int depth, size_t size) {
    char room[64];
    memset(room, depth, sizeof room);
    __asm__ volatile("" : : "r"(room) : "memory");
    if (depth == 0) {
        own_malloc(&own, size);
        longjmp(back, 1);
    }
    descend(depth - 1, size);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void left(int depth) {
    descend(depth, 1009);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void right(int depth) {
    descend(depth, 2003);
    __asm__ volatile("" ::: "memory");
}

int main(void) {
    for (volatile int i = 0; i < 2000; i++) {
        if (setjmp(back) == 0) (i % 2 == 0 ? left : right)(i % 97);
        own_free(&own, own_malloc(&own, 61), 61);
    }
    own_print("longjmp", &own);
    return 0;
}
