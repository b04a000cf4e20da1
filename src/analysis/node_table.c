/* SPDX-License-Identifier: MIT
 * Totals by node. See node_table.h. */
#include "analysis/node_table.h"

#include <stdlib.h>
#include <string.h>

int an_node_table_init(struct an_node_table *t, size_t node_count, struct failure *f) {
    memset(t, 0, sizeof *t);
    t->slot_of = calloc(node_count ? node_count : 1, sizeof *t->slot_of);
    if (t->slot_of == NULL)
        return failure_set(f, "cannot count by call stack (%zu of them): out of memory", node_count);
    t->node_count = node_count;
    return 0;
}

void an_node_table_release(struct an_node_table *t) {
    free(t->slot_of);
    free(t->totals);
    memset(t, 0, sizeof *t);
}

int an_node_table_grow(struct an_node_table *t) {
    size_t capacity = t->capacity ? t->capacity + t->capacity / 2 : 256;
    struct rec_node_totals *grown = realloc(t->totals, capacity * sizeof *grown);
    if (grown == NULL) return -1;
    t->totals = grown;
    t->capacity = capacity;
    return 0;
}

int an_node_table_load(struct an_node_table *t, const struct rec_node_totals *totals, size_t count,
                       struct failure *f) {
    for (size_t i = 0; i < count; i++) {
        struct rec_node_totals *own = an_node_table_at(t, totals[i].node);
        if (own == NULL)
            return failure_set(f, "cannot count by call stack: node %u of %zu", totals[i].node,
                               t->node_count);
        *own = totals[i];
    }
    return 0;
}

static int is_zero(const struct rec_node_totals *t) {
    return (t->allocations | t->failed | t->temporary | t->live_blocks | t->live_bytes |
            t->peak_blocks | t->peak_bytes) == 0;
}

static int by_node(const void *a, const void *b) {
    uint32_t x = ((const struct rec_node_totals *)a)->node;
    uint32_t y = ((const struct rec_node_totals *)b)->node;
    return (x > y) - (x < y);
}

struct rec_node_totals *an_node_table_take(struct an_node_table *t, size_t *count) {
    size_t kept = 0;
    int sorted = 1; /* as it is mostly, when the table was loaded from a sorted one */
    for (size_t i = 0; i < t->count; i++) {
        if (is_zero(&t->totals[i])) continue;
        if (kept > 0 && t->totals[kept - 1].node > t->totals[i].node) sorted = 0;
        t->totals[kept++] = t->totals[i];
    }
    struct rec_node_totals *taken = t->totals;
    if (!sorted) qsort(taken, kept, sizeof *taken, by_node);
    memset(t->slot_of, 0, t->node_count * sizeof *t->slot_of);
    t->totals = NULL;
    t->count = t->capacity = 0;
    *count = kept;
    return taken;
}
