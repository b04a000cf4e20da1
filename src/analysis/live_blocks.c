/* SPDX-License-Identifier: MIT
 * The set of living blocks in a replay. See live_blocks.h. */
#include "analysis/live_blocks.h"

#include <stdlib.h>
#include <string.h>

/* Builds the index over the old blocks: about one bucket for each block. */
static int index_old(struct an_live_blocks *l, struct failure *f) {
    if (l->old_count == 0) return 0;
    uint64_t last = l->old[l->old_count - 1].block;
    while ((last >> l->old_shift) > l->old_count) l->old_shift++;
    size_t buckets = (size_t)(last >> l->old_shift) + 2;
    l->old_index = malloc(buckets * sizeof *l->old_index);
    if (l->old_index == NULL)
        return failure_set(f, "cannot replay %zu living blocks: out of memory", l->old_count);
    size_t at = 0;
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        while (at < l->old_count && (l->old[at].block >> l->old_shift) < bucket) at++;
        l->old_index[bucket] = (uint32_t)at;
    }
    return 0;
}

int an_live_init(struct an_live_blocks *l, struct rec_live_block *old, size_t old_count,
                 uint64_t first_born, struct failure *f) {
    memset(l, 0, sizeof *l);
    l->old = old;
    l->old_count = old_count;
    l->first_born = first_born;
    if (index_old(l, f) == 0) return 0;
    an_live_release(l);
    return -1;
}

void an_live_release(struct an_live_blocks *l) {
    free(l->old);
    free(l->old_index);
    free(l->born);
    memset(l, 0, sizeof *l);
}

int an_live_grow(struct an_live_blocks *l) {
    size_t capacity = l->born_capacity ? l->born_capacity + l->born_capacity / 2 : 4096;
    struct an_born *grown = realloc(l->born, capacity * sizeof *grown);
    if (grown == NULL) return -1;
    l->born = grown;
    l->born_capacity = capacity;
    return 0;
}

static struct rec_live_block *find_old(struct an_live_blocks *l, uint64_t block) {
    if (l->old_count == 0 || block > l->old[l->old_count - 1].block) return NULL;
    size_t bucket = (size_t)(block >> l->old_shift);
    size_t low = l->old_index[bucket], high = l->old_index[bucket + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->old[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->old_count && l->old[low].block == block ? &l->old[low] : NULL;
}

int an_live_end(struct an_live_blocks *l, uint64_t block, struct an_block *ended) {
    if (block >= l->first_born) {
        uint64_t place = block - l->first_born;
        if (place >= l->born_count || l->born[place].node == AN_ENDED) return -1;
        struct an_born *b = &l->born[place];
        *ended = (struct an_block){.block = block, .size = b->size, .node = b->node};
        b->node = AN_ENDED;
        return 0;
    }
    struct rec_live_block *o = find_old(l, block);
    if (o == NULL || o->node == AN_ENDED) return -1;
    *ended = (struct an_block){.block = block, .size = o->size, .node = o->node};
    o->node = AN_ENDED;
    return 0;
}

static size_t first_old_from(const struct an_live_blocks *l, uint64_t block) {
    size_t low = 0, high = l->old_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->old[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct an_block *an_live_collect(const struct an_live_blocks *l, uint64_t from_block,
                                 size_t *count) {
    size_t old_from = first_old_from(l, from_block);
    size_t born_from = from_block > l->first_born ? (size_t)(from_block - l->first_born) : 0;
    size_t alive = 0;
    for (size_t i = old_from; i < l->old_count; i++) alive += l->old[i].node != AN_ENDED;
    for (size_t i = born_from; i < l->born_count; i++) alive += l->born[i].node != AN_ENDED;
    *count = alive;
    if (alive == 0) return NULL;
    struct an_block *blocks = malloc(alive * sizeof *blocks);
    if (blocks == NULL) return NULL;
    struct an_block *out = blocks;
    for (size_t i = old_from; i < l->old_count; i++)
        if (l->old[i].node != AN_ENDED)
            *out++ = (struct an_block){
                .block = l->old[i].block, .size = l->old[i].size, .node = l->old[i].node};
    for (size_t i = born_from; i < l->born_count; i++)
        if (l->born[i].node != AN_ENDED)
            *out++ = (struct an_block){
                .block = l->first_born + i, .size = l->born[i].size, .node = l->born[i].node};
    return blocks;
}
