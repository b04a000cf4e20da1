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

/* Whether the 32 local blocks from `local` on live, a bit for each. */
static inline uint32_t rec_search_window(const struct rec_event_model *m, uint64_t local) {
    const uint64_t *word = &m->living[local / 64];
    return (uint32_t)(word[0] >> local % 64 | word[1] << 1 << (63 - local % 64));
}

/* The next living block above `block`, or the one after that; UINT64_MAX for none within reach. */
static inline uint64_t rec_search_above(const struct rec_event_model *m, uint64_t block,
                                        unsigned passed_over) {
    if (block + 1 >= m->first_block) {
        uint32_t window = rec_search_window(m, block + 1 - m->first_block);
        if (passed_over > 0) window &= window - 1;
        return window == 0 ? UINT64_MAX : block + 1 + (unsigned)__builtin_ctz(window);
    }
    for (int i = 0; i < REC_NEIGHBOUR_STEPS; i++)
        if (rec_model_lives(m, ++block) && passed_over-- == 0) return block;
    return UINT64_MAX;
}

/* The next living block below `block`. */
static inline uint64_t rec_search_below(const struct rec_event_model *m, uint64_t block) {
    if (block >= m->first_block + REC_NEIGHBOUR_STEPS) {
        uint32_t window = rec_search_window(m, block - REC_NEIGHBOUR_STEPS - m->first_block);
        return window == 0 ? UINT64_MAX : block - 1 - (unsigned)__builtin_clz(window);
    }
    for (int i = 0; i < REC_NEIGHBOUR_STEPS && block > 0; i++)
        if (rec_model_lives(m, --block)) return block;
    return UINT64_MAX;
}

/* The neighbours that are tried, in this order: the newest living block; the next living one above
 * the last that ended, and below it; then (not in the first model) the one after the next above,
 * and the next above the last but one and but two that ended. UINT64_MAX for none. */
static inline uint64_t rec_search_neighbour(const struct rec_event_model *m, unsigned which) {
    switch (which) {
    case 0:
        return rec_search_below(m, m->next_block);
    case 1:
        return rec_search_above(m, m->last_end, 0);
    case 2:
        return rec_search_below(m, m->last_end);
    case 3:
        return rec_search_above(m, m->last_end, 1);
    default:
        return rec_search_above(m, m->earlier_ends[which - 4], 0);
    }
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
