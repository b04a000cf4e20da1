/* SPDX-License-Identifier: MIT
 * The coding of protocol buffers, as far as profile.proto needs it: a message is a sequence of
 * fields, each a number and a value that is a varint, fixed, or a length and bytes (texts,
 * messages, packed numbers). Read from memory, and the outermost message from a file, a field at a
 * time. */
#ifndef HEAPWISE_IMPORT_PPROF_WIRE_H
#define HEAPWISE_IMPORT_PPROF_WIRE_H

#include <stdint.h>

#include "import/input.h"

struct im_pprof_cursor {
    const uint8_t *next, *end;
    int failed; /* 1: what is left is no field */
};

struct im_pprof_field {
    uint32_t number;
    uint64_t value;       /* of a number */
    const uint8_t *bytes; /* NULL: it is a number */
    size_t length;
};

/* 0; -1 at the end, or when it cannot be read (then c->failed). */
int im_pprof_next(struct im_pprof_cursor *c, struct im_pprof_field *field);
/* The fields of a field that is a message; of one that is none there are none. */
struct im_pprof_cursor im_pprof_message(const struct im_pprof_field *field);
/* The numbers of a repeated field: those that are packed in it, or the one that it is. */
struct im_pprof_cursor im_pprof_numbers(const struct im_pprof_field *field);
int im_pprof_number(struct im_pprof_cursor *c, uint64_t *value);

/* Calls `take` for each field of the message that the input is. It ends at the first failure. */
int im_pprof_each(struct im_input *in,
                  int (*take)(void *context, const struct im_pprof_field *field, struct failure *f),
                  void *context, struct failure *f);

#endif
