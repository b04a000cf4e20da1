/* SPDX-License-Identifier: MIT
 * The events of consecutive chunks, in order, decoded ahead by worker threads.
 *
 * A slot is a buffer for one chunk. There are two for each worker; chunk i goes to slot i modulo
 * their number, and a worker may fill it once the reader has left the chunk that was there before.
 * So memory is bounded by the slots, whatever the number of chunks.
 *
 * A stream may have work for its workers: each chunk is digested by the worker that decoded it, and
 * what comes of it is kept by whoever asked, by slot. A lane is what one worker owns alone. */
#ifndef HEAPWISE_ANALYSIS_CHUNK_STREAM_H
#define HEAPWISE_ANALYSIS_CHUNK_STREAM_H

#include <stddef.h>

#include "base/failure.h"
#include "recording/reader.h"

#define AN_STREAM_WORKERS_MAX 4
#define AN_STREAM_SLOTS_MAX (2 * AN_STREAM_WORKERS_MAX)

/* Who waits for the events; see an_question. */
struct an_watch {
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
    int (*withdrawn)(void *context);
    void *withdrawn_context;
};

struct an_digest_place {
    unsigned lane; /* < AN_STREAM_WORKERS_MAX; one thread at a time works in a lane */
    unsigned slot; /* < AN_STREAM_SLOTS_MAX; the reader's once the chunk has been given to it */
};

struct an_stream_work {
    int (*digest)(void *context, struct an_digest_place place, const struct rec_chunk *chunk,
                  const struct rec_event *records, struct failure *f);
    void *context;
};

struct an_stream;

/* Opens the chunks first, first + 1, … end - 1. `watch` may be NULL; it is copied, and only its
 * `withdrawn` is called. */
int an_stream_open(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                   const struct an_watch *watch, struct failure *f);
/* The same, and every chunk is digested before it is given. */
int an_stream_open_working(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                           const struct an_watch *watch, struct an_stream_work work,
                           struct failure *f);
/* Gives the next chunk, whose records are valid until the next call. Returns 1, 0 at the end, -1 on
 * failure. */
int an_stream_next(struct an_stream *s, const struct rec_chunk **chunk,
                   const struct rec_event **records, struct failure *f);
/* The slot of the chunk given last. */
unsigned an_stream_slot(const struct an_stream *s);
void an_stream_close(struct an_stream *s);

#endif
