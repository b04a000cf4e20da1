/* SPDX-License-Identifier: MIT
 * Forks (argument 1 times) while other threads allocate as fast as they can. Each child allocates a
 * known amount, on its main thread and on a thread of its own, and leaves through exit(), which runs
 * destructors: a lock that another thread held at the fork would hang it there. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "own.h"

static atomic_int stop;

static void *churn(void *unused) {
    (void)unused;
    uint64_t state = 3;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        void *p = malloc(1 + own_random(&state) % 2000);
        free(p);
    }
    return NULL;
}

static void *thread_of_child(void *argument) {
    struct own *own = argument;
    for (int i = 0; i < 50; i++) own_free(own, own_malloc(own, 211), 211);
    return NULL;
}

__attribute__((noinline)) static void child(void) {
    static struct own own;
    for (int i = 0; i < 100; i++) own_malloc(&own, 503); /* leaks */
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_of_child, &own) != 0) _exit(3);
    pthread_join(thread, NULL);
    exit(own.allocations == 150 ? 0 : 4);
}

int main(int argc, char **argv) {
    int forks = argc > 1 ? atoi(argv[1]) : 20, bad = 0;
    pthread_t churners[3];
    for (int i = 0; i < 3; i++) pthread_create(&churners[i], NULL, churn, NULL);
    for (int i = 0; i < forks; i++) {
        pid_t pid = fork();
        if (pid == 0) child();
        int status = -1;
        if (waitpid(pid, &status, 0) != pid || status != 0) bad++;
    }
    atomic_store(&stop, 1);
    for (int i = 0; i < 3; i++) pthread_join(churners[i], NULL);
    char line[64];
    snprintf(line, sizeof line, "forks %d bad %d\n", forks, bad);
    own_write(line);
    return bad != 0;
}
