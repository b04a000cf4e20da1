/* SPDX-License-Identifier: MIT
 * The payload of a chunk. See column.h. */
#include "recording/column.h"

#include <zstd.h>

#include "recording/format.h"

_Static_assert(sizeof((struct rec_payload *)0)->columns / sizeof(struct rec_column) ==
                   REC_COLUMNS_MAX, "a payload has room for all its columns");

int rec_payload_writer_init(struct rec_payload_writer *p) {
    memset(p, 0, sizeof *p);
    p->zstd = ZSTD_createCCtx();
    return p->zstd == NULL ? -1 : 0;
}

void rec_payload_writer_release(struct rec_payload_writer *p) {
    ZSTD_freeCCtx(p->zstd);
    rec_bytes_free(&p->headers);
    rec_bytes_free(&p->data);
    rec_bytes_free(&p->out);
}

void rec_payload_begin(struct rec_payload_writer *p) {
    p->headers.length = p->data.length = p->out.length = 0;
    p->count = 0;
    p->failed = 0;
}

void rec_payload_add(struct rec_payload_writer *p, uint8_t id, const void *raw, size_t length,
                     int level) {
    if (length == 0) return;
    size_t stored = 0;
    uint8_t codec = REC_CODEC_STORED;
    if (length > 16 && level != REC_LEVEL_STORED) {
        size_t bound = ZSTD_compressBound(length);
        if (rec_bytes_reserve(&p->data, bound) < 0) return;
        size_t n = ZSTD_compressCCtx(p->zstd, p->data.data + p->data.length, bound, raw, length,
                                     level);
        if (!ZSTD_isError(n) && n < length) {
            codec = REC_CODEC_ZSTD;
            stored = n;
            p->data.length += n;
        }
    }
    if (codec == REC_CODEC_STORED) {
        rec_bytes_put(&p->data, raw, length);
        stored = length;
    }
    rec_bytes_put_u8(&p->headers, id);
    rec_bytes_put_u8(&p->headers, codec);
    rec_bytes_put_u16(&p->headers, REC_MUST_UNDERSTAND);
    rec_bytes_put_u32(&p->headers, (uint32_t)stored);
    rec_bytes_put_u32(&p->headers, (uint32_t)length);
    p->count++;
}

void rec_payload_add_bytes(struct rec_payload_writer *p, uint8_t id, struct rec_bytes *b,
                           int level) {
    rec_payload_add(p, id, b->data, b->length, level);
    p->failed |= b->failed;
    rec_bytes_free(b);
}

const struct rec_bytes *rec_payload_end(struct rec_payload_writer *p) {
    rec_bytes_put_u32(&p->out, p->count);
    rec_bytes_put(&p->out, p->headers.data, p->headers.length);
    rec_bytes_put(&p->out, p->data.data, p->data.length);
    return p->failed || p->headers.failed || p->data.failed || p->out.failed ? NULL : &p->out;
}

int rec_payload_parse(struct rec_payload *p, const uint8_t *data, size_t length, uint8_t known,
                      struct failure *f) {
    struct rec_cursor c = {data, data + length, 0};
    p->count = rec_cursor_u32(&c);
    if (c.failed || p->count > REC_COLUMNS_MAX ||
        (size_t)(c.end - c.next) < (size_t)p->count * REC_COLUMN_HEADER_SIZE)
        return failure_set(f, "its column table is damaged");
    const uint8_t *stored = c.next + (size_t)p->count * REC_COLUMN_HEADER_SIZE;
    for (uint32_t i = 0; i < p->count; i++) {
        struct rec_column *column = &p->columns[i];
        column->id = rec_cursor_u8(&c);
        column->codec = rec_cursor_u8(&c);
        column->flags = rec_cursor_u8(&c);
        rec_cursor_u8(&c);
        column->stored_length = rec_cursor_u32(&c);
        column->raw_length = rec_cursor_u32(&c);
        if ((size_t)(data + length - stored) < column->stored_length)
            return failure_set(f, "its column %u reaches past its end", column->id);
        column->stored = stored;
        stored += column->stored_length;
        if ((column->id >= known || column->codec > REC_CODEC_ZSTD) &&
            (column->flags & REC_MUST_UNDERSTAND))
            return failure_set(f, "it has a column (%u, coding %u) that this version of heapwise "
                               "does not know; use a newer one", column->id, column->codec);
    }
    return 0;
}

int rec_payload_column(const struct rec_payload *p, uint8_t id, size_t limit, uint8_t **raw,
                       struct rec_cursor *cursor, struct failure *f) {
    static const uint8_t nothing[1]; /* an empty column has a place, too: NULL + 0 is undefined */
    *raw = NULL;
    *cursor = (struct rec_cursor){nothing, nothing, 0};
    const struct rec_column *column = NULL;
    for (uint32_t i = 0; i < p->count && column == NULL; i++)
        if (p->columns[i].id == id) column = &p->columns[i];
    if (column == NULL || column->raw_length == 0) return 0;
    if (column->raw_length > limit)
        return failure_set(f, "its column %u is larger (%u) than what it can hold (%zu)", id,
                           column->raw_length, limit);
    uint8_t *out = malloc(column->raw_length);
    if (out == NULL) return failure_set(f, "out of memory for %u bytes", column->raw_length);
    size_t n = column->stored_length;
    if (column->codec == REC_CODEC_ZSTD)
        n = ZSTD_decompress(out, column->raw_length, column->stored, column->stored_length);
    else if (n == column->raw_length)
        memcpy(out, column->stored, n);
    if (n != column->raw_length) {
        free(out);
        return failure_set(f, "its column %u does not decompress: %s", id,
                           column->codec == REC_CODEC_ZSTD && ZSTD_isError(n) ? ZSTD_getErrorName(n)
                                                                              : "wrong length");
    }
    *raw = out;
    cursor->next = out;
    cursor->end = out + n;
    return 0;
}
