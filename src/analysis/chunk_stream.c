/* SPDX-License-Identifier: MIT
 * Decodes chunks ahead of their reader. See chunk_stream.h. */
#include "analysis/chunk_stream.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

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
    const struct rec_chunk *chunks;
    size_t end;
    size_t next_decode; /* the next chunk that a worker takes */
    size_t next_read;   /* the next chunk that the reader wants */
    size_t released;    /* chunks before this one are no longer read */
    int closing;
    struct slot slots[AN_STREAM_SLOTS];
    pthread_mutex_t lock;
    pthread_cond_t decoded, freed;
    pthread_t workers[AN_STREAM_WORKERS];
    int worker_count;
};

static int slot_reserve(struct slot *s, size_t records, struct failure *f) {
    if (records <= s->capacity) return 0;
    free(s->records);
    s->capacity = 0;
    s->records = malloc(records * sizeof *s->records);
    if (s->records == NULL)
        return failure_set(f, "cannot decode a chunk of %zu events: out of memory", records);
    s->capacity = records;
    return 0;
}

static void decode(struct an_stream *s, size_t chunk, struct slot *slot) {
    int failed = slot_reserve(slot, s->chunks[chunk].records, &slot->failure) != 0 ||
                 rec_chunk_decode(s->file, chunk, slot->records, &slot->failure) != 0;
    pthread_mutex_lock(&s->lock);
    slot->chunk = chunk;
    slot->state = failed ? SLOT_FAILED : SLOT_READY;
    pthread_cond_broadcast(&s->decoded);
    pthread_mutex_unlock(&s->lock);
}

static void *work(void *argument) {
    struct an_stream *s = argument;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (!s->closing && s->next_decode < s->end &&
               s->next_decode >= s->released + AN_STREAM_SLOTS)
            pthread_cond_wait(&s->freed, &s->lock);
        if (s->closing || s->next_decode >= s->end) break;
        size_t chunk = s->next_decode++;
        pthread_mutex_unlock(&s->lock);
        decode(s, chunk, &s->slots[chunk % AN_STREAM_SLOTS]);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void start_workers(struct an_stream *s, size_t chunks) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (s->worker_count < AN_STREAM_WORKERS && (size_t)s->worker_count < chunks &&
           pthread_create(&s->workers[s->worker_count], NULL, work, s) == 0)
        s->worker_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int an_stream_open(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                   const struct an_watch *watch, struct failure *f) {
    struct an_stream *s = calloc(1, sizeof *s);
    if (s == NULL) return failure_set(f, "cannot read events: out of memory");
    size_t count;
    s->file = r;
    if (watch != NULL) s->watch = *watch;
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

int an_stream_next(struct an_stream *s, const struct rec_chunk **chunk,
                   const struct rec_event **records, struct failure *f) {
    if (s->next_read >= s->end) return 0;
    if (s->watch.withdrawn != NULL && s->watch.withdrawn(s->watch.withdrawn_context))
        return failure_set(f, "the question was withdrawn");
    size_t wanted = s->next_read++;
    struct slot *slot = &s->slots[wanted % AN_STREAM_SLOTS];
    pthread_mutex_lock(&s->lock);
    s->released = wanted;
    pthread_cond_broadcast(&s->freed);
    if (s->worker_count == 0) {
        pthread_mutex_unlock(&s->lock);
        decode(s, wanted, slot);
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
    for (int i = 0; i < s->worker_count; i++) pthread_join(s->workers[i], NULL);
    for (int i = 0; i < AN_STREAM_SLOTS; i++) free(s->slots[i].records);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->decoded);
    pthread_cond_destroy(&s->freed);
    free(s);
}
