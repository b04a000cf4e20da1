/* SPDX-License-Identifier: MIT
 * Costs by node. See cost_table.h. */
#include "analysis/cost_table.h"

#include <stdlib.h>
#include <string.h>

int an_cost_table_init(struct an_cost_table *t, size_t node_count, struct failure *f) {
    memset(t, 0, sizeof *t);
    t->slot_of = calloc(node_count ? node_count : 1, sizeof *t->slot_of);
    if (t->slot_of == NULL)
        return failure_set(f, "cannot count by call stack (%zu of them): out of memory",
                           node_count);
    t->node_count = node_count;
    return 0;
}

void an_cost_table_release(struct an_cost_table *t) {
    free(t->slot_of);
    free(t->costs);
    memset(t, 0, sizeof *t);
}

int an_cost_table_grow(struct an_cost_table *t) {
    size_t capacity = t->capacity ? t->capacity * 2 : 256;
    struct an_costs *grown = realloc(t->costs, capacity * sizeof *grown);
    if (grown == NULL) return -1;
    t->costs = grown;
    t->capacity = capacity;
    return 0;
}

static int is_zero(const struct an_costs *t) {
    /* Bytes as well, for an imported recording may know no numbers of blocks. */
    return (t->allocations | t->failed | t->temporary | t->freed_blocks | t->leaked_blocks |
            t->alive_blocks | t->peak_blocks | t->later_blocks | t->allocated_bytes |
            t->temporary_bytes | t->freed_bytes | t->leaked_bytes | t->alive_bytes | t->peak_bytes |
            t->later_bytes) == 0;
}

/* The keys that there are costs of, as a bit for each: sorted without comparing. `before[w]` is the
 * number of those in the words before w. */
struct key_set {
    uint64_t *bits, *met; /* met: costs of it have been taken */
    uint32_t *before;
    size_t count;
};

static void key_set_release(struct key_set *k) {
    free(k->bits);
    free(k->met);
    free(k->before);
}

static uint32_t key_of(const uint32_t *keys, const struct an_costs *c) {
    return keys != NULL ? keys[c->node] : c->node;
}

static int key_set_find(struct key_set *k, const struct an_costs_list *lists, size_t list_count,
                     const uint32_t *keys, size_t key_count) {
    size_t words = key_count / 64 + 1;
    *k = (struct key_set){calloc(words, sizeof *k->bits), calloc(words, sizeof *k->met),
                       malloc(words * sizeof *k->before), 0};
    if (k->bits == NULL || k->met == NULL || k->before == NULL) return -1;
    for (size_t i = 0; i < list_count; i++)
        for (size_t n = 0; n < lists[i].count; n++) {
            uint32_t key = key_of(keys, &lists[i].costs[n]);
            k->bits[key / 64] |= (uint64_t)!is_zero(&lists[i].costs[n]) << key % 64;
        }
    for (size_t w = 0; w < words; w++) {
        k->before[w] = (uint32_t)k->count;
        k->count += (size_t)__builtin_popcountll(k->bits[w]);
    }
    return 0;
}

static void take(struct an_costs *into, struct key_set *k, uint32_t key, const struct an_costs *c) {
    size_t word = key / 64;
    uint64_t bit = (uint64_t)1 << key % 64;
    struct an_costs *at =
        &into[k->before[word] + (unsigned)__builtin_popcountll(k->bits[word] & (bit - 1))];
    if (k->met[word] & bit) {
        an_costs_add(at, c);
        return;
    }
    k->met[word] |= bit;
    *at = *c;
    at->node = key;
}

struct an_costs *an_costs_merge(const struct an_costs_list *lists, size_t list_count,
                                const uint32_t *keys, size_t key_count, size_t *count,
                                struct failure *f) {
    struct key_set k;
    struct an_costs *merged = NULL;
    if (key_set_find(&k, lists, list_count, keys, key_count) == 0)
        merged = malloc((k.count + 1) * sizeof *merged);
    for (size_t i = 0; merged != NULL && i < list_count; i++)
        for (size_t n = 0; n < lists[i].count; n++) {
            const struct an_costs *c = &lists[i].costs[n];
            if (!is_zero(c)) take(merged, &k, key_of(keys, c), c);
        }
    *count = k.count;
    key_set_release(&k);
    if (merged == NULL) failure_set(f, "cannot add up the costs of call stacks: out of memory");
    return merged;
}

struct an_costs *an_cost_table_take_all(struct an_cost_table *const *tables, size_t table_count,
                                        size_t *count, struct failure *f) {
    struct an_costs_list lists[AN_COST_TABLES_MAX];
    for (size_t i = 0; i < table_count; i++)
        lists[i] = (struct an_costs_list){tables[i]->costs, tables[i]->count};
    return an_costs_merge(lists, table_count, NULL, table_count > 0 ? tables[0]->node_count : 0,
                          count, f);
}
