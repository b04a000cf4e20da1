/* SPDX-License-Identifier: MIT
 * The blocks that a pass has seen born and not yet ended, found by their numbers.
 *
 * Open addressing with linear probing. Sixteen neighbouring numbers share a place to begin at, so
 * that blocks born one after the other lie side by side. Invariants: at most half of the slots are
 * used; no free slot lies between a block's first place and its own. A free slot has AN_NO_PENDING
 * as its block. */
#ifndef HEAPWISE_ANALYSIS_PENDING_BLOCKS_H
#define HEAPWISE_ANALYSIS_PENDING_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

#define AN_NO_PENDING UINT64_MAX

struct an_pending {
    uint64_t block, size, birth_event;
    uint32_t node, thread, birth_tick;
    uint32_t flags; /* enum an_life_flags */
};

struct an_pending_blocks {
    struct an_pending *slots;
    size_t mask, count; /* mask: number of slots - 1 */
};

int an_pending_init(struct an_pending_blocks *p, struct failure *f);
void an_pending_release(struct an_pending_blocks *p);
int an_pending_add(struct an_pending_blocks *p, struct an_pending block, struct failure *f);
/* Takes a block out. 0, or -1 when it is not there. */
int an_pending_take(struct an_pending_blocks *p, uint64_t block, struct an_pending *out);

#endif
