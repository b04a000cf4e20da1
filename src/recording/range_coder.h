/* SPDX-License-Identifier: MIT
 * An adaptive binary range coder: each decision costs what it surprises by.
 *
 * A probability is that of the answer "yes", in 65536ths. It moves by a 32nd of the way towards
 * each answer that comes, so it stays within 31 … 65504 and no decision is ever impossible.
 *
 * The state is an interval [low, low + range) of 64-bit numbers, which each decision narrows: yes
 * takes the first (range >> 16) * probability, no the rest. Whenever range falls below 2^32 the
 * upper 32 bits of low are written, most significant byte first. A carry out of low goes into the
 * bytes already written. The end writes all of low. The reader keeps code = (what was read) - low.
 */
#ifndef HEAPWISE_RECORDING_RANGE_CODER_H
#define HEAPWISE_RECORDING_RANGE_CODER_H

#include "recording/bytes.h"

#define REC_PROBABILITY_EVEN 32768
#define REC_PROBABILITY_SHIFT 5

struct rec_range_encoder {
    uint64_t low, range;
    struct rec_bytes *out;
};

struct rec_range_decoder {
    uint64_t code, range;
    struct rec_cursor in;
};

void rec_range_begin(struct rec_range_encoder *e, struct rec_bytes *out);
void rec_range_shift(struct rec_range_encoder *e);
void rec_range_carry(struct rec_range_encoder *e);
void rec_range_end(struct rec_range_encoder *e);

static inline void rec_range_put(struct rec_range_encoder *e, uint16_t *probability, int yes) {
    uint64_t bound = (e->range >> 16) * *probability;
    if (yes) {
        e->range = bound;
        *probability += (uint16_t)((65535 - *probability) >> REC_PROBABILITY_SHIFT);
    } else {
        e->range -= bound;
        if (__builtin_add_overflow(e->low, bound, &e->low)) rec_range_carry(e);
        *probability -= *probability >> REC_PROBABILITY_SHIFT;
    }
    if (__builtin_expect(e->range >> 32 == 0, 0)) rec_range_shift(e);
}

/* Up to 16 bits that nothing is known of. */
static inline void rec_range_put_bits(struct rec_range_encoder *e, uint32_t value, unsigned bits) {
    e->range >>= bits;
    if (__builtin_add_overflow(e->low, e->range * value, &e->low)) rec_range_carry(e);
    if (__builtin_expect(e->range >> 32 == 0, 0)) rec_range_shift(e);
}

void rec_range_open(struct rec_range_decoder *d, struct rec_cursor in);
void rec_range_refill(struct rec_range_decoder *d);

static inline int rec_range_get(struct rec_range_decoder *d, uint16_t *probability) {
    uint64_t bound = (d->range >> 16) * *probability;
    int yes = d->code < bound;
    if (yes) {
        d->range = bound;
        *probability += (uint16_t)((65535 - *probability) >> REC_PROBABILITY_SHIFT);
    } else {
        d->code -= bound;
        d->range -= bound;
        *probability -= *probability >> REC_PROBABILITY_SHIFT;
    }
    if (__builtin_expect(d->range >> 32 == 0, 0)) rec_range_refill(d);
    return yes;
}

/* The same for answers that follow no habit, which a branch on them would be wrong about half the
 * time: without one. */
static inline unsigned rec_range_get_digit(struct rec_range_decoder *d, uint16_t *probability) {
    uint64_t bound = (d->range >> 16) * *probability;
    uint64_t no = (uint64_t)0 - (uint64_t)(d->code >= bound); /* all bits, or none */
    uint32_t up = (65535u - *probability) >> REC_PROBABILITY_SHIFT;
    uint32_t down = (uint32_t)*probability >> REC_PROBABILITY_SHIFT;
    d->code -= bound & no;
    d->range = (bound & ~no) + ((d->range - bound) & no);
    *probability = (uint16_t)(*probability + (up & ~(uint32_t)no) - (down & (uint32_t)no));
    if (__builtin_expect(d->range >> 32 == 0, 0)) rec_range_refill(d);
    return (unsigned)(no + 1);
}

/* A damaged file may hold what no encoder wrote; its bits are then as high as they can be. */
static inline uint32_t rec_range_get_bits(struct rec_range_decoder *d, unsigned bits) {
    d->range >>= bits;
    uint64_t value = d->code / d->range;
    if (value >> bits != 0) value = (1u << bits) - 1;
    d->code -= value * d->range;
    if (__builtin_expect(d->range >> 32 == 0, 0)) rec_range_refill(d);
    return (uint32_t)value;
}

#endif
