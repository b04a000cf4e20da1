/* SPDX-License-Identifier: MIT
 * The costs that a question can be asked about, read out of what a call stack's allocations came to.
 *
 * Every cost has a main figure and a second one that is worth seeing beside it: bytes have their
 * number of blocks, numbers of calls have their bytes. */
#ifndef HEAPWISE_ANALYSIS_COST_H
#define HEAPWISE_ANALYSIS_COST_H

#include <stdint.h>

#include "recording/tables.h"

enum an_cost {
    AN_PEAK,      /* bytes alive at the moment of the peak, with blocks */
    AN_LEAKED,    /* bytes still alive at the end, with blocks */
    AN_ALLOCATED, /* bytes of all allocations, with their number */
    AN_CALLS,     /* number of allocations, with bytes */
    AN_TEMPORARY, /* number of temporary blocks, with bytes */
    AN_FAILED,    /* number of calls that returned NULL; without a second figure */
    AN_COSTS
};

enum an_unit { AN_UNIT_BYTES, AN_UNIT_BLOCKS };

struct an_amount {
    uint64_t main, second;
};

/* The word for a cost on the command line and in JSON: "peak", "leaked", … */
const char *an_cost_name(enum an_cost c);
/* The cost of that name, or -1. */
int an_cost_named(const char *name);
/* What the main figure counts; the second one counts the other. */
enum an_unit an_cost_unit(enum an_cost c);

static inline struct an_amount an_cost_of(const struct rec_node_totals *t, enum an_cost c) {
    switch (c) {
    case AN_PEAK: return (struct an_amount){t->peak_bytes, t->peak_blocks};
    case AN_LEAKED: return (struct an_amount){t->live_bytes, t->live_blocks};
    case AN_ALLOCATED: return (struct an_amount){t->allocated_bytes, t->allocations};
    case AN_CALLS: return (struct an_amount){t->allocations, t->allocated_bytes};
    case AN_TEMPORARY: return (struct an_amount){t->temporary, t->temporary_bytes};
    case AN_FAILED: return (struct an_amount){t->failed, 0};
    case AN_COSTS: break;
    }
    return (struct an_amount){0, 0};
}

static inline struct an_amount an_amount_add(struct an_amount a, struct an_amount b) {
    return (struct an_amount){a.main + b.main, a.second + b.second};
}

/* Adds all figures of `from` to `into`, whose node stays. */
void an_totals_add(struct rec_node_totals *into, const struct rec_node_totals *from);

#endif
