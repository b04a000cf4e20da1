/* SPDX-License-Identifier: MIT
 * Blocks that one thread allocates and another frees or resizes, with addresses handed on as fast as
 * the allocator can: the realloc race (a block's old address is another thread's before the realloc
 * has returned), and frees that pass the next allocation of their address. Nothing leaks. */
#include <pthread.h>
#include <stdatomic.h>

#include "own.h"

enum { PAIRS = 2, CELLS = 16 };

static int rounds;

struct box {
    void *p;
    size_t size;
};
static struct box boxes[PAIRS][CELLS];
static atomic_int full[PAIRS][CELLS];

struct worker {
    pthread_t thread;
    int pair;
    struct own own;
};

static void *produce(void *argument) {
    struct worker *w = argument;
    uint64_t state = 11 + (uint64_t)w->pair;
    for (int i = 0; i < rounds; i++) {
        int cell = i % CELLS;
        while (atomic_load_explicit(&full[w->pair][cell], memory_order_acquire)) {}
        uint64_t r = own_random(&state);
        struct box *b = &boxes[w->pair][cell];
        b->size = 1 + (r >> 13) % 61;
        b->p = own_malloc(&w->own, b->size);
        atomic_store_explicit(&full[w->pair][cell], 1, memory_order_release);
    }
    return NULL;
}

static void *consume(void *argument) {
    struct worker *w = argument;
    uint64_t state = 13 + (uint64_t)w->pair;
    for (int i = 0; i < rounds; i++) {
        int cell = i % CELLS;
        while (!atomic_load_explicit(&full[w->pair][cell], memory_order_acquire)) {}
        struct box b = boxes[w->pair][cell];
        atomic_store_explicit(&full[w->pair][cell], 0, memory_order_release);
        uint64_t r = own_random(&state);
        if ((r & 3) != 0) {
            size_t to = 1 + (r >> 17) % 997;
            b.p = own_realloc(&w->own, b.p, b.size, to);
            b.size = to;
        }
        own_free(&w->own, b.p, b.size);
    }
    return NULL;
}

/* Resizes back and forth, so that its old addresses are free for the others at any moment. */
static void *resize(void *argument) {
    struct worker *w = argument;
    uint64_t state = 17;
    size_t size = 24;
    void *p = own_malloc(&w->own, size);
    for (int i = 0; i < rounds; i++) {
        size_t to = 1 + (own_random(&state) >> 11) % 4001;
        p = own_realloc(&w->own, p, size, to);
        size = to;
    }
    own_free(&w->own, p, size);
    return NULL;
}

int main(int argc, char **argv) {
    rounds = argc > 1 ? atoi(argv[1]) : 50000;
    static struct worker producers[PAIRS], consumers[PAIRS], resizers[2];
    struct own all = {0};
    for (int i = 0; i < 2; i++) pthread_create(&resizers[i].thread, NULL, resize, &resizers[i]);
    for (int i = 0; i < PAIRS; i++) {
        producers[i].pair = consumers[i].pair = i;
        pthread_create(&producers[i].thread, NULL, produce, &producers[i]);
        pthread_create(&consumers[i].thread, NULL, consume, &consumers[i]);
    }
    for (int i = 0; i < PAIRS; i++) {
        pthread_join(producers[i].thread, NULL);
        pthread_join(consumers[i].thread, NULL);
        own_add(&all, &producers[i].own);
        own_add(&all, &consumers[i].own);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(resizers[i].thread, NULL);
        own_add(&all, &resizers[i].own);
    }
    own_print("cross_free", &all);
    return 0;
}
