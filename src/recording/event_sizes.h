/* SPDX-License-Identifier: MIT
 * What size the next block of a node will have: the one that followed the same two sizes of this
 * node the last time. A number read as text, one key of an object after the other: sizes repeat in
 * sequences far more than one by one.
 *
 * An expected size is kept with its confidence as size << 4 | confidence; one beyond 60 bits is
 * never expected. An entry of great confidence is not replaced at once. */
#ifndef HEAPWISE_RECORDING_EVENT_SIZES_H
#define HEAPWISE_RECORDING_EVENT_SIZES_H

#include "recording/event_model.h"

#define REC_SIZE_STUBBORN 3 /* an entry that was right more often outlives an error */

static inline uint64_t *rec_sizes_entry(struct rec_event_model *m, const struct rec_slot *s) {
    uint64_t x = (s->node * REC_HASH_FACTOR + s->size) * REC_HASH_FACTOR + s->before;
    return &m->sizes[rec_model_hash(x, m->long_bits)];
}

static inline uint64_t rec_sizes_expected(const uint64_t *entry) {
    return *entry >> 4;
}

static inline unsigned rec_sizes_confidence(const uint64_t *entry) {
    return (unsigned)*entry & REC_CONFIDENCE_MAX;
}

static inline void rec_sizes_learn(uint64_t *entry, struct rec_slot *s, uint64_t size) {
    unsigned confidence = rec_sizes_confidence(entry);
    if (rec_sizes_expected(entry) == size)
        *entry += confidence < REC_CONFIDENCE_MAX;
    else if (confidence > REC_SIZE_STUBBORN)
        *entry -= confidence - confidence / 2;
    else
        *entry = size << 4;
    s->before = s->size;
    s->size = size;
}

#endif
