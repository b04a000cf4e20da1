/* SPDX-License-Identifier: MIT
 * What is a temporary allocation and what only looks like one. A block is temporary if and only if
 * its end is the next allocation event of its own thread after its birth. */
#include <pthread.h>

#include "own.h"

static struct own own, other;

/* A rolling pair of equal size and stack: each block outlives the birth of the next one. None of the
 * 10,000 is temporary but the very last, which is freed right after its birth and the free of its
 * elder: the elder goes first, so not even that one. */
__attribute__((noinline)) static void rolling_pair(void) {
    void *kept = own_malloc(&own, 4099);
    for (int i = 1; i < 10000; i++) {
        void *next = own_malloc(&own, 4099);
        own_free(&own, kept, 4099);
        kept = next;
    }
    void *last = own_malloc(&own, 17);
    own_free(&own, kept, 4099);
    own_free(&own, last, 17);
}

/* 5,000 true ones. */
__attribute__((noinline)) static void true_temporaries(void) {
    for (int i = 0; i < 5000; i++) own_free(&own, own_malloc(&own, 1237), 1237);
}

/* A block that is resized at once: its first life is temporary (realloc ends it), and so is the
 * second, which is freed at once: 2 for each of 100. */
__attribute__((noinline)) static void resized_temporaries(void) {
    for (int i = 0; i < 100; i++) {
        void *p = own_malloc(&own, 101);
        p = own_realloc(&own, p, 101, 211);
        own_free(&own, p, 211);
    }
}

static void *free_it(void *p) {
    own_free(&other, p, 307);
    return NULL;
}

/* Freed by another thread: not temporary, though no allocation comes between. */
__attribute__((noinline)) static void freed_elsewhere(void) {
    static void *p[10];
    for (int i = 0; i < 10; i++) {
        p[i] = own_malloc(&own, 307);
        pthread_t t;
        pthread_create(&t, NULL, free_it, p[i]);
        pthread_join(t, NULL);
    }
}

int main(void) {
    rolling_pair();
    true_temporaries();
    resized_temporaries();
    freed_elsewhere();
    own_write("{\"rolling_pair\":0,\"true_temporaries\":5000,\"resized_temporaries\":200,"
              "\"freed_elsewhere\":0}\n");
    return 0;
}
