/* SPDX-License-Identifier: MIT
 * A table of blocks by number. See pending_blocks.h. */
#include "analysis/pending_blocks.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_AT_FIRST 4096

static size_t first_place(const struct an_pending_blocks *p, uint64_t block) {
    uint64_t h = (block >> 4) * 0x9e3779b97f4a7c15u;
    return (size_t)(((h >> 28) << 4) | (block & 15)) & p->mask;
}

static struct an_pending *empty_slots(size_t count) {
    struct an_pending *slots = malloc(count * sizeof *slots);
    for (size_t i = 0; slots != NULL && i < count; i++)
        slots[i].block = AN_NO_PENDING;
    return slots;
}

int an_pending_init(struct an_pending_blocks *p, struct failure *f) {
    *p = (struct an_pending_blocks){.slots = empty_slots(SLOTS_AT_FIRST),
                                    .mask = SLOTS_AT_FIRST - 1};
    return p->slots == NULL ? failure_set(f, "cannot follow blocks: out of memory") : 0;
}

void an_pending_release(struct an_pending_blocks *p) {
    free(p->slots);
    memset(p, 0, sizeof *p);
}

static void put(struct an_pending_blocks *p, struct an_pending block) {
    size_t at = first_place(p, block.block);
    while (p->slots[at].block != AN_NO_PENDING)
        at = (at + 1) & p->mask;
    p->slots[at] = block;
}

static int grow(struct an_pending_blocks *p, struct failure *f) {
    struct an_pending_blocks larger = {
        .slots = empty_slots((p->mask + 1) * 2), .mask = (p->mask + 1) * 2 - 1, .count = p->count};
    if (larger.slots == NULL)
        return failure_set(f, "cannot follow %zu living blocks: out of memory", p->count);
    for (size_t i = 0; i <= p->mask; i++)
        if (p->slots[i].block != AN_NO_PENDING) put(&larger, p->slots[i]);
    free(p->slots);
    *p = larger;
    return 0;
}

int an_pending_add(struct an_pending_blocks *p, struct an_pending block, struct failure *f) {
    if (p->count * 2 > p->mask && grow(p, f) != 0) return -1;
    put(p, block);
    p->count++;
    return 0;
}

int an_pending_take(struct an_pending_blocks *p, uint64_t block, struct an_pending *out) {
    size_t at = first_place(p, block);
    while (p->slots[at].block != block) {
        if (p->slots[at].block == AN_NO_PENDING) return -1;
        at = (at + 1) & p->mask;
    }
    *out = p->slots[at];
    p->count--;
    /* Closes the gap with the next block that may stand there, and so on with the gap that it
     * leaves. */
    size_t gap = at;
    for (;;) {
        at = (at + 1) & p->mask;
        if (p->slots[at].block == AN_NO_PENDING) break;
        size_t from_first = (at - first_place(p, p->slots[at].block)) & p->mask;
        if (from_first < ((at - gap) & p->mask)) continue;
        p->slots[gap] = p->slots[at];
        gap = at;
    }
    p->slots[gap].block = AN_NO_PENDING;
    return 0;
}
