/* SPDX-License-Identifier: MIT
 * Which block lives at an address, while a file's events are read: open addressing, with tombstones
 * that go when the table grows. */
#ifndef HEAPWISE_IMPORT_BLOCK_MAP_H
#define HEAPWISE_IMPORT_BLOCK_MAP_H

#include <stddef.h>
#include <stdint.h>

struct im_block_map {
    struct im_block_slot {
        uint64_t address;
        uint64_t block; /* + 1; 0: free, UINT64_MAX: was taken */
    } * slots;
    size_t capacity, used; /* used: with tombstones */
    size_t living;
};

void im_block_map_release(struct im_block_map *m);
/* A block that is there already gives way. 0, or -1 when memory is out. */
int im_block_map_put(struct im_block_map *m, uint64_t address, uint64_t block);
/* Takes the block out; 0, or -1 when none is there. */
int im_block_map_take(struct im_block_map *m, uint64_t address, uint64_t *block);

/* The same without taking it out. */
int im_block_map_get(const struct im_block_map *m, uint64_t address, uint64_t *block);

#endif
