/* SPDX-License-Identifier: MIT
 * A recording being written, as a sequence of chunks; keeps the index of what it wrote.
 *
 * After the first error nothing more is written, and what was half written is cut off again, so that
 * the file ends with its last whole chunk. */
#ifndef HEAPWISE_RECORDING_CHUNK_FILE_H
#define HEAPWISE_RECORDING_CHUNK_FILE_H

#include "base/failure.h"
#include "recording/bytes.h"
#include "recording/event_codec.h"
#include "recording/format.h"

struct rec_chunk_file {
    int fd; /* -1: closed */
    int failed;
    struct failure failure;
    uint64_t length;
    uint32_t chunk_count;
    struct rec_bytes index; /* the INDEX chunk's column, as it grows */
    struct rec_bytes header;
};

int rec_chunk_file_create(struct rec_chunk_file *file, const char *path, struct failure *f);
/* Writes one chunk; `facts` is given for EVENTS only. payload NULL says that memory ran out. */
void rec_chunk_file_add(struct rec_chunk_file *file, enum rec_chunk_kind kind,
                        const struct rec_bytes *payload, const struct rec_event_facts *facts);
/* Writes the INDEX and END chunks. */
void rec_chunk_file_finish(struct rec_chunk_file *file, struct rec_payload_writer *p);
void rec_chunk_file_close(struct rec_chunk_file *file);
void rec_chunk_file_fail(struct rec_chunk_file *file, const char *why);

/* Appends what the index says of one chunk. */
void rec_index_put(struct rec_bytes *index, enum rec_chunk_kind kind, uint64_t length,
                   const struct rec_event_facts *facts);

#endif
