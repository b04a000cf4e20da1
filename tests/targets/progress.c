/* SPDX-License-Identifier: MIT
 * Allocates and frees for ever in a few threads (argument 2; 3 without it), and tells after each completed
 * call how far it is in a file that it maps (argument 1), so that whoever kills it knows the truth. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "own.h"

enum { SIZE = 1009 };

static struct {
    _Atomic uint64_t allocations, frees;
    char room[112]; /* a cache line for each thread */
} *done;

__attribute__((noinline)) static void *own_malloc_counted(size_t i) {
    void *p = malloc(SIZE);
    atomic_fetch_add_explicit(&done[i].allocations, 1, memory_order_release);
    return p;
}

__attribute__((noinline)) static void own_free_counted(size_t i, void *p) {
    free(p);
    atomic_fetch_add_explicit(&done[i].frees, 1, memory_order_release);
}

static void *work(void *index) {
    size_t i = (size_t)index;
    void *kept[16] = {0};
    for (uint64_t n = 0;; n++) {
        if (kept[n % 16] != NULL) own_free_counted(i, kept[n % 16]);
        kept[n % 16] = own_malloc_counted(i);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
    int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, threads * sizeof *done) != 0) return 3;
    done = mmap(NULL, threads * sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    char line[32];
    snprintf(line, sizeof line, "%d\n", getpid());
    own_write(line);
    pthread_t t;
    for (size_t i = 1; i < threads; i++) pthread_create(&t, NULL, work, (void *)i);
    work(NULL);
    return 0;
}
