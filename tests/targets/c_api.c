/* SPDX-License-Identifier: MIT
 * Tells heapwise of itself in every way of the C API, and prints what it knows to be true. The
 * first argument chooses one part; none runs them all. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "heapwise/heapwise.h"

static char arena[1 << 16];

static void pools(void) {
    heapwise_pool strings = heapwise_pool_create("strings");
    heapwise_pool nodes = heapwise_pool_create("nodes");
    char *memory = malloc(40000);
    heapwise_pool_memory(nodes, memory);
    for (int i = 0; i < 100; i++)
        heapwise_pool_alloc(strings, arena + 64 * i, 48);
    for (int i = 0; i < 40; i++)
        heapwise_pool_free(strings, arena + 64 * i);
    heapwise_pool_realloc(strings, arena + 64 * 40, arena + 64 * 200, 1024);
    for (int i = 0; i < 10; i++)
        heapwise_pool_alloc(nodes, memory + 100 * i, 100); /* the first one where malloc's begins */
    heapwise_pool_reset(nodes);
    for (int i = 0; i < 5; i++)
        heapwise_pool_alloc(nodes, memory + 7 * i, 7);
    /* strings: 101 allocations, 41 frees, 60 blocks of 48 * 59 + 1024 bytes; nodes: 15 allocations
     */
}

static void moments(void) {
    heapwise_thread_name("the main one");
    heapwise_mark("before");
    char *kept = malloc(5000);
    heapwise_snapshot("with 5000 bytes");
    free(kept);
    heapwise_mark("before");
}

static void print(const char *name, int told, const struct heapwise_stats *s) {
    printf("%s told=%d allocations=%llu bytes=%llu frees=%llu outside=%llu freed=%llu "
           "reallocations=%llu "
           "failed=%llu live=%llu/%llu peak=%llu/%llu inexact=%llu\n",
           name, told, (unsigned long long)s->allocations, (unsigned long long)s->allocated_bytes,
           (unsigned long long)s->frees, (unsigned long long)s->outside_frees,
           (unsigned long long)s->freed_bytes, (unsigned long long)s->reallocations,
           (unsigned long long)s->failed, (unsigned long long)s->live_blocks,
           (unsigned long long)s->live_bytes, (unsigned long long)s->peak_blocks,
           (unsigned long long)s->peak_bytes, (unsigned long long)s->inexact);
    fflush(stdout);
}

static void *scopes(void *unused) {
    struct heapwise_stats inner, outer, many;
    void *outside = malloc(11);
    heapwise_scope a = heapwise_scope_begin();
    char *one = malloc(100), *two = calloc(10, 20);
    heapwise_scope b = heapwise_scope_begin();
    free(outside);
    free(one);
    char *three = malloc(1000);
    three = realloc(three, 3000);
    free(malloc((size_t)1 << 50));
    int told = heapwise_scope_end(b, &inner);
    print("inner", told, &inner);
    free(three);
    told = heapwise_scope_end(a, &outer);
    print("outer", told, &outer);
    free(two);

    a = heapwise_scope_begin();
    void *blocks[5000];
    for (int i = 0; i < 5000; i++)
        blocks[i] = malloc(16);
    for (int i = 0; i < 5000; i += 2)
        free(blocks[i]);
    told = heapwise_scope_end(a, &many);
    print("many", told, &many);
    for (int i = 1; i < 5000; i += 2)
        free(blocks[i]);
    print("twice", heapwise_scope_end(a, &many), &many);
    return unused;
}

static void threads(void) {
    pthread_t t[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, scopes, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
}

__attribute__((noinline)) static void careless(void) {
    free(malloc(777));
}

static int forbidden(int leave) {
    HEAPWISE_NO_ALLOC {
        careless();
        careless();
        if (leave == 1) return 1;
        if (leave == 2) break;
    }
    free(malloc(778)); /* allowed again, however the block was left */
    return 0;
}

static void forked(void) {
    heapwise_pool pool = heapwise_pool_create("inherited");
    heapwise_pool_alloc(pool, arena, 333);
    heapwise_scope scope = heapwise_scope_begin();
    fflush(stdout);
    if (fork() == 0) {
        struct heapwise_stats s;
        free(malloc(10));
        heapwise_pool_alloc(pool, arena + 1000, 444);
        print("child", heapwise_scope_end(scope, &s), &s);
        _exit(0);
    }
    wait(NULL);
    heapwise_scope_end(scope, NULL);
}

static void aborted(void) {
    HEAPWISE_NO_ALLOC_OR_ABORT {
        careless();
    }
}

int main(int argc, char **argv) {
    const char *part = argc > 1 ? argv[1] : "all";
    int all = strcmp(part, "all") == 0;
    static char buffer[1 << 12];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer); /* stdio allocates nothing */
    printf("active=%d\n", heapwise_active());
    if (all || strcmp(part, "pools") == 0) pools();
    if (all || strcmp(part, "moments") == 0) moments();
    if (all || strcmp(part, "scopes") == 0) scopes(NULL);
    if (all || strcmp(part, "forbidden") == 0)
        printf("left %d %d %d\n", forbidden(0), forbidden(1), forbidden(2));
    if (all || strcmp(part, "threads") == 0) threads();
    if (all || strcmp(part, "forked") == 0) forked();
    if (strcmp(part, "aborted") == 0) aborted();
    return 0;
}
