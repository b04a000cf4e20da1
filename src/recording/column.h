/* SPDX-License-Identifier: MIT
 * The payload of a chunk: columns, each compressed on its own.
 *
 * A column that has no bytes is left out; reading one that is not there gives no bytes. */
#ifndef HEAPWISE_RECORDING_COLUMN_H
#define HEAPWISE_RECORDING_COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/bytes.h"

struct ZSTD_CCtx_s;

struct rec_payload_writer {
    struct ZSTD_CCtx_s *zstd;
    struct rec_bytes headers, data, out;
    uint32_t count;
    int failed;
};

int rec_payload_writer_init(struct rec_payload_writer *p);
void rec_payload_writer_release(struct rec_payload_writer *p);
void rec_payload_begin(struct rec_payload_writer *p);
#define REC_LEVEL_STORED INT32_MIN
/* Compresses at zstd `level`, or stores as is where that is not smaller. */
void rec_payload_add(struct rec_payload_writer *p, uint8_t id, const void *raw, size_t length,
                     int level);
/* The same with a buffer, which is freed. */
void rec_payload_add_bytes(struct rec_payload_writer *p, uint8_t id, struct rec_bytes *b, int level);
/* The payload, valid until the next begin; NULL when memory ran out. */
const struct rec_bytes *rec_payload_end(struct rec_payload_writer *p);

struct rec_column {
    const uint8_t *stored;
    uint32_t stored_length, raw_length;
    uint8_t id, codec, flags;
};

struct rec_payload {
    struct rec_column columns[64];
    uint32_t count;
};

/* Checks the column table of `length` bytes at `data`, which must outlive `p`. `known` is the number
 * of column ids that the caller knows: 0 … known - 1. */
int rec_payload_parse(struct rec_payload *p, const uint8_t *data, size_t length, uint8_t known,
                      struct failure *f);
/* The raw bytes of column `id`, at most `limit` of them, in a block made with malloc (NULL for none);
 * the cursor stands at its start. */
int rec_payload_column(const struct rec_payload *p, uint8_t id, size_t limit, uint8_t **raw,
                       struct rec_cursor *cursor, struct failure *f);

#endif
