/* SPDX-License-Identifier: MIT
 * Numbers pairs. See pair_table.h. */
#include "export/pair_table.h"

#include <stdlib.h>
#include <string.h>

static size_t hash_pair(uint64_t first, uint32_t second) {
    uint64_t h = (first ^ ((uint64_t)second << 40 | second)) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u;
    return (size_t)(h ^ (h >> 32));
}

void ex_pair_table_release(struct ex_pair_table *t) {
    free(t->pairs);
    free(t->slots);
    memset(t, 0, sizeof *t);
}

static int grow_slots(struct ex_pair_table *t) {
    size_t size = t->slots == NULL ? 4096 : (t->mask + 1) * 2;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 0; i < t->count; i++) {
        size_t at = hash_pair(t->pairs[i].first, t->pairs[i].second) & (size - 1);
        while (slots[at] != 0)
            at = (at + 1) & (size - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(t->slots);
    t->slots = slots;
    t->mask = size - 1;
    return 0;
}

static int grow_pairs(struct ex_pair_table *t) {
    size_t capacity = t->capacity ? t->capacity + t->capacity / 2 : 1024;
    struct ex_pair *pairs = realloc(t->pairs, capacity * sizeof *pairs);
    if (pairs == NULL) return -1;
    t->pairs = pairs;
    t->capacity = capacity;
    return 0;
}

uint32_t ex_pair_number(struct ex_pair_table *t, uint64_t first, uint32_t second) {
    if (t->count * 2 >= t->mask && grow_slots(t) != 0) return EX_NO_PAIR;
    size_t at = hash_pair(first, second) & t->mask;
    for (; t->slots[at] != 0; at = (at + 1) & t->mask) {
        const struct ex_pair *own = &t->pairs[t->slots[at] - 1];
        if (own->first == first && own->second == second) return t->slots[at] - 1;
    }
    if (t->count == EX_NO_PAIR - 1 || (t->count == t->capacity && grow_pairs(t) != 0))
        return EX_NO_PAIR;
    t->pairs[t->count] = (struct ex_pair){.first = first, .second = second};
    t->slots[at] = (uint32_t)++t->count;
    return (uint32_t)t->count - 1;
}
