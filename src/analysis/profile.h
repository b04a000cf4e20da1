/* SPDX-License-Identifier: MIT
 * A profile: the answer to a question, as what each call stack's own allocations came to.
 *
 * Invariants: entries are sorted by node and name each node once; `sum` is the sum of all entries;
 * `all` is what `sum` would be without filters on call stacks, sizes and lifetimes, so that a share
 * can be told of the whole. */
#ifndef HEAPWISE_ANALYSIS_PROFILE_H
#define HEAPWISE_ANALYSIS_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"

struct an_profile {
    struct an_costs *entries;
    size_t count;
    struct an_costs sum, all;
    uint64_t from_tick, to_tick; /* the range that was asked about: from <= tick < to */
    uint64_t alive_tick;         /* the moment of `leaked` and `alive` */
    int alive_elsewhere;         /* 1: that is not the end of the range */
    uint64_t peak_tick;          /* when the peak within the range was */
    uint64_t frees, freed_bytes; /* blocks that ended within the range, whoever brought them */
    uint64_t reallocations;      /* within the range; AN_UNKNOWN where it cannot be told */
    uint64_t events;
};

#define AN_UNKNOWN UINT64_MAX

void an_profile_release(struct an_profile *p);
/* Makes `sum` anew from the entries. */
void an_profile_sum(struct an_profile *p);

#endif
