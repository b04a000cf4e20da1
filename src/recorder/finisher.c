/* SPDX-License-Identifier: MIT
 * A queue of ended processes and the thread that finishes their recordings. See finisher.h. */
#include "recorder/finisher.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct finisher {
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct tracee *oldest, **newest; /* by their `next` */
    bool stopping;
    const struct finish_options *options;
    struct recorder_result *result; /* written by the finisher's thread only */
};

/* There is no memory to keep a result in. */
static void tell_now(const struct tracee *t) {
    fprintf(stderr, "heapwise: %s: %s\n", t->path,
            t->failure.text[0] != '\0' ? t->failure.text
                                       : "recorded; heapwise ran out of memory to tell more");
}

static void result_add(struct recorder_result *r, struct tracee *t) {
    struct recorded_process *more = realloc(r->processes, (r->count + 1) * sizeof *more);
    if (more == NULL) {
        tell_now(t);
        return;
    }
    r->processes = more;
    more[r->count++] = (struct recorded_process){
        .pid = t->pid,
        .first = t->first,
        .command = process_facts_command(t->facts),
        .name = strdup(t->facts->name),
        .path = strdup(t->path),
        .file_bytes = t->file_bytes,
        .totals = t->totals,
        .failure = t->failure,
    };
}

static void finish(struct finisher *n, struct tracee *t) {
    struct rec_summary summary;
    tracee_sum_up(t, n->options, &summary);
    pthread_mutex_lock(&n->lock);
    while (t->end_to_come && !n->stopping)
        pthread_cond_wait(&n->changed, &n->lock);
    pthread_mutex_unlock(&n->lock);
    tracee_finish(t, &summary);
}

static void *finish_all(void *argument) {
    struct finisher *n = argument;
    pthread_mutex_lock(&n->lock);
    for (;;) {
        while (n->oldest == NULL && !n->stopping)
            pthread_cond_wait(&n->changed, &n->lock);
        struct tracee *t = n->oldest;
        if (t == NULL) break;
        n->oldest = t->next;
        if (n->oldest == NULL) n->newest = &n->oldest;
        pthread_mutex_unlock(&n->lock);
        finish(n, t);
        result_add(n->result, t);
        tracee_destroy(t);
        pthread_mutex_lock(&n->lock);
    }
    pthread_mutex_unlock(&n->lock);
    return NULL;
}

int finisher_start(struct finisher **out, const struct finish_options *options,
                   struct recorder_result *result, struct failure *f) {
    struct finisher *n = calloc(1, sizeof *n);
    if (n == NULL) return failure_set(f, "out of memory");
    n->options = options;
    n->result = result;
    n->newest = &n->oldest;
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->changed, NULL);
    int error = pthread_create(&n->thread, NULL, finish_all, n);
    if (error != 0) {
        free(n);
        return failure_set_errno(f, error, "cannot start a thread");
    }
    *out = n;
    return 0;
}

void finisher_give(struct finisher *n, struct tracee *t) {
    t->next = NULL;
    pthread_mutex_lock(&n->lock);
    *n->newest = t;
    n->newest = &t->next;
    pthread_cond_signal(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

void finisher_tell_end(struct finisher *n, struct tracee *t, enum rec_end how, uint64_t status) {
    pthread_mutex_lock(&n->lock);
    tracee_ended(t, how, status);
    t->end_to_come = false;
    pthread_cond_signal(&n->changed);
    pthread_mutex_unlock(&n->lock);
}

void finisher_stop(struct finisher *n) {
    pthread_mutex_lock(&n->lock);
    n->stopping = true;
    pthread_cond_signal(&n->changed);
    pthread_mutex_unlock(&n->lock);
    pthread_join(n->thread, NULL);
    pthread_mutex_destroy(&n->lock);
    pthread_cond_destroy(&n->changed);
    free(n);
}
