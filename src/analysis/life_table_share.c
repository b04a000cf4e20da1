/* SPDX-License-Identifier: MIT
 * Shares the blocks of the table among threads, a piece at a time: where blocks cost much and where
 * they cost little, all threads end together. See life_table.h. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "analysis/life_table.h"

/* What the threads share. */
struct share {
    const struct an_table_work *work;
    const struct an_watch *watch;
    size_t end, piece;
    atomic_size_t next; /* block that nobody has taken */
};

struct worker {
    struct share *share;
    unsigned lane;
    struct failure failure;
    int failed;
};

static int is_unwanted(const struct an_watch *w) {
    return w != NULL && w->withdrawn != NULL && w->withdrawn(w->withdrawn_context);
}

static void *work(void *argument) {
    struct worker *w = argument;
    struct share *s = w->share;
    while (!w->failed) {
        size_t first = atomic_fetch_add_explicit(&s->next, s->piece, memory_order_relaxed);
        if (first >= s->end) break;
        size_t end = s->end - first > s->piece ? first + s->piece : s->end;
        if (is_unwanted(s->watch))
            w->failed = failure_set(&w->failure, "the question was withdrawn");
        else
            w->failed = s->work->look(s->work->context, w->lane, first, end, &w->failure);
    }
    return NULL;
}

static unsigned threads_for(size_t pieces) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned most = cpus < 1                       ? 1
                    : cpus > AN_STREAM_WORKERS_MAX ? AN_STREAM_WORKERS_MAX
                                                   : (unsigned)cpus;
    return pieces < most ? (unsigned)(pieces ? pieces : 1) : most;
}

/* The thread that asks works in the first lane; what others cannot be had for is left to it. */
int an_life_table_share(const struct an_life_table *t, size_t end, const struct an_table_work *todo,
                        const struct an_watch *watch, struct failure *f) {
    struct share share = {.work = todo, .watch = watch, .end = end, .piece = t->piece};
    struct worker workers[AN_STREAM_WORKERS_MAX];
    pthread_t threads[AN_STREAM_WORKERS_MAX];
    unsigned wanted = threads_for((end + t->piece - 1) / t->piece), started = 1;
    sigset_t all, before;
    atomic_init(&share.next, 0);
    for (unsigned i = 0; i < wanted; i++)
        workers[i] = (struct worker){.share = &share, .lane = i};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < wanted &&
           pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < started; i++) {
        if (!workers[i].failed) continue;
        if (f != NULL) *f = workers[i].failure;
        return -1;
    }
    return 0;
}
