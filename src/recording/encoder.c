/* SPDX-License-Identifier: MIT
 * The second thread. See encoder.h. */
#include "recording/encoder.h"

#include <signal.h>
#include <time.h>

/* How long the caller waits for the thread to come to a place where it can stop. */
#define HOLD_PATIENCE_NS 2000000

struct rec_event *rec_encoder_take_buffer(struct rec_encoder *e, size_t events) {
    struct rec_event *buffer = NULL;
    if (events == REC_BUFFER_EVENTS_MAX) {
        pthread_mutex_lock(&e->lock);
        if (e->pooled > 0) buffer = e->pool[--e->pooled];
        pthread_mutex_unlock(&e->lock);
    }
    return buffer != NULL ? buffer : malloc(events * sizeof *buffer);
}

static void drop_buffer(void *owner, struct rec_event_segment segment) {
    struct rec_encoder *e = owner;
    if (segment.capacity == REC_BUFFER_EVENTS_MAX) {
        pthread_mutex_lock(&e->lock);
        if (e->pooled < REC_POOL_MAX) {
            e->pool[e->pooled++] = segment.events;
            segment.events = NULL;
        }
        pthread_mutex_unlock(&e->lock);
    }
    free(segment.events);
}

/* Between the parts of a job that takes long: stops there for as long as the thread is held. */
static void rest_if_held(void *owner) {
    struct rec_encoder *e = owner;
    if (!atomic_load_explicit(&e->held, memory_order_relaxed)) return;
    pthread_mutex_lock(&e->lock);
    e->working = 0;
    e->resting = 1;
    pthread_cond_broadcast(&e->done);
    while (e->held) pthread_cond_wait(&e->given, &e->lock);
    e->resting = 0;
    e->working = 1;
    pthread_mutex_unlock(&e->lock);
}

static void do_job(struct rec_encoder *e, struct rec_job *job) {
    struct rec_stream *s = job->stream;
    struct rec_press *p = &e->press;
    switch (job->kind) {
    case REC_JOB_EVENTS:
        rec_stream_add_events(s, p, (struct rec_event_segment){
            job->first, (uint32_t)job->first_count, job->index});
        break;
    case REC_JOB_NODES:
        if (!s->file.failed) rec_stream_add_nodes(s, job->first, job->first_count);
        free(job->first);
        break;
    case REC_JOB_MODULE:
        rec_stream_add_module(s, &job->module);
        free((char *)job->module.path);
        break;
    case REC_JOB_THREAD:
        rec_stream_set_thread(s, job->index, &job->thread);
        break;
    case REC_JOB_MARKS:
        rec_stream_add_marks(s, job->first);
        rec_marks_release(job->first);
        free(job->first);
        break;
    case REC_JOB_SNAPSHOT:
        rec_stream_add_snapshot(s, p, job->first, job->first_count, job->second, job->second_count);
        free(job->first);
        free(job->second);
        break;
    case REC_JOB_SYMBOLS: /* the caller waits, so its arrays are used where they are */
        rec_stream_add_symbols(s, p, job->first, job->second, job->first_count);
        break;
    case REC_JOB_CUT:
        rec_stream_cut(s, p);
        break;
    case REC_JOB_SUMMARY: /* the caller keeps it until it closes */
        rec_stream_add_summary(s, p, job->first, (enum rec_summary_part)job->index);
        break;
    case REC_JOB_FINISH:
        rec_stream_finish(s, p);
        break;
    }
}

static enum rec_queue queue_of(enum rec_job_kind kind) {
    return kind == REC_JOB_NODES || kind == REC_JOB_MODULE || kind == REC_JOB_THREAD
               ? REC_QUEUE_TABLES : REC_QUEUE_OTHERS;
}

static void *run(void *argument) {
    struct rec_encoder *e = argument;
    pthread_mutex_lock(&e->lock);
    for (;;) {
        enum rec_queue queue = e->head[REC_QUEUE_TABLES] != NULL ? REC_QUEUE_TABLES : REC_QUEUE_OTHERS;
        struct rec_job *job = e->head[queue];
        if (job == NULL && e->stopping) break;
        if (job == NULL && e->to_shrink && e->press.ahead_of == NULL) {
            e->to_shrink = 0;
            pthread_mutex_unlock(&e->lock);
            rec_event_encoder_release(&e->press.events);
            rec_event_encoder_release(&e->press.ahead);
            pthread_mutex_lock(&e->lock);
            continue;
        }
        if (job == NULL || e->held) {
            pthread_cond_wait(&e->given, &e->lock);
            continue;
        }
        e->head[queue] = job->next;
        if (queue == REC_QUEUE_OTHERS) --e->queued;
        e->working = 1;
        pthread_mutex_unlock(&e->lock);
        do_job(e, job);
        pthread_mutex_lock(&e->lock);
        e->working = 0;
        --job->waiting[queue];
        pthread_cond_broadcast(&e->done); /* several writers' callers may wait */
        free(job);
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

void rec_encoder_give(struct rec_encoder *e, struct rec_job *job) {
    enum rec_queue queue = queue_of(job->kind);
    job->next = NULL;
    pthread_mutex_lock(&e->lock);
    if (e->head[queue] == NULL)
        e->head[queue] = job;
    else
        e->tail[queue]->next = job;
    e->tail[queue] = job;
    ++job->waiting[queue];
    if (queue == REC_QUEUE_OTHERS) ++e->queued;
    if (!e->held) pthread_cond_signal(&e->given);
    pthread_mutex_unlock(&e->lock);
}

static void let_go_locked(struct rec_encoder *e) {
    if (!e->held) return;
    e->held = 0;
    int has_work = e->resting || e->head[REC_QUEUE_TABLES] != NULL || e->head[REC_QUEUE_OTHERS] != NULL;
    if (has_work) pthread_cond_signal(&e->given);
}

void rec_encoder_hold(struct rec_encoder *e) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += HOLD_PATIENCE_NS;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&e->lock);
    if (e->queued >= REC_BUFFERS_WAITING_MAX / 2)
        let_go_locked(e);
    else
        e->held = 1;
    while (e->working && e->held && pthread_cond_timedwait(&e->done, &e->lock, &end) == 0) {}
    pthread_mutex_unlock(&e->lock);
}

void rec_encoder_let_go(struct rec_encoder *e) {
    pthread_mutex_lock(&e->lock);
    let_go_locked(e);
    pthread_mutex_unlock(&e->lock);
}

void rec_encoder_wait(struct rec_encoder *e, const unsigned *waiting, unsigned most) {
    pthread_mutex_lock(&e->lock);
    if (*waiting > most) let_go_locked(e);
    while (*waiting > most) pthread_cond_wait(&e->done, &e->lock);
    pthread_mutex_unlock(&e->lock);
}

int rec_encoder_start(struct rec_encoder **out, struct failure *f) {
    struct rec_encoder *e = calloc(1, sizeof *e);
    if (e == NULL || rec_payload_writer_init(&e->press.payload) < 0) {
        free(e);
        return failure_set(f, "cannot start the encoder: out of memory");
    }
    e->press.drop = drop_buffer;
    e->press.rest = rest_if_held;
    e->press.owner = e;
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->given, NULL);
    pthread_cond_init(&e->done, NULL);
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&e->thread, NULL, run, e);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error != 0) {
        rec_payload_writer_release(&e->press.payload);
        free(e);
        return failure_set_errno(f, error, "cannot start the encoder's thread");
    }
    *out = e;
    return 0;
}

static void pool_release(struct rec_encoder *e) {
    pthread_mutex_lock(&e->lock);
    while (e->pooled > 0) {
        struct rec_event *buffer = e->pool[--e->pooled];
        pthread_mutex_unlock(&e->lock);
        free(buffer);
        pthread_mutex_lock(&e->lock);
    }
    pthread_mutex_unlock(&e->lock);
}

void rec_encoder_shrink(struct rec_encoder *e) {
    pool_release(e);
    pthread_mutex_lock(&e->lock);
    e->to_shrink = 1;
    pthread_cond_signal(&e->given);
    pthread_mutex_unlock(&e->lock);
}

void rec_encoder_stop(struct rec_encoder *e) {
    pthread_mutex_lock(&e->lock);
    e->stopping = 1;
    pthread_cond_signal(&e->given);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
    pool_release(e);
    rec_payload_writer_release(&e->press.payload);
    rec_event_encoder_release(&e->press.events);
    rec_event_encoder_release(&e->press.ahead);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->given);
    pthread_cond_destroy(&e->done);
    free(e);
}
