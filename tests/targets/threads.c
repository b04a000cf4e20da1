/* SPDX-License-Identifier: MIT
 * N threads (argument 1) that each allocate, resize and free (argument 2 rounds), keep their own
 * counts, and meet at a barrier with a known number of blocks alive, which is the process's peak. */
#include <pthread.h>

#include "own.h"

enum { SLOTS = 61, THREADS_MAX = 64, PEAK_BLOCK = 300007 };

static int rounds;
static pthread_barrier_t barrier;

struct worker {
    pthread_t thread;
    int index;
    struct own own;
};

__attribute__((noinline)) static void churn(struct worker *w) {
    void *p[SLOTS] = {0};
    size_t size[SLOTS] = {0};
    uint64_t state = 77 + (uint64_t)w->index;
    for (int i = 0; i < rounds; i++) {
        uint64_t r = own_random(&state);
        int s = (int)((r >> 33) % SLOTS);
        if (p[s] == NULL) {
            size[s] = 1 + (r >> 7) % 509;
            p[s] = own_malloc(&w->own, size[s]);
        } else if ((r & 7) == 0) {
            size_t to = 1 + (r >> 9) % 701;
            p[s] = own_realloc(&w->own, p[s], size[s], to);
            size[s] = to;
        } else {
            own_free(&w->own, p[s], size[s]);
            p[s] = NULL;
        }
    }
    for (int s = 0; s < SLOTS; s++)
        if (p[s] != NULL) own_free(&w->own, p[s], size[s]);
}

static void *work(void *argument) {
    struct worker *w = argument;
    churn(w);
    pthread_barrier_wait(&barrier);
    void *p = own_malloc(&w->own, PEAK_BLOCK + (size_t)w->index);
    pthread_barrier_wait(&barrier);
    own_free(&w->own, p, PEAK_BLOCK + (size_t)w->index);
    pthread_barrier_wait(&barrier);
    churn(w);
    return NULL;
}

int main(int argc, char **argv) {
    int count = argc > 1 ? atoi(argv[1]) : 4;
    rounds = argc > 2 ? atoi(argv[2]) : 20000;
    if (count < 1 || count > THREADS_MAX) return 2;
    static struct worker workers[THREADS_MAX];
    struct own all = {0};
    pthread_barrier_init(&barrier, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        workers[i].index = i;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) return 3;
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        own_add(&all, &workers[i].own);
        all.peak_bytes += PEAK_BLOCK + (uint64_t)i;
        all.peak_blocks++;
    }
    own_print("threads", &all);
    return 0;
}
