/* SPDX-License-Identifier: MIT
 * The second thread: two queues of jobs, each done one after the other in the order they were given.
 * Tables (nodes, modules, threads) go before everything else that waits: what has been learned is
 * then known as soon as possible, and nothing that is written needs a table to be short.
 *
 * A job is made by a writer (writer.c) and belongs to its queue from rec_encoder_give until it is
 * done; then it is freed. Buffers of events go back to a small pool, so that the memory of full
 * streams is not mapped anew for each.
 *
 *   caller  --give-->  queues --do-->  stream (stream.h)  -->  file
 *      ^                                  |
 *      +------- pool of event buffers <---+ */
#ifndef HEAPWISE_RECORDING_ENCODER_H
#define HEAPWISE_RECORDING_ENCODER_H

#include <pthread.h>
#include <stdatomic.h>

#include "recording/stream.h"

/* Buffers grow from the smallest to the largest, so that a process with few events costs little. */
#define REC_BUFFER_EVENTS_MIN 256
#define REC_BUFFER_EVENTS_MAX (1u << 14)
/* Full buffers of one writer that may wait; then the caller does. They hold what the largest ring does
 * (src/recorder/region_layout.c), so that a burst of frees can be taken without that any is encoded. */
#define REC_BUFFERS_WAITING_MAX 32
#define REC_POOL_MAX 32

enum rec_job_kind {
    REC_JOB_EVENTS, REC_JOB_NODES, REC_JOB_MODULE, REC_JOB_THREAD, REC_JOB_SNAPSHOT,
    REC_JOB_SYMBOLS, REC_JOB_CUT, REC_JOB_SUMMARY, REC_JOB_FINISH, REC_JOB_MARKS
};

enum rec_queue { REC_QUEUE_TABLES, REC_QUEUE_OTHERS, REC_QUEUES };

struct rec_job {
    struct rec_job *next;
    struct rec_stream *stream;
    unsigned *waiting; /* the writer's jobs that are not done yet, by queue; under the encoder's lock */
    enum rec_job_kind kind;
    /* Two arrays and their lengths; what they hold depends on the kind. */
    void *first, *second;
    size_t first_count, second_count;
    uint32_t index;
    struct rec_thread thread;
    struct rec_module module; /* its path is owned by the job */
};

struct rec_encoder {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given, done;
    struct rec_job *head[REC_QUEUES], *tail[REC_QUEUES];
    unsigned queued; /* jobs that wait in REC_QUEUE_OTHERS */
    int stopping;
    int to_shrink; /* it is to give back what it keeps for events, once it has none */
    int working;   /* on a job, and not resting in the middle of it */
    int resting;   /* in the middle of a job */
    atomic_int held; /* it is to rest; read without the lock, too */
    struct rec_event *pool[REC_POOL_MAX]; /* buffers of REC_BUFFER_EVENTS_MAX */
    unsigned pooled;
    struct rec_press press;
};

/* NULL when memory ran out. */
struct rec_event *rec_encoder_take_buffer(struct rec_encoder *e, size_t events);
void rec_encoder_give(struct rec_encoder *e, struct rec_job *job);
/* Blocks until at most `most` jobs of this count (one queue's of one writer) are left. */
void rec_encoder_wait(struct rec_encoder *e, const unsigned *waiting, unsigned most);

#endif
