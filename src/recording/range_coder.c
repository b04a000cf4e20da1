/* SPDX-License-Identifier: MIT
 * The rare steps of the range coder. See range_coder.h. */
#include "recording/range_coder.h"

void rec_range_begin(struct rec_range_encoder *e, struct rec_bytes *out) {
    e->low = 0;
    e->range = UINT64_MAX;
    e->out = out;
}

static void put_high(struct rec_bytes *out, uint64_t low, int bytes) {
    for (int i = 0; i < bytes; i++) rec_bytes_put_u8(out, (uint8_t)(low >> (56 - 8 * i)));
}

void rec_range_shift(struct rec_range_encoder *e) {
    put_high(e->out, e->low, 4);
    e->low <<= 32;
    e->range <<= 32;
}

void rec_range_carry(struct rec_range_encoder *e) {
    for (size_t at = e->out->length; at > 0 && ++e->out->data[at - 1] == 0; at--) {}
}

void rec_range_end(struct rec_range_encoder *e) { put_high(e->out, e->low, 8); }

/* Past the end come zeros, and the cursor says that it failed. */
static uint32_t next_word(struct rec_range_decoder *d) {
    uint32_t word = 0;
    for (int i = 0; i < 4; i++) word = word << 8 | rec_cursor_u8(&d->in);
    return word;
}

void rec_range_open(struct rec_range_decoder *d, struct rec_cursor in) {
    d->in = in;
    d->range = UINT64_MAX;
    d->code = (uint64_t)next_word(d) << 32;
    d->code |= next_word(d);
}

void rec_range_refill(struct rec_range_decoder *d) {
    d->code = d->code << 32 | next_word(d);
    d->range <<= 32;
}
