/* SPDX-License-Identifier: MIT
 * How a region is laid out: decided here, written into its header for the agent, and kept by the
 * recorder in a copy that the agent cannot change. */
#ifndef HEAPWISE_RECORDER_REGION_LAYOUT_H
#define HEAPWISE_RECORDER_REGION_LAYOUT_H

#include <stdint.h>

#include "base/failure.h"
#include "wire/region.h"

struct region_layout {
    uint64_t bytes;
    uint64_t modules_offset, names_offset, rings_offset, nodes_offset;
    uint32_t modules_max, rings_max, nodes_max;
    struct wire_ring_layout data;
};

/* The layout of size class `attempt`: 0 is the full one, each next is for a tighter address space.
 */
struct region_layout region_layout_of(uint32_t attempt);

/* Makes a region in shared memory and fills its header; the calling thread becomes its recorder,
 * whose death the kernel tells to the agent. Gives the descriptor and the mapping. */
int region_create(const struct region_layout *l, enum wire_clock clock, int follow, int *fd,
                  struct wire_region **region, struct failure *f);
void region_release(struct wire_region *region, const struct region_layout *l);

#endif
