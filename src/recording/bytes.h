/* SPDX-License-Identifier: MIT
 * Bytes being written (a growing buffer) and bytes being read (a cursor that cannot run over).
 *
 * Both are sticky: after a failed allocation, or after a read past the end, every later call does
 * nothing (reads give 0) and `failed` stays set, so that callers ask once, at the end.
 *
 * A varint is LEB128: seven bits a byte, lowest first, the top bit says that more follow. At most
 * ten bytes; bits past the 64th must be 0. A signed number is mapped to an unsigned one by zigzag:
 * 0, -1, 1, -2, … become 0, 1, 2, 3, … */
#ifndef HEAPWISE_RECORDING_BYTES_H
#define HEAPWISE_RECORDING_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct rec_bytes {
    uint8_t *data;
    size_t length, capacity;
    int failed;
};

/* Makes room for `more` bytes past length; 0 or -1. */
int rec_bytes_reserve(struct rec_bytes *b, size_t more);
void rec_bytes_free(struct rec_bytes *b);

void rec_bytes_put(struct rec_bytes *b, const void *data, size_t length);
/* With its terminating NUL; NULL is written as the empty string. */
void rec_bytes_put_string(struct rec_bytes *b, const char *s);
void rec_bytes_put_u16(struct rec_bytes *b, uint16_t v);
void rec_bytes_put_u32(struct rec_bytes *b, uint32_t v);
void rec_bytes_put_u64(struct rec_bytes *b, uint64_t v);

#define REC_VARINT_MAX 10

/* Writes at `p`, where at least REC_VARINT_MAX bytes are free; returns the position after it. */
static inline uint8_t *rec_varint_write(uint8_t *p, uint64_t v) {
    while (v >= 0x80) {
        *p++ = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    *p++ = (uint8_t)v;
    return p;
}

static inline uint64_t rec_zigzag(int64_t v) { return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63); }
static inline int64_t rec_unzigzag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }

static inline void rec_bytes_put_u8(struct rec_bytes *b, uint8_t v) {
    if (b->length == b->capacity && rec_bytes_reserve(b, 1) < 0) return;
    b->data[b->length++] = v;
}

static inline void rec_bytes_put_varint(struct rec_bytes *b, uint64_t v) {
    if (b->capacity - b->length < REC_VARINT_MAX && rec_bytes_reserve(b, REC_VARINT_MAX) < 0) return;
    b->length = (size_t)(rec_varint_write(b->data + b->length, v) - b->data);
}

struct rec_cursor {
    const uint8_t *next, *end;
    int failed;
};

uint16_t rec_cursor_u16(struct rec_cursor *c);
uint32_t rec_cursor_u32(struct rec_cursor *c);
uint64_t rec_cursor_u64(struct rec_cursor *c);
uint64_t rec_cursor_varint_slow(struct rec_cursor *c);
/* A NUL-terminated string inside the buffer; NULL when there is none. */
const char *rec_cursor_string(struct rec_cursor *c);

static inline uint8_t rec_cursor_u8(struct rec_cursor *c) {
    if (c->next == c->end) {
        c->failed = 1;
        return 0;
    }
    return *c->next++;
}

static inline uint64_t rec_cursor_varint(struct rec_cursor *c) {
    if (c->next != c->end && *c->next < 0x80) return *c->next++;
    return rec_cursor_varint_slow(c);
}

#endif
