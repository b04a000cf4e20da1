/* SPDX-License-Identifier: MIT
 * Allocates and frees at random, as many times as the argument says, from call stacks of several
 * depths: for recordings that are long. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 20011, SITES = 16 };
static void *slots[SLOTS];
static uint64_t state = 88172645463325252u;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

__attribute__((noinline)) static void *allocate(int depth, size_t size) {
    if (depth == 0) return malloc(size);
    void *p = allocate(depth - 1, size);
    __asm__ volatile("" ::: "memory");
    return p;
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    long events = atol(argv[1]);
    for (long i = 0; i < events; i++) {
        uint64_t r = next_random();
        void **slot = &slots[(r >> 32) % SLOTS];
        if (*slot == NULL) {
            *slot = allocate((int)(r % SITES), 16 + (r >> 8) % 500);
        } else {
            free(*slot);
            *slot = NULL;
        }
    }
    return 0;
}
