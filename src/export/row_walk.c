/* SPDX-License-Identifier: MIT
 * Walks stack trees. See row_walk.h. */
#include "export/row_walk.h"

#include <stdlib.h>
#include <string.h>

int ex_row_walk_init(struct ex_row_walk *w, const struct ex_sites *s, enum an_cost cost,
                     struct failure *f) {
    size_t count = s->stacks.row_count;
    memset(w, 0, sizeof *w);
    w->rows = s->stacks.rows;
    w->own = calloc(count, sizeof *w->own);
    w->total = calloc(count, sizeof *w->total);
    w->first_child = calloc(count, sizeof *w->first_child);
    w->next_sibling = calloc(count, sizeof *w->next_sibling);
    if (w->own == NULL || w->total == NULL || w->first_child == NULL || w->next_sibling == NULL) {
        ex_row_walk_release(w);
        return failure_set(f, "cannot walk %zu call stacks: out of memory", count);
    }
    for (size_t i = 0; i < s->count; i++)
        w->total[s->list[i].row] = w->own[s->list[i].row] =
            ex_site_amount(s, &s->list[i], cost).main;
    for (size_t row = count; row-- > 1;) {
        uint32_t parent = w->rows[row].parent;
        if (w->total[row] == 0) continue;
        w->next_sibling[row] = w->first_child[parent];
        w->first_child[parent] = (uint32_t)row;
        w->total[parent] += w->total[row];
    }
    return 0;
}

void ex_row_walk_release(struct ex_row_walk *w) {
    free(w->own);
    free(w->total);
    free(w->first_child);
    free(w->next_sibling);
    memset(w, 0, sizeof *w);
}

enum ex_walk_step ex_row_walk_next(struct ex_row_walk *w, uint32_t *row) {
    uint32_t next = w->state == EX_WALK_LEFT ? w->next_sibling[w->at] : w->first_child[w->at];
    if (next != 0) {
        *row = w->at = next;
        w->state = EX_WALK_ENTERED;
        return EX_WALK_ENTER;
    }
    if (w->state == EX_WALK_LEFT) w->at = w->rows[w->at].parent;
    if (w->at == 0) return EX_WALK_DONE;
    w->state = EX_WALK_LEFT;
    *row = w->at;
    return EX_WALK_LEAVE;
}
