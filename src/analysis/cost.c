/* SPDX-License-Identifier: MIT
 * Names and units of the costs. See cost.h. */
#include "analysis/cost.h"

#include <string.h>

static const struct {
    const char *name;
    enum an_unit unit;
} costs[AN_COSTS] = {
    [AN_PEAK] = {"peak", AN_UNIT_BYTES},
    [AN_LEAKED] = {"leaked", AN_UNIT_BYTES},
    [AN_ALLOCATED] = {"allocated", AN_UNIT_BYTES},
    [AN_CALLS] = {"calls", AN_UNIT_BLOCKS},
    [AN_TEMPORARY] = {"temporary", AN_UNIT_BLOCKS},
    [AN_FAILED] = {"failed", AN_UNIT_BLOCKS},
};

const char *an_cost_name(enum an_cost c) {
    return costs[c].name;
}

int an_cost_named(const char *name) {
    for (int c = 0; c < AN_COSTS; c++)
        if (strcmp(name, costs[c].name) == 0) return c;
    return -1;
}

enum an_unit an_cost_unit(enum an_cost c) {
    return costs[c].unit;
}

void an_totals_add(struct rec_node_totals *into, const struct rec_node_totals *from) {
    into->allocations += from->allocations;
    into->allocated_bytes += from->allocated_bytes;
    into->temporary += from->temporary;
    into->temporary_bytes += from->temporary_bytes;
    into->failed += from->failed;
    into->live_blocks += from->live_blocks;
    into->live_bytes += from->live_bytes;
    into->peak_blocks += from->peak_blocks;
    into->peak_bytes += from->peak_bytes;
}
