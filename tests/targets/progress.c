/* SPDX-License-Identifier: MIT
 * Allocates and frees in a few threads (argument 2; 3 without it), and tells after each completed
 * call how far it is in a file that it maps (argument 1), so that whoever ends it knows the truth.
 * Argument 3 says how:
 *
 *   -              never by itself (the default)
 *   grows          the same, but nothing is ever freed, and each block is written to
 *   return … exec  by the main thread's doing that, while the others are in the middle of their
 * calls pthread_exit   the main thread goes, the others work on, and the last of them ends the
 * process overflow       the main thread has no more stack: it allocates in a recursion without an
 * end */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "own.h"

enum { SIZE = 1009, ROUNDS = 20000 };

static struct {
    _Atomic uint64_t allocations, frees;
    char room[112]; /* a cache line for each thread */
} * done;

static size_t threads = 3;
static uint64_t rounds = UINT64_MAX, rounds_of_main = UINT64_MAX;
static int grows;

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
    for (uint64_t n = 0; n < (i == 0 ? rounds_of_main : rounds); n++) {
        if (kept[n % 16] != NULL && !grows) own_free_counted(i, kept[n % 16]);
        kept[n % 16] = own_malloc_counted(i);
        if (grows) memset(kept[n % 16], 1, SIZE);
    }
    return NULL;
}

__attribute__((noinline)) static int overflow(int depth) {
    volatile char room[200];
    room[depth % 200] = 1;
    own_malloc_counted(0);
    return overflow(depth + 1) + room[depth % 200];
}

static void *exec_true(void *unused) {
    execl("/bin/true", "true", (char *)NULL);
    return unused;
}

static int end(const char *how) {
    if (strcmp(how, "exit") == 0) exit(31);
    if (strcmp(how, "_exit") == 0) _exit(32);
    if (strcmp(how, "quick_exit") == 0) quick_exit(33);
    if (strcmp(how, "exit_group") == 0) syscall(SYS_exit_group, 34);
    if (strcmp(how, "pthread_exit") == 0) pthread_exit(NULL);
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(how, "segv") == 0) *(volatile int *)8 = 1;
    if (strcmp(how, "exec") == 0) exec_true(NULL);
    if (strcmp(how, "thread_exec") == 0) {
        pthread_t t;
        pthread_create(&t, NULL, exec_true, NULL);
        pthread_join(t, NULL);
    }
    if (strcmp(how, "overflow") == 0) return overflow(0);
    return 35;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    const char *how = argc > 3 ? argv[3] : "-";
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (argc > 2) threads = strtoul(argv[2], NULL, 10);
    grows = strcmp(how, "grows") == 0;
    if (strcmp(how, "-") != 0 && !grows) rounds_of_main = ROUNDS;
    if (strcmp(how, "pthread_exit") == 0) rounds = 2 * ROUNDS;
    int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)(threads * sizeof *done)) != 0) return 3;
    done = mmap(NULL, threads * sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    char line[32];
    snprintf(line, sizeof line, "%d\n", getpid());
    own_write(line);
    pthread_t t;
    for (size_t i = 1; i < threads; i++)
        pthread_create(&t, NULL, work, (void *)i);
    work(NULL);
    return end(how);
}
