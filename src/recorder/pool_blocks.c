/* SPDX-License-Identifier: MIT
 * Blocks of pools. See pool_blocks.h. */
#include "recorder/pool_blocks.h"

#include <stdlib.h>
#include <string.h>

enum { POOL_BUCKETS = 1 << 12 };

static uint64_t mix(uint64_t v) {
    v *= 0x9e3779b97f4a7c15ull;
    return v ^ v >> 32;
}

void pool_blocks_release(struct pool_blocks *b) {
    free(b->entries);
    free(b->buckets);
    free(b->pools);
    free(b->pool_buckets);
    memset(b, 0, sizeof *b);
}

static int grow(void **array, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity) return 0;
    size_t wanted = *capacity == 0 ? 256 : 2 * *capacity;
    void *more = wanted > UINT32_MAX / 2 ? NULL : realloc(*array, wanted * size);
    if (more == NULL) return -1;
    *array = more;
    *capacity = wanted;
    return 0;
}

/* The pool's index, which it gets if it has none; -1 when memory is out, or, if it is not to be
 * made, when there is none. */
static int64_t pool_index(struct pool_blocks *b, uint64_t pool, int make) {
    if (b->pool_buckets == NULL) {
        if (!make) return -1;
        b->pool_buckets = calloc(POOL_BUCKETS, sizeof *b->pool_buckets);
        if (b->pool_buckets == NULL) return -1;
    }
    uint32_t *bucket = &b->pool_buckets[mix(pool) % POOL_BUCKETS];
    for (uint32_t i = *bucket; i != 0; i = b->pools[i - 1].hash_next)
        if (b->pools[i - 1].pool == pool) return i - 1;
    if (!make || grow((void **)&b->pools, &b->pool_capacity, b->pool_count, sizeof *b->pools) < 0)
        return -1;
    b->pools[b->pool_count++] = (struct pool_list){.pool = pool, .hash_next = *bucket};
    *bucket = (uint32_t)b->pool_count;
    return *bucket - 1;
}

static int grow_buckets(struct pool_blocks *b) {
    if (b->living < b->bucket_count) return 0;
    size_t count = b->bucket_count == 0 ? 1024 : 2 * b->bucket_count;
    uint32_t *buckets = calloc(count, sizeof *buckets);
    if (buckets == NULL) return -1;
    for (size_t i = 0; i < b->entry_count; i++) {
        struct pool_block *e = &b->entries[i];
        if (e->address == 0) continue;
        uint32_t *bucket = &buckets[mix(e->address) & (count - 1)];
        e->hash_next = *bucket;
        *bucket = (uint32_t)i + 1;
    }
    free(b->buckets);
    b->buckets = buckets;
    b->bucket_count = count;
    return 0;
}

int pool_blocks_add(struct pool_blocks *b, uint64_t pool, uint64_t address) {
    int replaced = pool_blocks_remove(b, address);
    int64_t owner = pool_index(b, pool, 1);
    if (owner < 0 || grow_buckets(b) < 0) return -1;
    uint32_t i = b->free_list;
    if (i != 0) {
        b->free_list = b->entries[i - 1].hash_next;
    } else {
        if (grow((void **)&b->entries, &b->entry_capacity, b->entry_count, sizeof *b->entries) < 0)
            return -1;
        i = (uint32_t)++b->entry_count;
    }
    uint32_t *bucket = &b->buckets[mix(address) & (b->bucket_count - 1)];
    struct pool_list *list = &b->pools[owner];
    b->entries[i - 1] = (struct pool_block){
        .address = address, .pool = (uint32_t)owner, .next = list->first, .hash_next = *bucket};
    if (list->first != 0) b->entries[list->first - 1].previous = i;
    list->first = i;
    *bucket = i;
    b->living++;
    return replaced;
}

int pool_blocks_remove(struct pool_blocks *b, uint64_t address) {
    if (b->bucket_count == 0) return 0;
    uint32_t *link = &b->buckets[mix(address) & (b->bucket_count - 1)];
    while (*link != 0 && b->entries[*link - 1].address != address)
        link = &b->entries[*link - 1].hash_next;
    if (*link == 0) return 0;
    uint32_t i = *link;
    struct pool_block *e = &b->entries[i - 1];
    *link = e->hash_next;
    if (e->previous != 0)
        b->entries[e->previous - 1].next = e->next;
    else
        b->pools[e->pool].first = e->next;
    if (e->next != 0) b->entries[e->next - 1].previous = e->previous;
    *e = (struct pool_block){.hash_next = b->free_list};
    b->free_list = i;
    b->living--;
    return 1;
}

uint64_t pool_blocks_take(struct pool_blocks *b, uint64_t pool) {
    int64_t index = pool_index(b, pool, 0);
    if (index < 0 || b->pools[index].first == 0) return 0;
    uint64_t address = b->entries[b->pools[index].first - 1].address;
    pool_blocks_remove(b, address);
    return address;
}
