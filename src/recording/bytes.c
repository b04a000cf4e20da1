/* SPDX-License-Identifier: MIT
 * Bytes being written and read. See bytes.h. */
#include "recording/bytes.h"

int rec_bytes_reserve(struct rec_bytes *b, size_t more) {
    if (b->failed) return -1;
    if (b->capacity - b->length >= more) return 0;
    size_t capacity = b->capacity < 256 ? 256 : b->capacity * 2;
    while (capacity - b->length < more) {
        if (capacity > SIZE_MAX / 2) goto no_memory;
        capacity *= 2;
    }
    uint8_t *data = realloc(b->data, capacity);
    if (data == NULL) goto no_memory;
    b->data = data;
    b->capacity = capacity;
    return 0;
no_memory:
    b->failed = 1;
    /* So that the inline writers take the slow path, and fail there, from now on. */
    b->capacity = b->length;
    return -1;
}

void rec_bytes_free(struct rec_bytes *b) {
    free(b->data);
    memset(b, 0, sizeof *b);
}

void rec_bytes_put(struct rec_bytes *b, const void *data, size_t length) {
    if (length == 0 || rec_bytes_reserve(b, length) < 0) return;
    memcpy(b->data + b->length, data, length);
    b->length += length;
}

void rec_bytes_put_string(struct rec_bytes *b, const char *s) {
    if (s == NULL) s = "";
    rec_bytes_put(b, s, strlen(s) + 1);
}

static void put_little_endian(struct rec_bytes *b, uint64_t v, unsigned size) {
    uint8_t raw[8];
    for (unsigned i = 0; i < size; i++) raw[i] = (uint8_t)(v >> (8 * i));
    rec_bytes_put(b, raw, size);
}

void rec_bytes_put_u16(struct rec_bytes *b, uint16_t v) { put_little_endian(b, v, 2); }
void rec_bytes_put_u32(struct rec_bytes *b, uint32_t v) { put_little_endian(b, v, 4); }
void rec_bytes_put_u64(struct rec_bytes *b, uint64_t v) { put_little_endian(b, v, 8); }

static uint64_t take_little_endian(struct rec_cursor *c, unsigned size) {
    if ((size_t)(c->end - c->next) < size) {
        c->failed = 1;
        c->next = c->end;
        return 0;
    }
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++) v |= (uint64_t)c->next[i] << (8 * i);
    c->next += size;
    return v;
}

uint16_t rec_cursor_u16(struct rec_cursor *c) { return (uint16_t)take_little_endian(c, 2); }
uint32_t rec_cursor_u32(struct rec_cursor *c) { return (uint32_t)take_little_endian(c, 4); }
uint64_t rec_cursor_u64(struct rec_cursor *c) { return take_little_endian(c, 8); }

uint64_t rec_cursor_varint_slow(struct rec_cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; c->next != c->end; shift += 7) {
        uint8_t byte = *c->next++;
        if (shift == 63 && byte > 1) break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return v;
    }
    c->failed = 1;
    c->next = c->end;
    return 0;
}

const char *rec_cursor_string(struct rec_cursor *c) {
    size_t left = (size_t)(c->end - c->next);
    const uint8_t *nul = left == 0 ? NULL : memchr(c->next, 0, left);
    if (nul == NULL) {
        c->failed = 1;
        c->next = c->end;
        return NULL;
    }
    const char *s = (const char *)c->next;
    c->next = nul + 1;
    return s;
}
