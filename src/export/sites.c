/* SPDX-License-Identifier: MIT
 * Merges the entries of a profile into sites. See sites.h. */
#include "export/sites.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/plumbing.h"

static int out_of_memory(const struct an_profile *p, struct failure *f) {
    return failure_set(f, "cannot list %zu call stacks: out of memory", p->count);
}

/* Counts how many entries each row has and lays the entries out row by row. */
static int group(struct ex_sites *s, struct failure *f) {
    const struct an_profile *p = s->profile;
    size_t rows = s->stacks.row_count;
    uint32_t *place = calloc(rows + 1, sizeof *place);
    s->entries = malloc((p->count + 1) * sizeof *s->entries);
    if (place == NULL || s->entries == NULL) {
        free(place);
        return out_of_memory(p, f);
    }
    for (size_t i = 0; i < p->count; i++)
        place[s->stacks.row_of[i] + 1]++;
    for (size_t row = 0; row < rows; row++)
        s->count += place[row + 1] > 0;
    for (size_t row = 0; row < rows; row++)
        place[row + 1] += place[row];
    s->list = malloc((s->count + 1) * sizeof *s->list);
    if (s->list == NULL) {
        free(place);
        return out_of_memory(p, f);
    }
    size_t made = 0;
    for (size_t row = 0; row < rows; row++)
        if (place[row + 1] > place[row])
            s->list[made++] = (struct ex_site){
                .row = (uint32_t)row, .first = place[row], .count = place[row + 1] - place[row]};
    for (size_t i = 0; i < p->count; i++)
        s->entries[place[s->stacks.row_of[i]]++] = (uint32_t)i;
    free(place);
    return 0;
}

int ex_sites_build(struct ex_sites *s, struct rec_file *r, const struct an_frames *frames,
                   const struct an_profile *p, struct failure *f) {
    *s = (struct ex_sites){.profile = p};
    if (an_stack_tree_build(&s->stacks, r, frames, p, AN_RECURSION_KEEP, f) != 0) return -1;
    if (group(s, f) == 0) return 0;
    ex_sites_release(s);
    return -1;
}

void ex_sites_release(struct ex_sites *s) {
    free(s->entries);
    free(s->list);
    an_stack_tree_release(&s->stacks);
    memset(s, 0, sizeof *s);
}

struct an_costs ex_site_totals(const struct ex_sites *s, const struct ex_site *x) {
    struct an_costs t = an_costs_none(0);
    for (uint32_t k = 0; k < x->count; k++)
        an_costs_add(&t, &s->profile->entries[s->entries[x->first + k]]);
    return t;
}

struct an_amount ex_site_amount(const struct ex_sites *s, const struct ex_site *x,
                                enum an_cost cost) {
    struct an_amount sum = {0, 0};
    for (uint32_t k = 0; k < x->count; k++)
        sum = an_amount_add(sum, an_cost_of(&s->profile->entries[s->entries[x->first + k]], cost));
    return sum;
}

uint32_t ex_site_own_row(const struct ex_sites *s, const uint8_t *plumbing, uint32_t row) {
    const struct an_row *rows = s->stacks.rows;
    for (uint32_t at = row; at != 0; at = rows[at].parent)
        if (plumbing[rows[at].function] == AN_PLUMBING_NONE) return at;
    return row;
}

static int by_amount(const void *a, const void *b) {
    const struct ex_ordered_site *x = a, *y = b;
    if (x->amount.main != y->amount.main) return x->amount.main < y->amount.main ? 1 : -1;
    if (x->amount.second != y->amount.second) return x->amount.second < y->amount.second ? 1 : -1;
    return (x->site > y->site) - (x->site < y->site);
}

struct ex_ordered_site *ex_sites_order(const struct ex_sites *s, enum an_cost cost,
                                       struct failure *f) {
    struct ex_ordered_site *order = malloc((s->count + 1) * sizeof *order);
    if (order == NULL) {
        failure_set(f, "cannot sort %zu call stacks: out of memory", s->count);
        return NULL;
    }
    for (size_t i = 0; i < s->count; i++)
        order[i] = (struct ex_ordered_site){ex_site_amount(s, &s->list[i], cost), &s->list[i]};
    if (s->count > 0) qsort(order, s->count, sizeof *order, by_amount);
    return order;
}
