/* SPDX-License-Identifier: MIT
 * Totals by node, kept densely for the nodes that have any.
 *
 * slot_of[n] is the place of node n's totals plus 1, or 0 when it has none; so a table costs 4
 * bytes for each node of the recording and the size of the totals for those that allocated. */
#ifndef HEAPWISE_ANALYSIS_NODE_TABLE_H
#define HEAPWISE_ANALYSIS_NODE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/tables.h"

struct an_node_table {
    uint32_t *slot_of;
    size_t node_count;
    struct rec_node_totals *totals;
    size_t count, capacity;
};

int an_node_table_init(struct an_node_table *t, size_t node_count, struct failure *f);
void an_node_table_release(struct an_node_table *t);
/* Adds a copy of `count` totals to a table that is still empty. */
int an_node_table_load(struct an_node_table *t, const struct rec_node_totals *totals, size_t count,
                       struct failure *f);
int an_node_table_grow(struct an_node_table *t);

/* The totals of a node, made when it has none yet; valid until the next call. NULL when the node
 * does not exist or memory is out. */
static inline struct rec_node_totals *an_node_table_at(struct an_node_table *t, uint32_t node) {
    if (node >= t->node_count) return NULL;
    uint32_t slot = t->slot_of[node];
    if (slot != 0) return &t->totals[slot - 1];
    if (t->count == t->capacity && an_node_table_grow(t) != 0) return NULL;
    t->totals[t->count] = (struct rec_node_totals){.node = node};
    t->slot_of[node] = (uint32_t)++t->count;
    return &t->totals[t->count - 1];
}

#endif
