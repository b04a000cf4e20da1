/* SPDX-License-Identifier: MIT
 * The live heap: address -> block, for every block that is alive.
 *
 * A radix over the address, so that neighbouring blocks are neighbours here too (a hash over the
 * whole address measured three times slower):
 *
 *   top[address >> 30]  ──►  gib: one entry for each page of 4 KiB  ──►  slab: the page's blocks
 *
 * An entry packs the slab's pointer, the log2 of its capacity and the number of blocks in it. A
 * slab is an open-addressing table of 16-byte slots; a block's home slot is its offset in the page
 * scaled to the capacity, so blocks in address order are slots in order, and blocks of one size do
 * not collide once there are as many slots as such blocks in a page.
 *
 * Invariants: a slot is in use if and only if its key is not 0; from a block's home slot to the
 * slot where it stands (cyclically) no slot is free; capacity <= 512 (blocks are 8-aligned; those
 * that are not still fit, as several offsets may share a home).
 *
 * Memory: 16 bytes a block when pages are full of small blocks, 64 bytes for a page that holds any.
 */
#ifndef HEAPWISE_RECORDER_LIVE_HEAP_H
#define HEAPWISE_RECORDER_LIVE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct live_block {
    uint64_t number; /* block number of the recording */
    uint64_t size;
    uint32_t node; /* the agent's id */
};

struct live_heap;

/* NULL when memory is out. */
struct live_heap *live_heap_create(void);
void live_heap_destroy(struct live_heap *h);

/* Adds a block. When one is already alive at `address` it is replaced and given in *displaced.
 * Returns 0; 1 when a block was displaced; -1 when memory is out. */
int live_heap_add(struct live_heap *h, uint64_t address, const struct live_block *block,
                  struct live_block *displaced);

/* Takes the block at `address` out. Returns 1 and fills *block, or 0 when there is none. */
int live_heap_take(struct live_heap *h, uint64_t address, struct live_block *block);

/* A hint that `address` is going to be asked about soon. */
void live_heap_prefetch(const struct live_heap *h, uint64_t address);

/* Calls `visit` for every block in the order of addresses. */
typedef void live_heap_visitor(void *context, uint64_t address, const struct live_block *block);
void live_heap_visit(const struct live_heap *h, live_heap_visitor *visit, void *context);

uint64_t live_heap_count(const struct live_heap *h);

#endif
