/* SPDX-License-Identifier: MIT
 * Argument 1 threads that all live at once, each with blocks of its own; they end in one go. Prints how
 * many could be made, too. */
#include <pthread.h>

#include "own.h"

enum { MANY = 10000 };
static struct own owns[MANY];
static pthread_barrier_t all_here;

static void *work(void *index) {
    struct own *o = &owns[(size_t)index];
    void *kept[5];
    for (int i = 0; i < 5; i++) kept[i] = own_malloc(o, 109);
    for (int i = 0; i < 50; i++) own_free(o, own_malloc(o, 61), 61);
    pthread_barrier_wait(&all_here);
    for (int i = 0; i < 5; i++) own_free(o, kept[i], 109);
    own_malloc(o, 17);
    return NULL;
}

int main(int argc, char **argv) {
    static pthread_t threads[MANY];
    static struct own own;
    int count = argc > 1 ? atoi(argv[1]) : 2000;
    if (count > MANY) return 2;
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    pthread_barrier_init(&all_here, NULL, (unsigned)count);
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], &small, work, (void *)(size_t)i) != 0) _exit(77);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++) own_add(&own, &owns[i]);
    own_print("live_threads", &own);
    return 0;
}
