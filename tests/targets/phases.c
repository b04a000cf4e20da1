/* SPDX-License-Identifier: MIT
 * Blocks of different ages and sizes over about argument 1 milliseconds: some end at once, some after a
 * few rounds, some never; one call site grows without bound, another holds its blocks up to the end. So
 * every question about time, size, lifetime and leaks has a part of the program as its answer. */
#include <time.h>

#include "own.h"

enum { ROUNDS_KEPT = 8, CACHED = 20000 };
static struct own own;
static void *recent[ROUNDS_KEPT], *cache[CACHED], *leaked;

__attribute__((noinline)) static void use_at_once(void) {
    own_free(&own, own_malloc(&own, 1009), 1009);
}
__attribute__((noinline)) static void use_for_some_rounds(long round) {
    void **slot = &recent[round % ROUNDS_KEPT];
    if (*slot != NULL) own_free(&own, *slot, 4999);
    *slot = own_malloc(&own, 4999);
}
__attribute__((noinline)) static void grow_a_cache(long round) {
    if (round < CACHED) cache[round] = own_malloc(&own, 257);
}
__attribute__((noinline)) static void leak(void) {
    leaked = own_malloc(&own, 61);
}

int main(int argc, char **argv) {
    long milliseconds = argc > 1 ? atol(argv[1]) : 200;
    for (long i = 0; i < milliseconds; i++) {
        use_at_once();
        use_for_some_rounds(i);
        grow_a_cache(i);
        if (i % 3 == 0) leak();
        struct timespec t = {0, 1000000};
        nanosleep(&t, NULL);
    }
    for (long i = 0; i < milliseconds && i < CACHED; i++) own_free(&own, cache[i], 257);
    own_print("phases", &own);
    return leaked == NULL;
}
