/* SPDX-License-Identifier: MIT
 * The events of consecutive chunks, in order, decoded ahead by worker threads.
 *
 * A slot is a buffer for one chunk. Chunk i goes to slot i % AN_STREAM_SLOTS; a worker may fill it
 * once the reader has left chunk i - AN_STREAM_SLOTS. So memory is bounded by the slots, whatever
 * the number of chunks. */
#ifndef HEAPWISE_ANALYSIS_CHUNK_STREAM_H
#define HEAPWISE_ANALYSIS_CHUNK_STREAM_H

#include <stddef.h>

#include "base/failure.h"
#include "recording/reader.h"

#define AN_STREAM_SLOTS 4
#define AN_STREAM_WORKERS 2

/* Who waits for the events; see an_question. */
struct an_watch {
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
    int (*withdrawn)(void *context);
    void *withdrawn_context;
};

struct an_stream;

/* Opens the chunks first, first + 1, … end - 1. `watch` may be NULL; it is copied, and only its
 * `withdrawn` is called. */
int an_stream_open(struct an_stream **out, struct rec_file *r, size_t first, size_t end,
                   const struct an_watch *watch, struct failure *f);
/* Gives the next chunk, whose records are valid until the next call. Returns 1, 0 at the end, -1 on
 * failure. */
int an_stream_next(struct an_stream *s, const struct rec_chunk **chunk,
                   const struct rec_event **records, struct failure *f);
void an_stream_close(struct an_stream *s);

#endif
