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
    size_t capacity = t->capacity ? t->capacity + t->capacity / 2 : 256;
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

/* A bit for each node that any of the tables has costs of: sorted without comparing. */
static uint64_t *nodes_of(struct an_cost_table *const *tables, size_t table_count, size_t words) {
    uint64_t *bits = calloc(words + 1, sizeof *bits);
    for (size_t i = 0; bits != NULL && i < table_count; i++)
        for (size_t k = 0; k < tables[i]->count; k++) {
            uint32_t node = tables[i]->costs[k].node;
            bits[node / 64] |= (uint64_t)1 << node % 64;
        }
    return bits;
}

static struct an_costs sum_of(struct an_cost_table *const *tables, size_t table_count,
                              uint32_t node) {
    struct an_costs sum = an_costs_none(node);
    for (size_t i = 0; i < table_count; i++) {
        uint32_t slot = tables[i]->slot_of[node];
        if (slot != 0) an_costs_add(&sum, &tables[i]->costs[slot - 1]);
    }
    return sum;
}

struct an_costs *an_cost_table_take_all(struct an_cost_table *const *tables, size_t table_count,
                                        size_t *count, struct failure *f) {
    size_t most = 0, kept = 0, words = table_count > 0 ? (tables[0]->node_count + 63) / 64 : 0;
    for (size_t i = 0; i < table_count; i++)
        most += tables[i]->count;
    struct an_costs *taken = malloc((most + 1) * sizeof *taken);
    uint64_t *bits = nodes_of(tables, table_count, words);
    if (taken == NULL || bits == NULL) {
        free(taken);
        free(bits);
        failure_set(f, "cannot add up %zu call stacks: out of memory", most);
        return NULL;
    }
    for (size_t w = 0; w < words; w++)
        for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
            uint32_t node = (uint32_t)(w * 64 + (size_t)__builtin_ctzll(left));
            taken[kept] = sum_of(tables, table_count, node);
            kept += !is_zero(&taken[kept]);
        }
    free(bits);
    *count = kept;
    return taken;
}
