/* SPDX-License-Identifier: MIT
 * Threads that end in every way (argument): return, pthread_exit, cancellation of both kinds, a bare SYS_exit that
 * skips all destructors, TLS destructors that allocate, detached ones; and many short ones. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "own.h"

enum { THREADS = 200 };
static pthread_key_t key;
static atomic_int done;
static struct own own; /* of the main thread; the others add under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *how;

static void add(const struct own *o) {
    pthread_mutex_lock(&lock);
    own_add(&own, o);
    pthread_mutex_unlock(&lock);
}

static void destructor(void *p) {
    struct own mine = {0};
    own_free(&mine, own_malloc(&mine, 2003), 2003);
    own_malloc(&mine, 2011); /* leaks */
    free(p);
    mine.frees++;
    mine.freed_bytes += 1013;
    mine.live_blocks--;
    mine.live_bytes -= 1013;
    add(&mine);
    atomic_fetch_add(&done, 1);
}

static void *work(void *unused) {
    (void)unused;
    struct own mine = {0};
    for (int i = 0; i < 100; i++) own_free(&mine, own_malloc(&mine, 1009), 1009);
    int destructs = strcmp(how, "tls") == 0;
    if (destructs) pthread_setspecific(key, own_malloc(&mine, 1013));
    add(&mine);
    if (!destructs) atomic_fetch_add(&done, 1);
    if (strcmp(how, "pthread_exit") == 0) pthread_exit(NULL);
    if (strcmp(how, "syscall") == 0) syscall(SYS_exit, 0);
    if (strcmp(how, "cancel") == 0)
        for (;;) pause();
    if (strcmp(how, "cancel_asynchronously") == 0) {
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        for (;;) __asm__ volatile("");
    }
    return NULL;
}

int main(int argc, char **argv) {
    how = argc > 1 ? argv[1] : "return";
    int count = argc > 2 ? atoi(argv[2]) : THREADS;
    int detached = strcmp(how, "detach") == 0 || strcmp(how, "syscall") == 0;
    pthread_key_create(&key, destructor);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, detached);
    for (int i = 0; i < count; i++) {
        pthread_t t;
        if (pthread_create(&t, &attributes, work, NULL) != 0) return 3;
        if (strncmp(how, "cancel", 6) == 0) {
            while (atomic_load(&done) <= i) usleep(100);
            pthread_cancel(t);
        }
        if (!detached) pthread_join(t, NULL);
    }
    while (atomic_load(&done) < count) usleep(1000);
    usleep(20000); /* the last detached ones are on their way out */
    own_print("thread_ends", &own);
    return 0;
}
