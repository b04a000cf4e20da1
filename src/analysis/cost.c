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
    [AN_ALIVE] = {"alive", AN_UNIT_BYTES},
    [AN_FREED] = {"freed", AN_UNIT_BYTES},
    [AN_LATER] = {"later", AN_UNIT_BYTES},
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

void an_costs_add(struct an_costs *into, const struct an_costs *from) {
    into->allocations += from->allocations;
    into->allocated_bytes += from->allocated_bytes;
    into->temporary += from->temporary;
    into->temporary_bytes += from->temporary_bytes;
    into->failed += from->failed;
    into->leaked_blocks += from->leaked_blocks;
    into->leaked_bytes += from->leaked_bytes;
    into->peak_blocks += from->peak_blocks;
    into->peak_bytes += from->peak_bytes;
    into->alive_blocks += from->alive_blocks;
    into->alive_bytes += from->alive_bytes;
    into->freed_blocks += from->freed_blocks;
    into->freed_bytes += from->freed_bytes;
    into->later_blocks += from->later_blocks;
    into->later_bytes += from->later_bytes;
    if (from->first_tick < into->first_tick) into->first_tick = from->first_tick;
    if (from->last_tick > into->last_tick) into->last_tick = from->last_tick;
}
