/* SPDX-License-Identifier: MIT
 * What one malloc/free pair costs: pair THREADS PAIRS DEPTH. Each thread goes DEPTH calls deep and
 * does PAIRS pairs there; prints the nanoseconds of CPU time a pair, the mean of all threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long pairs;
static int depth;
static pthread_barrier_t start;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

__attribute__((noinline)) static double descend(int frames) {
    if (frames > 1) {
        double seconds = descend(frames - 1);
        __asm__ volatile("" ::: "memory");
        return seconds;
    }
    double before = cpu_seconds();
    for (long i = 0; i < pairs; i++) {
        void *p = malloc(64);
        __asm__ volatile("" : : "r"(p) : "memory");
        free(p);
    }
    return cpu_seconds() - before;
}

static void *work(void *seconds) {
    pthread_barrier_wait(&start);
    *(double *)seconds = descend(depth);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int threads = atoi(argv[1]);
    pairs = atol(argv[2]);
    depth = atoi(argv[3]);
    static double seconds[64];
    if (threads < 1 || threads > 64) return 2;
    if (threads == 1) {
        seconds[0] = descend(depth); /* no second thread exists, as in most programs */
    } else {
        pthread_t handle[64];
        pthread_barrier_init(&start, NULL, (unsigned)threads);
        for (int i = 0; i < threads; i++) pthread_create(&handle[i], NULL, work, &seconds[i]);
        for (int i = 0; i < threads; i++) pthread_join(handle[i], NULL);
    }
    double sum = 0;
    for (int i = 0; i < threads; i++) sum += seconds[i];
    printf("%.2f\n", sum / threads / (double)pairs * 1e9);
    return 0;
}
