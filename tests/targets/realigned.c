/* SPDX-License-Identifier: MIT
 * Frames whose stack is realigned (64-byte locals), with and without variable-length arrays, so that
 * the unwind information needs the DRAP register or an expression. Two callers stay apart. */
#include "own.h"

static struct own own;
static volatile int sink;

__attribute__((noinline)) static void realigned(int n, size_t size) {
    _Alignas(64) volatile char room[64];
    volatile char *variable = __builtin_alloca((size_t)n);
    room[0] = variable[0] = (char)n;
    own_malloc(&own, size);
    sink += room[0] + variable[0];
}

__attribute__((noinline)) static void first(int n) {
    _Alignas(128) volatile char room[128];
    room[3] = 1;
    realigned(n, 1009);
    sink += room[3];
}

__attribute__((noinline)) static void second(int n) {
    realigned(n, 2003);
    sink++;
}

int main(void) {
    for (int i = 0; i < 200; i++) {
        first(1 + i % 50);
        second(1 + i % 70);
    }
    own_print("realigned", &own);
    return 0;
}
