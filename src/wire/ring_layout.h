/* SPDX-License-Identifier: MIT
 * Where the words of each ring lie. The first rings are the largest, since most programs allocate
 * from few threads; the later ones are smaller step by step, so that thousands of threads stay
 * bounded. */
#ifndef HEAPWISE_WIRE_RING_LAYOUT_H
#define HEAPWISE_WIRE_RING_LAYOUT_H

#include <stdint.h>

enum { WIRE_RING_STEPS = 4 };

/* Rings of one size: those below `below` that no earlier step has. */
struct wire_ring_step {
    uint32_t below;
    uint32_t log2; /* of their capacity in words */
};

struct wire_ring_layout {
    uint64_t data_offset; /* of the first ring's words, in the region */
    /* `below` rises; the last step has all rings that are left, whatever it says there. */
    struct wire_ring_step steps[WIRE_RING_STEPS];
};
_Static_assert(sizeof(struct wire_ring_layout) == 8 + 8 * WIRE_RING_STEPS, "no padding");

static inline uint32_t wire_ring_log2(const struct wire_ring_layout *l, uint32_t ring) {
    unsigned step = 0;
    while (step < WIRE_RING_STEPS - 1 && ring >= l->steps[step].below) step++;
    return l->steps[step].log2;
}

static inline uint64_t wire_ring_offset(const struct wire_ring_layout *l, uint32_t ring) {
    uint64_t words = 0;
    uint32_t first = 0;
    for (unsigned step = 0; step < WIRE_RING_STEPS && first < ring; step++) {
        uint32_t below = l->steps[step].below;
        if (step == WIRE_RING_STEPS - 1 || below > ring) below = ring;
        words += (uint64_t)(below - first) << l->steps[step].log2;
        first = below;
    }
    return l->data_offset + 8 * words;
}

#endif
