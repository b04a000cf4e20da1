/* SPDX-License-Identifier: MIT
 * Strings kept once: the names and paths of one worker's frames.
 *
 * A string stays where it is until the pool is released. One thread at a time. */
#ifndef HEAPWISE_SYMBOLS_NAME_POOL_H
#define HEAPWISE_SYMBOLS_NAME_POOL_H

#include <stddef.h>
#include <stdint.h>

struct sym_name_block;

struct sym_name_pool {
    struct sym_name_block *blocks; /* the newest first; the newest is the one that is filled */
    const char **slots;            /* open addressing; slot_count is a power of two or 0 */
    size_t slot_count, name_count;
};

/* All zero is an empty pool. */
void sym_name_pool_release(struct sym_name_pool *pool);

/* The pool's own copy of the `length` bytes at `name`; NULL when memory is out. A NUL inside ends
 * the copy as it would any string. */
const char *sym_name_pool_add(struct sym_name_pool *pool, const char *name, size_t length);

#endif
