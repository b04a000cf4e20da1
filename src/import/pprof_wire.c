/* SPDX-License-Identifier: MIT
 * The coding of protocol buffers. See pprof_wire.h. */
#include "import/pprof_wire.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
#define HEAD_MAX 20 /* bytes of a tag and of a length or number */

static int take_varint(struct im_pprof_cursor *c, uint64_t *value) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (c->next == c->end) break;
        uint8_t byte = *c->next++;
        if (shift < 64) v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *value = v;
            return 0;
        }
    }
    c->failed = 1;
    return -1;
}

/* The tag and what comes before a field's bytes. */
static int take_head(struct im_pprof_cursor *c, struct im_pprof_field *field, int *is_bytes) {
    uint64_t tag;
    *field = (struct im_pprof_field){0};
    *is_bytes = 0;
    if (take_varint(c, &tag) != 0) return -1;
    field->number = tag >> 3 < UINT32_MAX ? (uint32_t)(tag >> 3) : UINT32_MAX;
    size_t fixed = (tag & 7) == WIRE_FIXED64 ? 8 : (tag & 7) == WIRE_FIXED32 ? 4 : 0;
    if ((tag & 7) == WIRE_VARINT) return take_varint(c, &field->value);
    if ((tag & 7) == WIRE_BYTES) {
        *is_bytes = 1;
        return take_varint(c, &field->value);
    }
    if (fixed == 0 || (size_t)(c->end - c->next) < fixed) {
        c->failed = 1;
        return -1;
    }
    for (size_t i = 0; i < fixed; i++)
        field->value |= (uint64_t)c->next[i] << (8 * i);
    c->next += fixed;
    return 0;
}

int im_pprof_next(struct im_pprof_cursor *c, struct im_pprof_field *field) {
    int is_bytes;
    if (c->failed || c->next == c->end || take_head(c, field, &is_bytes) != 0) return -1;
    if (!is_bytes) return 0;
    if (field->value > (uint64_t)(c->end - c->next)) {
        c->failed = 1;
        return -1;
    }
    field->bytes = c->next;
    field->length = field->value;
    c->next += field->length;
    return 0;
}

struct im_pprof_cursor im_pprof_message(const struct im_pprof_field *field) {
    if (field->bytes == NULL) return (struct im_pprof_cursor){NULL, NULL, 0};
    return (struct im_pprof_cursor){field->bytes, field->bytes + field->length, 0};
}

/* A number that stands alone is where the value itself lies: in the field. */
struct im_pprof_cursor im_pprof_numbers(const struct im_pprof_field *field) {
    if (field->bytes != NULL) return im_pprof_message(field);
    return (struct im_pprof_cursor){(const uint8_t *)&field->value, NULL, 0};
}

int im_pprof_number(struct im_pprof_cursor *c, uint64_t *value) {
    if (c->end == NULL) {
        if (c->next == NULL) return -1;
        memcpy(value, c->next, sizeof *value);
        c->next = NULL;
        return 0;
    }
    if (c->failed || c->next == c->end) return -1;
    return take_varint(c, value);
}

int im_pprof_each(struct im_input *in,
                  int (*take)(void *context, const struct im_pprof_field *field, struct failure *f),
                  void *context, struct failure *f) {
    for (;;) {
        struct im_pprof_field field;
        size_t ready;
        int is_bytes;
        const uint8_t *bytes = im_input_peek(in, HEAD_MAX, &ready, f);
        if (bytes == NULL) return -1;
        if (ready == 0) return 0;
        struct im_pprof_cursor c = {bytes, bytes + ready, 0};
        if (take_head(&c, &field, &is_bytes) != 0)
            return failure_set(f, "%s is damaged: a field cannot be read", im_input_name(in));
        im_input_take(in, (size_t)(c.next - bytes));
        if (is_bytes) {
            if (field.value > IM_WINDOW_MAX / 2)
                return failure_set(f, "%s is damaged: a field says that it has %llu bytes",
                                   im_input_name(in), (unsigned long long)field.value);
            field.length = field.value;
            field.bytes = im_input_peek(in, field.length, &ready, f);
            if (field.bytes == NULL) return -1;
            if (ready < field.length)
                return failure_set(f, "%s is cut: it ends in the middle of a field",
                                   im_input_name(in));
        }
        if (take(context, &field, f) != 0) return -1;
        if (is_bytes) im_input_take(in, field.length);
    }
}
