/* SPDX-License-Identifier: MIT
 * Decodes chunks ahead of their reader. See chunk_stream.h. */
#include "analysis/chunk_stream.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct slot {
    struct rec_event *records;
    size_t capacity;
    size_t chunk; /* which chunk it holds once `ready` */
    enum { SLOT_EMPTY, SLOT_READY, SLOT_FAILED } state;
    struct failure failure;
};

/* Everything is guarded by `lock`, except the records of a slot: those belong to the worker that
 * took its chunk until the slot is ready, and to the reader after that. */
struct an_stream {
    struct rec_file *file;
    struct an_watch watch;
    struct an_stream_work work; /* digest is NULL: none */
    const struct rec_chunk *chunks;
    size_t end;
    size_t next_decode; /* the next chunk that a worker takes */
    size_t next_read;   /* the next chunk that the reader wants */
    size_t released;    /* chunks before this one are no longer read */
    int closing;
    struct slot slots[AN_STREAM_SLOTS_MAX];
    size_t slot_count;
    pthread_mutex_t lock;
    pthread_cond_t decoded, freed;
    struct worker {
        struct an_stream *stream;
        pthread_t thread;
        unsigned lane;
    } workers[AN_STREAM_WORKERS_MAX];
    unsigned workers_wanted, worker_count;
};

static int slot_reserve(struct slot *s, size_t records, struct failure *f) {
    if (s->records != NULL && records <= s->capacity) return 0;
    free(s->records);
    s->capacity = 0;
    s->records = malloc((records + 1) * sizeof *s->records); /* never NULL, also for an empty chunk */
    if (s->records == NULL)
        return failure_set(f, "cannot decode a chunk of %zu events: out of memory", records);
    s->capacity = records;
    return 0;
}

static int digest(struct an_stream *s, size_t chunk, unsigned lane, struct slot *slot) {
    if (s->work.digest == NULL) return 0;
    struct an_digest_place place = {lane, (unsigned)(chunk % s->slot_count)};
    return s->work.digest(s->work.context, place, &s->chunks[chunk], slot->records, &slot->failure);
}

static void decode(struct an_stream *s, size_t chunk, unsigned lane) {
    struct slot *slot = &s->slots[chunk % s->slot_count];
    int failed = slot_reserve(slot, s->chunks[chunk].records, &slot->failure) != 0 ||
                 rec_chunk_decode(s->file, chunk, slot->records, &slot->failure) != 0 ||
                 digest(s, chunk, lane, slot) != 0;
    pthread_mutex_lock(&s->lock);
    slot->chunk = chunk;
    slot->state = failed ? SLOT_FAILED : SLOT_READY;
    pthread_cond_broadcast(&s->decoded);
    pthread_mutex_unlock(&s->lock);
}

static void *work(void *argument) {
    const struct worker *self = argument;
    struct an_stream *s = self->stream;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->closing && s->next_decode < s->end &&
               s->next_decode >= s->released + s->slot_count)
            pthread_cond_wait(&s->freed, &s->lock);
        if (s->closing || s->next_decode >= s->end) break;
        size_t chunk = s->next_decode++;
        pthread_mutex_unlock(&s->lock);
        decode(s, chunk, self->lane);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void start_workers(struct an_stream *s, size_t chunks) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (s->worker_count < s->workers_wanted && s->worker_count < chunks) {
        struct worker *w = &s->workers[s->worker_count];
        *w = (struct worker){.stream = s, .lane = s->worker_count};
        if (pthread_create(&w->thread, NULL, work, w) != 0) break;
        s->worker_count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static unsigned workers_of_this_machine(void) {
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 2 ? 1 : cpus > AN_STREAM_WORKERS_MAX ? AN_STREAM_WORKERS_MAX : (unsigned)cpus;
}

int an_stream_open_working(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                           const struct an_watch *watch, struct an_stream_work work,
                           struct failure *f) {
    struct an_stream *s = calloc(1, sizeof *s);
    if (s == NULL) return failure_set(f, "cannot read events: out of memory");
    size_t count;
    s->file = r;
    if (watch != NULL) s->watch = *watch;
    s->work = work;
    s->workers_wanted = workers_of_this_machine();
    s->slot_count = 2 * s->workers_wanted;
    s->chunks = rec_chunks(r, &count);
    s->end = end < count ? end : count;
    s->next_decode = s->next_read = s->released = first;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->decoded, NULL);
    pthread_cond_init(&s->freed, NULL);
    if (first + 1 < s->end) start_workers(s, s->end - first);
    *out = s;
    return 0;
}

int an_stream_open(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                   const struct an_watch *watch, struct failure *f) {
    return an_stream_open_working(out, r, first, end, watch, (struct an_stream_work){NULL, NULL},
                                  f);
}

unsigned an_stream_slot(const struct an_stream *s) {
    return (unsigned)((s->next_read - 1) % s->slot_count);
}

int an_stream_next(struct an_stream *s, const struct rec_chunk **chunk,
                   const struct rec_event **records, struct failure *f) {
    if (s->next_read >= s->end) return 0;
    if (s->watch.withdrawn != NULL && s->watch.withdrawn(s->watch.withdrawn_context))
        return failure_set(f, "the question was withdrawn");
    size_t wanted = s->next_read++;
    struct slot *slot = &s->slots[wanted % s->slot_count];
    pthread_mutex_lock(&s->lock);
    s->released = wanted;
    pthread_cond_broadcast(&s->freed);
    if (s->worker_count == 0) {
        pthread_mutex_unlock(&s->lock);
        decode(s, wanted, 0);
        pthread_mutex_lock(&s->lock);
    }
    while (slot->state == SLOT_EMPTY || slot->chunk != wanted)
        pthread_cond_wait(&s->decoded, &s->lock);
    pthread_mutex_unlock(&s->lock);
    if (slot->state == SLOT_FAILED) {
        if (f != NULL) *f = slot->failure;
        return -1;
    }
    *chunk = &s->chunks[wanted];
    *records = slot->records;
    return 1;
}

void an_stream_close(struct an_stream *s) {
    if (s == NULL) return;
    pthread_mutex_lock(&s->lock);
    s->closing = 1;
    pthread_cond_broadcast(&s->freed);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < s->worker_count; i++)
        pthread_join(s->workers[i].thread, NULL);
    for (unsigned i = 0; i < AN_STREAM_SLOTS_MAX; i++)
        free(s->slots[i].records);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->decoded);
    pthread_cond_destroy(&s->freed);
    free(s);
}
