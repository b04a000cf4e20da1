/* SPDX-License-Identifier: MIT
 * Blocks by address. See block_map.h. */
#include "import/block_map.h"

#include <stdlib.h>
#include <string.h>

#define TAKEN UINT64_MAX

void im_block_map_release(struct im_block_map *m) {
    free(m->slots);
    memset(m, 0, sizeof *m);
}

static size_t slot_of(const struct im_block_map *m, uint64_t address) {
    uint64_t h = address * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ (h >> 32)) & (m->capacity - 1);
}

static int grow(struct im_block_map *m) {
    struct im_block_slot *old = m->slots;
    size_t old_capacity = m->capacity;
    size_t capacity = old_capacity == 0              ? 1024
                      : m->living * 4 > old_capacity ? old_capacity * 2
                                                     : old_capacity;
    struct im_block_slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL) return -1;
    m->slots = slots;
    m->capacity = capacity;
    m->used = m->living;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].block == 0 || old[i].block == TAKEN) continue;
        size_t at = slot_of(m, old[i].address);
        while (slots[at].block != 0)
            at = (at + 1) & (capacity - 1);
        slots[at] = old[i];
    }
    free(old);
    return 0;
}

int im_block_map_put(struct im_block_map *m, uint64_t address, uint64_t block) {
    if ((m->used + 1) * 2 > m->capacity && grow(m) != 0) return -1;
    size_t at = slot_of(m, address);
    for (; m->slots[at].block != 0; at = (at + 1) & (m->capacity - 1))
        if (m->slots[at].address == address && m->slots[at].block != TAKEN) {
            m->slots[at].block = block + 1;
            return 0;
        }
    m->slots[at] = (struct im_block_slot){address, block + 1};
    m->used++;
    m->living++;
    return 0;
}

/* The slot of the block at an address, or NULL. */
static struct im_block_slot *find(const struct im_block_map *m, uint64_t address) {
    if (m->capacity == 0) return NULL;
    for (size_t at = slot_of(m, address); m->slots[at].block != 0;
         at = (at + 1) & (m->capacity - 1))
        if (m->slots[at].address == address && m->slots[at].block != TAKEN) return &m->slots[at];
    return NULL;
}

int im_block_map_take(struct im_block_map *m, uint64_t address, uint64_t *block) {
    struct im_block_slot *slot = find(m, address);
    if (slot == NULL) return -1;
    *block = slot->block - 1;
    slot->block = TAKEN;
    m->living--;
    return 0;
}

int im_block_map_get(const struct im_block_map *m, uint64_t address, uint64_t *block) {
    const struct im_block_slot *slot = find(m, address);
    if (slot == NULL) return -1;
    *block = slot->block - 1;
    return 0;
}
