/* SPDX-License-Identifier: MIT
 * How the block that ends is told when no entry knew it: as a neighbour of one that ended not long
 * ago, or by a number.
 *
 * The parts of an object often end one after the other, but in no order that a fixed distance would
 * tell: the next living block above or below one of the last that ended is then the one.
 *
 * Where objects were built in one pass and filled in another (a hash of lists, say), blocks that
 * were born close together are followed, when they end, by blocks that were born close together
 * elsewhere. The map remembers how far apart the two places are: by the last symbol, and by the
 * stretch of 2^REC_MAP_STRETCH births that the last end was in. */
#ifndef HEAPWISE_RECORDING_EVENT_SEARCH_H
#define HEAPWISE_RECORDING_EVENT_SEARCH_H

#include "recording/event_model.h"

/* How far to look for a living neighbour. */
#define REC_NEIGHBOUR_STEPS 32
#define REC_MAP_STRETCH 9 /* log2 */
/* A block that is farther from where the map points than this is told in another way. */
#define REC_MAP_REACH 65536

/* The neighbours that are tried, in this order: the newest living block; the next living one above
 * the last that ended, and below it; then (not in the first model) the one after the next above,
 * and the next above the last but one and but two that ended. UINT64_MAX for none. */
static inline uint64_t rec_search_neighbour(const struct rec_event_model *m, unsigned which) {
    uint64_t block = which == 0  ? m->next_block
                     : which < 4 ? m->last_end
                                 : m->earlier_ends[which - 4];
    uint64_t step = which == 0 || which == 2 ? (uint64_t)-1 : 1;
    int passed_over = which == 3;
    for (int i = 0; i < REC_NEIGHBOUR_STEPS; i++) {
        block += step;
        if (block >= m->next_block) return UINT64_MAX;
        if (rec_model_lives(m, block) && passed_over-- == 0) return block;
    }
    return UINT64_MAX;
}

/* Below this probability a neighbour is not looked for any more, in this chunk and after ends that
 * were told like the last two: looking costs more than it saves where blocks end at random. */
#define REC_NEIGHBOUR_WORTH 512

/* The neighbour that is tried with this probability, in the second model. */
static inline uint64_t rec_search_try(const struct rec_event_model *m, unsigned which,
                                      uint16_t probability) {
    return probability < REC_NEIGHBOUR_WORTH ? UINT64_MAX : rec_search_neighbour(m, which);
}

/* Whether the i-th neighbour is there, and none of those before it. */
static inline int rec_search_is_new(const uint64_t *tried, unsigned i) {
    for (unsigned k = 0; k < i; k++)
        if (tried[k] == tried[i]) return 0;
    return tried[i] != UINT64_MAX;
}

/* What to add to the last block that ended; 0: not known. */
static inline uint32_t *rec_search_map(struct rec_event_model *m) {
    uint64_t place = (m->history->last << 32) + (m->last_end >> REC_MAP_STRETCH);
    return &m->map[rec_model_hash(place, m->short_bits)];
}

/* Both entries remember how the block was told in the end. */
static inline void rec_search_learn(struct rec_entry *a, struct rec_entry *b, unsigned way) {
    a->search = b->search = (uint8_t)way;
}

#endif
