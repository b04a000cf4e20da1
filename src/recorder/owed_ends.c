/* SPDX-License-Identifier: MIT
 * A hash of owed ends. See owed_ends.h. */
#include "recorder/owed_ends.h"

#include <stdlib.h>

void owed_ends_release(struct owed_ends *o) {
    free(o->slots);
    *o = (struct owed_ends){0};
}

static size_t home(const struct owed_ends *o, uint64_t address) {
    return (size_t)((address >> 3) * 0x9e3779b97f4a7c15ull >> 20) & (o->capacity - 1);
}

/* The slot of `address`, or the free one where it would go. */
static struct owed_end *find(const struct owed_ends *o, uint64_t address) {
    size_t at = home(o, address);
    while (o->slots[at].count != 0 && o->slots[at].address != address)
        at = (at + 1) & (o->capacity - 1);
    return &o->slots[at];
}

static int grow(struct owed_ends *o) {
    struct owed_ends larger = {.used = o->used,
                               .capacity = o->capacity == 0 ? 64 : 2 * o->capacity};
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (larger.slots == NULL) return -1;
    for (size_t i = 0; i < o->capacity; i++)
        if (o->slots[i].count != 0) *find(&larger, o->slots[i].address) = o->slots[i];
    free(o->slots);
    *o = larger;
    return 0;
}

int owed_ends_add(struct owed_ends *o, uint64_t address, uint64_t birth) {
    if (2 * (o->used + 1) > o->capacity && grow(o) < 0) return -1;
    struct owed_end *e = find(o, address);
    if (e->count == 0) {
        *e = (struct owed_end){.address = address, .birth = birth};
        o->used++;
    }
    if (birth > e->birth) e->birth = birth;
    e->count++;
    return 0;
}

/* Frees a slot: those behind it that stand away from home because of it move up. */
static void drop(struct owed_ends *o, size_t at) {
    size_t mask = o->capacity - 1;
    for (size_t next = (at + 1) & mask; o->slots[next].count != 0; next = (next + 1) & mask) {
        if (((next - home(o, o->slots[next].address)) & mask) < ((next - at) & mask)) continue;
        o->slots[at] = o->slots[next];
        at = next;
    }
    o->slots[at].count = 0;
    o->used--;
}

bool owed_ends_pay(struct owed_ends *o, uint64_t address, uint64_t stamp) {
    if (o->used == 0) return false;
    struct owed_end *e = find(o, address);
    if (e->count == 0 || stamp >= e->birth) return false;
    if (--e->count == 0) drop(o, (size_t)(e - o->slots));
    return true;
}
