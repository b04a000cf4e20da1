/* SPDX-License-Identifier: MIT
 * Totals by node. See node_table.h. */
#include "analysis/node_table.h"

#include <stdlib.h>
#include <string.h>

int an_node_table_init(struct an_node_table *t, size_t node_count, struct failure *f) {
    memset(t, 0, sizeof *t);
    t->slot_of = calloc(node_count ? node_count : 1, sizeof *t->slot_of);
    if (t->slot_of == NULL)
        return failure_set(f, "cannot count by call stack (%zu of them): out of memory",
                           node_count);
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
