/* SPDX-License-Identifier: MIT
 * What a call stack's own allocations came to in the answer to a question, and the costs that it
 * can be sorted and drawn by.
 *
 * Every cost has a main figure and a second one that is worth seeing beside it: bytes have their
 * number of blocks, numbers of calls have their bytes. What each means is told in question.h. */
#ifndef HEAPWISE_ANALYSIS_COST_H
#define HEAPWISE_ANALYSIS_COST_H

#include <stdint.h>

#include "recording/tables.h"

#define AN_NO_TICK UINT32_MAX

/* What most blocks add to comes first, in one line of the cache. */
struct an_costs {
    uint32_t node;
    uint32_t reserved;
    uint64_t allocations, allocated_bytes;
    uint64_t freed_blocks, freed_bytes;
    uint64_t temporary, temporary_bytes;
    uint64_t failed;
    uint64_t leaked_blocks, leaked_bytes;
    uint64_t peak_blocks, peak_bytes;
    uint64_t alive_blocks, alive_bytes;
    uint64_t later_blocks, later_bytes;
    uint32_t first_tick, last_tick; /* of its allocations; first > last: none, or not asked for */
};

enum an_cost {
    AN_PEAK,   /* bytes alive at the moment of the peak, with blocks */
    AN_LEAKED, /* bytes allocated in the range and alive at the moment asked about, with blocks */
    AN_ALLOCATED, /* bytes of all allocations, with their number */
    AN_CALLS,     /* number of allocations, with bytes */
    AN_TEMPORARY, /* number of temporary blocks, with bytes */
    AN_FAILED,    /* number of calls that returned NULL; without a second figure */
    AN_ALIVE,     /* bytes alive at the moment asked about, however old, with blocks */
    AN_FREED,     /* bytes that ended in the range, with blocks */
    AN_LATER,     /* bytes allocated in the range and freed after it, with blocks */
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

static inline struct an_amount an_cost_of(const struct an_costs *t, enum an_cost c) {
    switch (c) {
    case AN_PEAK:
        return (struct an_amount){t->peak_bytes, t->peak_blocks};
    case AN_LEAKED:
        return (struct an_amount){t->leaked_bytes, t->leaked_blocks};
    case AN_ALLOCATED:
        return (struct an_amount){t->allocated_bytes, t->allocations};
    case AN_CALLS:
        return (struct an_amount){t->allocations, t->allocated_bytes};
    case AN_TEMPORARY:
        return (struct an_amount){t->temporary, t->temporary_bytes};
    case AN_FAILED:
        return (struct an_amount){t->failed, 0};
    case AN_ALIVE:
        return (struct an_amount){t->alive_bytes, t->alive_blocks};
    case AN_FREED:
        return (struct an_amount){t->freed_bytes, t->freed_blocks};
    case AN_LATER:
        return (struct an_amount){t->later_bytes, t->later_blocks};
    case AN_COSTS:
        break;
    }
    return (struct an_amount){0, 0};
}

static inline struct an_amount an_amount_add(struct an_amount a, struct an_amount b) {
    return (struct an_amount){a.main + b.main, a.second + b.second};
}

/* No costs at all; the neutral element of an_costs_add. */
static inline struct an_costs an_costs_none(uint32_t node) {
    return (struct an_costs){.node = node, .first_tick = AN_NO_TICK};
}

/* Adds all figures of `from` to `into`, whose node stays. */
void an_costs_add(struct an_costs *into, const struct an_costs *from);

#endif
