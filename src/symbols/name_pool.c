/* SPDX-License-Identifier: MIT
 * Strings kept once. See name_pool.h. */
#include "symbols/name_pool.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 << 10)
#define FIRST_SLOTS 1024

struct sym_name_block {
    struct sym_name_block *next;
    size_t used, size;
    char bytes[];
};

void sym_name_pool_release(struct sym_name_pool *pool) {
    while (pool->blocks != NULL) {
        struct sym_name_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
    free(pool->slots);
    memset(pool, 0, sizeof *pool);
}

static uint64_t hash_of(const char *bytes, size_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

static int grow_slots(struct sym_name_pool *pool) {
    size_t count = pool->slot_count == 0 ? FIRST_SLOTS : pool->slot_count * 2;
    const char **slots = calloc(count, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 0; i < pool->slot_count; i++) {
        const char *name = pool->slots[i];
        if (name == NULL) continue;
        size_t at = hash_of(name, strlen(name)) & (count - 1);
        while (slots[at] != NULL)
            at = (at + 1) & (count - 1);
        slots[at] = name;
    }
    free(pool->slots);
    pool->slots = slots;
    pool->slot_count = count;
    return 0;
}

static char *take_bytes(struct sym_name_pool *pool, size_t length) {
    struct sym_name_block *block = pool->blocks;
    if (block == NULL || block->size - block->used < length) {
        size_t size = length > BLOCK_BYTES ? length : BLOCK_BYTES;
        block = malloc(sizeof *block + size);
        if (block == NULL) return NULL;
        block->next = pool->blocks;
        block->used = 0;
        block->size = size;
        pool->blocks = block;
    }
    char *bytes = block->bytes + block->used;
    block->used += length;
    return bytes;
}

const char *sym_name_pool_add(struct sym_name_pool *pool, const char *name, size_t length) {
    length = strnlen(name, length);
    /* At most three quarters full, so that a search always ends at an empty slot. */
    if (pool->name_count >= pool->slot_count / 4 * 3 && grow_slots(pool) != 0) return NULL;
    size_t at = hash_of(name, length) & (pool->slot_count - 1);
    for (; pool->slots[at] != NULL; at = (at + 1) & (pool->slot_count - 1)) {
        const char *kept = pool->slots[at];
        if (strncmp(kept, name, length) == 0 && kept[length] == '\0') return kept;
    }
    char *copy = take_bytes(pool, length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, name, length);
    copy[length] = '\0';
    pool->slots[at] = copy;
    pool->name_count++;
    return copy;
}
