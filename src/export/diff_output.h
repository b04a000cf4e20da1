/* SPDX-License-Identifier: MIT
 * The difference of two recordings, for people, programs, pull requests and flame graphs. */
#ifndef HEAPWISE_EXPORT_DIFF_OUTPUT_H
#define HEAPWISE_EXPORT_DIFF_OUTPUT_H

#include <stdio.h>

#include "analysis/diff.h"
#include "base/failure.h"
#include "export/style.h"

struct ex_diff_side {
    const struct rec_file *file;
    const char *path;
    const struct an_costs *sum; /* of all stacks that pass the filters */
};

/* A stack is listed when its change is at least `least_amount` (bytes, or calls, as the cost is)
 * and at least this share of the greater of both sums. */
struct ex_diff {
    const struct an_diff *diff;
    struct ex_diff_side sides[AN_SIDES];
    const char *question, *filters; /* in words, or NULL */
    int sort;                       /* enum an_cost, or -1: each in its turn */
    size_t top;                     /* stacks of a section; 0: all */
    uint64_t least_amount;
    double least_share; /* 0.01 is a hundredth */
};

int ex_diff_text(FILE *out, const struct ex_diff *d, const struct ex_style *s, struct failure *f);
int ex_diff_markdown(FILE *out, const struct ex_diff *d, struct failure *f);
/* docs/diff.md is the specification. */
int ex_diff_json(FILE *out, const struct ex_diff *d, struct failure *f);
/* "a;b;c BEFORE AFTER" for the cost that is sorted by (peak, if none): differential flame graphs.
 */
int ex_diff_collapsed(FILE *out, const struct ex_diff *d, struct failure *f);

/* What the parts share. */

/* The costs that are shown in turn; ends with AN_COSTS. */
extern const enum an_cost ex_diff_costs[];
/* Whether both sides know a cost. */
int ex_diff_known(const struct ex_diff *d, enum an_cost cost);
int ex_diff_side_known(const struct ex_diff *d, enum an_side side, enum an_cost cost);
uint64_t ex_diff_sum(const struct ex_diff *d, enum an_side side, enum an_cost cost);

/* The stacks to list of one cost, and how many there are of each change, those below the threshold
 * included. `list` is freed by the caller. */
struct ex_diff_list {
    struct an_diff_entry *list;
    size_t count, shown;
    size_t changes[AN_CHANGES];
    size_t below; /* changed by less than the threshold */
};
int ex_diff_list_make(struct ex_diff_list *l, const struct ex_diff *d, enum an_cost cost,
                      struct failure *f);

/* "+1.20 MiB", "-3 blocks" in the units of a cost, and "+12.3 %" ("new" where there was nothing).
 */
struct ex_quantity ex_diff_amount(enum an_cost cost, uint64_t n, enum ex_size_form form);
struct ex_quantity ex_diff_change(enum an_cost cost, uint64_t before, uint64_t after,
                                  enum ex_size_form form);
struct ex_quantity ex_diff_percent(uint64_t before, uint64_t after);
/* The name of a stack's innermost function. */
const char *ex_diff_name(const struct ex_diff *d, uint32_t stack);

#endif
