/* SPDX-License-Identifier: MIT
 * Which blocks each pool has, so that all of a pool's can be ended at once.
 *
 * A hash table of blocks by address; those of one pool form a list through it, and the pools are a
 * second, small table. Indices, not pointers, since the tables move when they grow. */
#ifndef HEAPWISE_RECORDER_POOL_BLOCKS_H
#define HEAPWISE_RECORDER_POOL_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

struct pool_block {
    uint64_t address;        /* 0: free */
    uint32_t pool;           /* index in pools */
    uint32_t next, previous; /* index + 1 in entries; 0: none */
    uint32_t hash_next;      /* index + 1: the next of the same bucket, or of the free list */
};

struct pool_list {
    uint64_t pool;
    uint32_t first; /* index + 1 of a block */
    uint32_t hash_next;
};

struct pool_blocks {
    struct pool_block *entries;
    size_t entry_count, entry_capacity;
    uint32_t free_list;
    uint32_t *buckets; /* index + 1 */
    size_t bucket_count, living;
    struct pool_list *pools;
    size_t pool_count, pool_capacity;
    uint32_t *pool_buckets; /* POOL_BUCKETS of them */
};

void pool_blocks_release(struct pool_blocks *b);
/* 0; 1 if a block at that address was there, which is replaced; -1 when memory is out. */
int pool_blocks_add(struct pool_blocks *b, uint64_t pool, uint64_t address);
/* 1 if it was there. */
int pool_blocks_remove(struct pool_blocks *b, uint64_t address);
/* The address of one of the pool's blocks, which is removed; 0 when it has none. */
uint64_t pool_blocks_take(struct pool_blocks *b, uint64_t pool);

#endif
