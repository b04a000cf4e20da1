/* SPDX-License-Identifier: MIT
 * The blocks alive at a moment of a replay: those of a snapshot, and those born since.
 *
 *   old    the snapshot's blocks, sorted by number; found through an index of the number's high bits
 *   born   blocks born since, one entry each: block b stands at b - first_born
 *
 * An ended block keeps its entry and has AN_ENDED as its node. */
#ifndef HEAPWISE_ANALYSIS_LIVE_BLOCKS_H
#define HEAPWISE_ANALYSIS_LIVE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/writer.h"

#define AN_ENDED UINT32_MAX

struct an_born {
    uint64_t size;
    uint32_t node;
    uint32_t reserved;
};

struct an_live_blocks {
    struct rec_live_block *old;
    size_t old_count;
    uint32_t *old_index; /* first old block whose number >> old_shift is at least i */
    unsigned old_shift;
    struct an_born *born;
    size_t born_count, born_capacity;
    uint64_t first_born;
};

struct an_block {
    uint64_t block, size;
    uint32_t node;
    uint32_t reserved;
};

/* Takes ownership of `old` (made with malloc, may be NULL when there are none), also on failure. */
int an_live_init(struct an_live_blocks *l, struct rec_live_block *old, size_t old_count,
                 uint64_t first_born, struct failure *f);
void an_live_release(struct an_live_blocks *l);

int an_live_grow(struct an_live_blocks *l);
/* A block is born; its number is the next one. Returns -1 when memory is out. */
static inline int an_live_birth(struct an_live_blocks *l, uint64_t size, uint32_t node) {
    if (l->born_count == l->born_capacity && an_live_grow(l) != 0) return -1;
    l->born[l->born_count++] = (struct an_born){.size = size, .node = node};
    return 0;
}

/* Ends a block and tells what it was. Returns -1 when no such block is alive. */
int an_live_end(struct an_live_blocks *l, uint64_t block, struct an_block *ended);

/* The living blocks, sorted by number, in memory that the caller frees; NULL when there are none or
 * memory is out (then *count is not 0). Blocks before `from_block` are left out. */
struct an_block *an_live_collect(const struct an_live_blocks *l, uint64_t from_block, size_t *count);

#endif
