/* SPDX-License-Identifier: MIT
 * Where the words of each ring lie. The first rings are large, since most programs allocate from
 * few threads; the later ones are smaller, so that thousands of threads stay bounded. */
#ifndef HEAPWISE_WIRE_RING_LAYOUT_H
#define HEAPWISE_WIRE_RING_LAYOUT_H

#include <stdint.h>

struct wire_ring_layout {
    uint64_t data_offset;                        /* of the first ring's words, in the region */
    uint32_t large_rings, medium_rings;          /* rings below `large_rings` are large, below
                                                    `medium_rings` medium, the others small */
    uint8_t large_log2, medium_log2, small_log2; /* capacities in words */
    uint8_t reserved[5];
};
_Static_assert(sizeof(struct wire_ring_layout) == 24, "no padding");

static inline uint32_t wire_ring_log2(const struct wire_ring_layout *l, uint32_t ring) {
    return ring < l->large_rings    ? l->large_log2
           : ring < l->medium_rings ? l->medium_log2
                                    : l->small_log2;
}

static inline uint64_t wire_ring_offset(const struct wire_ring_layout *l, uint32_t ring) {
    uint64_t large = ring < l->large_rings ? ring : l->large_rings;
    uint64_t medium = (ring < l->medium_rings ? ring : l->medium_rings) - large;
    uint64_t small = ring - large - medium;
    return l->data_offset +
           8 * ((large << l->large_log2) + (medium << l->medium_log2) + (small << l->small_log2));
}

#endif
