/* SPDX-License-Identifier: MIT
 * Walks a stack tree depth first: every row is entered, then its children, then it is left. Rows
 * below which there is nothing of a cost are passed over. Stacks may be of any depth; nothing
 * recurses. */
#ifndef HEAPWISE_EXPORT_ROW_WALK_H
#define HEAPWISE_EXPORT_ROW_WALK_H

#include "analysis/cost.h"
#include "export/sites.h"

struct ex_row_walk {
    const struct an_row *rows;
    uint64_t *own, *total; /* by row: of its own site, and with all that is below it */
    uint32_t *first_child, *next_sibling; /* by row; 0: none */
    uint32_t at;
    enum { EX_WALK_START, EX_WALK_ENTERED, EX_WALK_LEFT } state;
};

enum ex_walk_step { EX_WALK_ENTER, EX_WALK_LEAVE, EX_WALK_DONE };

/* `cost`: its main figure is what counts. */
int ex_row_walk_init(struct ex_row_walk *w, const struct ex_sites *s, enum an_cost cost,
                     struct failure *f);
void ex_row_walk_release(struct ex_row_walk *w);
/* The next step, and its row. The root is neither entered nor left. */
enum ex_walk_step ex_row_walk_next(struct ex_row_walk *w, uint32_t *row);

#endif
