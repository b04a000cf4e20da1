/* SPDX-License-Identifier: MIT
 * Numbers among the decisions of a range coder: the number of binary digits and the three digits
 * after the first by probabilities that adapt, the others as they are. */
#ifndef HEAPWISE_RECORDING_NUMBER_CODER_H
#define HEAPWISE_RECORDING_NUMBER_CODER_H

#include "recording/range_coder.h"

#define REC_NUMBER_LENGTH_BITS 6 /* numbers are below 2^63 */
#define REC_NUMBER_KNOWN_DIGITS 3

struct rec_number {
    /* Both by the answers so far, after a 1; the second also by the number of digits. */
    uint16_t length[1 << REC_NUMBER_LENGTH_BITS];
    uint16_t digit[1 << REC_NUMBER_LENGTH_BITS][1 << REC_NUMBER_KNOWN_DIGITS];
};

static inline unsigned rec_number_digits(uint64_t value) {
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

static inline void rec_number_put(struct rec_range_encoder *e, struct rec_number *n,
                                  uint64_t value) {
    unsigned length = rec_number_digits(value), at = 1;
    for (unsigned i = REC_NUMBER_LENGTH_BITS; i-- > 0;) {
        unsigned bit = length >> i & 1;
        rec_range_put(e, &n->length[at], (int)bit);
        at = at * 2 + bit;
    }
    unsigned left = length < 2 ? 0 : length - 1;
    at = 1;
    for (int i = 0; i < REC_NUMBER_KNOWN_DIGITS && left > 0; i++) {
        unsigned bit = value >> --left & 1;
        rec_range_put(e, &n->digit[length][at], (int)bit);
        at = at * 2 + bit;
    }
    while (left > 0) {
        unsigned bits = left > 16 ? 16 : left;
        left -= bits;
        rec_range_put_bits(e, (uint32_t)(value >> left) & ((1u << bits) - 1), bits);
    }
}

static inline uint64_t rec_number_get(struct rec_range_decoder *d, struct rec_number *n) {
    unsigned at = 1;
    for (unsigned i = 0; i < REC_NUMBER_LENGTH_BITS; i++)
        at = at * 2 + rec_range_get_digit(d, &n->length[at]);
    unsigned length = at - (1u << REC_NUMBER_LENGTH_BITS);
    if (length < 2) return length;
    unsigned left = length - 1;
    uint64_t value = 1;
    at = 1;
    for (int i = 0; i < REC_NUMBER_KNOWN_DIGITS && left > 0; i++, left--) {
        unsigned bit = rec_range_get_digit(d, &n->digit[length][at]);
        at = at * 2 + bit;
        value = value * 2 + bit;
    }
    while (left > 0) {
        unsigned bits = left > 16 ? 16 : left;
        left -= bits;
        value = value << bits | rec_range_get_bits(d, bits);
    }
    return value;
}

#endif
