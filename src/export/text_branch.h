/* SPDX-License-Identifier: MIT
 * Prints the branches of a tree: a line for each, chains of single callers in flowing lines. */
#ifndef HEAPWISE_EXPORT_TEXT_BRANCH_H
#define HEAPWISE_EXPORT_TEXT_BRANCH_H

#include "export/report_output.h"

struct ex_branch_printer {
    FILE *out;
    const struct ex_report *report;
    const struct ex_style *style;
    struct an_tree *tree;
    enum an_cost cost;
    uint64_t whole;      /* what 100 % is */
    size_t amount_width;
    struct {
        size_t depth, children; /* divisions below a root, and lines of each */
        double share;           /* of the whole, that a line must have */
    } limits;
};

/* Prints one root of the tree with what is worth seeing below it. Returns -1 when memory is out. */
int ex_branch_print(struct ex_branch_printer *p, const struct an_branch *b, struct failure *f);

/* The columns that come before a name. */
size_t ex_branch_margin(const struct ex_branch_printer *p);
void ex_branch_put_amount(struct ex_branch_printer *p, uint64_t main, enum ex_paint paint);

#endif
