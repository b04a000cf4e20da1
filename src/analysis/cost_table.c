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
            t->temporary_bytes | t->freed_bytes | t->leaked_bytes | t->alive_bytes |
            t->peak_bytes | t->later_bytes) == 0;
}

static int by_node(const void *a, const void *b) {
    uint32_t x = ((const struct an_costs *)a)->node, y = ((const struct an_costs *)b)->node;
    return (x > y) - (x < y);
}

struct an_costs *an_cost_table_take(struct an_cost_table *t, size_t *count) {
    size_t kept = 0;
    int sorted = 1; /* as it is mostly, when the table was filled from a sorted one */
    for (size_t i = 0; i < t->count; i++) {
        if (is_zero(&t->costs[i])) continue;
        if (kept > 0 && t->costs[kept - 1].node > t->costs[i].node) sorted = 0;
        t->costs[kept++] = t->costs[i];
    }
    struct an_costs *taken = t->costs;
    if (!sorted) qsort(taken, kept, sizeof *taken, by_node);
    memset(t->slot_of, 0, t->node_count * sizeof *t->slot_of);
    t->costs = NULL;
    t->count = t->capacity = 0;
    *count = kept;
    return taken;
}
