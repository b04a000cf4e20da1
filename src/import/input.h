/* SPDX-License-Identifier: MIT
 * The bytes of another tool's file, decompressed as they are read: plain, gzip or zstd, told by the
 * first bytes.
 *
 *   file ──► raw (compressed bytes) ──► window (what the reader has not taken yet)
 *
 * Memory is bounded by the longest line or run of bytes that a reader asks for at once, and that by
 * IM_WINDOW_MAX. */
#ifndef HEAPWISE_IMPORT_INPUT_H
#define HEAPWISE_IMPORT_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define IM_WINDOW_MAX (64u << 20)

struct im_input;

/* Told now and then how far the reading is, in bytes of the file. */
struct im_progress {
    void (*tell)(void *context, size_t done, size_t total); /* NULL: never */
    void *context;
};

/* Reads `fd` from its start; it stays the caller's. `name` is what a person knows it by. */
int im_input_open(struct im_input **out, int fd, const char *name,
                  const struct im_progress *progress, struct failure *f);
void im_input_close(struct im_input *in);
/* Back to the start. */
int im_input_rewind(struct im_input *in, struct failure *f);
const char *im_input_name(const struct im_input *in);

/* Makes at least `wanted` bytes ready where there are so many, and tells how many are: less than
 * `wanted` at the end of the input alone. Returns NULL on failure. The bytes are valid until the
 * next call of any function here. */
const uint8_t *im_input_peek(struct im_input *in, size_t wanted, size_t *ready, struct failure *f);
/* Takes `count` bytes that were made ready. */
void im_input_take(struct im_input *in, size_t count);

/* The next line without its end, NUL-terminated; it may hold further NULs. Returns 1, 0 at the end
 * of the input, or -1 on failure. */
int im_input_line(struct im_input *in, char **line, size_t *length, struct failure *f);
/* The number of the line that was given last, from 1. */
uint64_t im_input_line_number(const struct im_input *in);

/* Whether the input ends where nothing should: in the middle of compressed data, or where a reader
 * found it cut. What was read until then is there. */
int im_input_is_cut(const struct im_input *in);
void im_input_note_cut(struct im_input *in);
/* Whether the line that was given last had an end. */
int im_input_line_is_whole(const struct im_input *in);

/* A file may hold the difference of two profiles, in which figures are less than nothing where the
 * first had more. Its reader gives what `side` asks for, or refuses it. */
enum im_side {
    IM_SIDE_NONE,   /* it must be no difference */
    IM_SIDE_BEFORE, /* what is less than nothing, as a profile */
    IM_SIDE_AFTER,  /* what is more */
};
void im_input_choose_side(struct im_input *in, enum im_side side);
enum im_side im_input_side(const struct im_input *in);
/* Readers tell when they come to a figure that is less than nothing. */
void im_input_note_difference(struct im_input *in);
int im_input_is_difference(const struct im_input *in);

/* "FILE: line N: …" */
__attribute__((format(printf, 3, 4))) int
im_input_bad_line(const struct im_input *in, struct failure *f, const char *format, ...);

#endif
