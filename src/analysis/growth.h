/* SPDX-License-Identifier: MIT
 * Which groups of a history seem to grow without bound, and why one may think so. Hints, not
 * verdicts: a table that is filled once and for all looks like a leak as long as it is being
 * filled. */
#ifndef HEAPWISE_ANALYSIS_GROWTH_H
#define HEAPWISE_ANALYSIS_GROWTH_H

#include "analysis/history.h"

enum an_growth_reason {
    AN_GROWTH_NEVER_FREED, /* rises all through the second half, and none of its blocks is ever
                              freed */
    AN_GROWTH_NEVER_FALLS, /* rises all through the second half, though some of its blocks are freed
                            */
    AN_GROWTH_UNTIL_THE_END, /* the same, and most of it is freed when the run ends */
};

struct an_growth {
    uint32_t group, reason;            /* enum an_growth_reason */
    uint64_t middle_bytes, late_bytes; /* alive in the middle and shortly before the end */
    uint64_t end_bytes;                /* alive at the end */
    uint32_t rises, steps; /* between how many of the points of the second half it rose */
};

/* The groups of `h` that rise, those that grow most first. `never_freed`: by group of the history
 * (h->groups[i]), 1 when none of its blocks was ever freed; NULL: it is not known.
 *
 * A group rises when its bytes never fall between the middle of the history and its last twentieth
 * (programs clean up at their end), grow there between at least three fifths of the points, and
 * come to a quarter more. A history of fewer than 16 points tells nothing. The caller frees *out.
 */
int an_growth_find(struct an_growth **out, size_t *count, const struct an_history *h,
                   const uint8_t *never_freed, struct failure *f);

/* By group, as wished: 1 when none of its blocks was ever freed. The caller frees it; NULL on
 * failure. */
uint8_t *an_never_freed(struct rec_file *r, const struct an_history_wish *wish, struct failure *f);

#endif
