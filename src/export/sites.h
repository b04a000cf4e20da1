/* SPDX-License-Identifier: MIT
 * The sites of an answer: its call stacks merged by their frames, each with what its own
 * allocations came to.
 *
 * Nouns:
 *   row    a path of frames in the stack tree (analysis/stack_tree.h)
 *   site   a row at which something was allocated; its figures are the sum of some entries
 *   entry  of the profile: one code path. Entries of different addresses may show the same frames
 *
 * Invariants: sites are sorted by row, and the sums of all sites are the profile's `sum`. */
#ifndef HEAPWISE_EXPORT_SITES_H
#define HEAPWISE_EXPORT_SITES_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/stack_tree.h"
#include "base/failure.h"

struct ex_site {
    uint32_t row, first, count; /* entries[first] .. entries[first + count - 1] are its own */
};

struct ex_sites {
    const struct an_profile *profile;
    struct an_stack_tree stacks;
    uint32_t *entries; /* indexes into the profile */
    struct ex_site *list;
    size_t count;
};

int ex_sites_build(struct ex_sites *s, struct rec_file *r, const struct an_frames *frames,
                   const struct an_profile *p, struct failure *f);
void ex_sites_release(struct ex_sites *s);

/* What a site's allocations came to; the node in it means nothing. */
struct an_costs ex_site_totals(const struct ex_sites *s, const struct ex_site *x);
struct an_amount ex_site_amount(const struct ex_sites *s, const struct ex_site *x,
                                enum an_cost cost);

/* The innermost row of a stack that is the program's own code; the stack's own row when all of it is
 * plumbing. `plumbing` comes from an_plumbing_build. */
uint32_t ex_site_own_row(const struct ex_sites *s, const uint8_t *plumbing, uint32_t row);

struct ex_ordered_site {
    struct an_amount amount;
    const struct ex_site *site;
};

/* All sites, the most costly first, in memory that the caller frees. */
struct ex_ordered_site *ex_sites_order(const struct ex_sites *s, enum an_cost cost,
                                       struct failure *f);

#endif
