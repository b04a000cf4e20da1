/* SPDX-License-Identifier: MIT
 * Costs by node, kept densely for the nodes that have any: what a profile's entries are made in.
 *
 * slot_of[n] is the place of node n's costs plus 1, or 0 when it has none. */
#ifndef HEAPWISE_ANALYSIS_COST_TABLE_H
#define HEAPWISE_ANALYSIS_COST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"
#include "base/failure.h"

struct an_cost_table {
    uint32_t *slot_of;
    size_t node_count;
    struct an_costs *costs;
    size_t count, capacity;
};

int an_cost_table_init(struct an_cost_table *t, size_t node_count, struct failure *f);
void an_cost_table_release(struct an_cost_table *t);
int an_cost_table_grow(struct an_cost_table *t);

/* The costs of a node, made when it has none yet; valid until the next call. NULL when the node
 * does not exist or memory is out. */
static inline struct an_costs *an_cost_table_at(struct an_cost_table *t, uint32_t node) {
    if (node >= t->node_count) return NULL;
    uint32_t slot = t->slot_of[node];
    if (slot != 0) return &t->costs[slot - 1];
    if (t->count == t->capacity && an_cost_table_grow(t) != 0) return NULL;
    t->costs[t->count] = an_costs_none(node);
    t->slot_of[node] = (uint32_t)++t->count;
    return &t->costs[t->count - 1];
}

/* Fetches what a later an_cost_table_at will look at: first where the costs are, then these. */
static inline void an_cost_table_fetch_slot(const struct an_cost_table *t, uint32_t node) {
    if (node < t->node_count) __builtin_prefetch(&t->slot_of[node]);
}

static inline void an_cost_table_fetch(const struct an_cost_table *t, uint32_t node) {
    uint32_t slot = node < t->node_count ? t->slot_of[node] : 0;
    if (slot != 0) __builtin_prefetch(&t->costs[slot - 1], 1);
}

struct an_costs_list {
    const struct an_costs *costs;
    size_t count;
};

/* The costs of several lists added up by key, sorted by it: `node` of each is then its key. Without
 * those that are all 0. The key of a node is keys[node] (there is one for each node of the lists),
 * or with NULL the node itself; all are below `key_count`. The caller frees the costs; NULL with `f`
 * set when memory is out. */
struct an_costs *an_costs_merge(const struct an_costs_list *lists, size_t list_count,
                                const uint32_t *keys, size_t key_count, size_t *count,
                                struct failure *f);

/* Likewise those of tables of the same nodes, by node. */
#define AN_COST_TABLES_MAX 8
struct an_costs *an_cost_table_take_all(struct an_cost_table *const *tables, size_t table_count,
                                        size_t *count, struct failure *f);

static inline struct an_costs *an_cost_table_take(struct an_cost_table *t, size_t *count,
                                                  struct failure *f) {
    return an_cost_table_take_all(&t, 1, count, f);
}

#endif
