/* SPDX-License-Identifier: MIT
 * What all forms of a difference share. See diff_output.h. */
#include "export/diff_output.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"

const enum an_cost ex_diff_costs[] = {AN_PEAK,      AN_LEAKED, AN_ALLOCATED, AN_CALLS,
                                      AN_TEMPORARY, AN_FAILED, AN_COSTS};

int ex_diff_side_known(const struct ex_diff *d, enum an_side side, enum an_cost cost) {
    return an_cost_known(d->sides[side].file, cost);
}

int ex_diff_known(const struct ex_diff *d, enum an_cost cost) {
    return ex_diff_side_known(d, AN_BEFORE, cost) && ex_diff_side_known(d, AN_AFTER, cost);
}

uint64_t ex_diff_sum(const struct ex_diff *d, enum an_side side, enum an_cost cost) {
    return an_cost_of(d->sides[side].sum, cost).main;
}

static uint64_t least(const struct ex_diff *d, enum an_cost cost) {
    uint64_t before = ex_diff_sum(d, AN_BEFORE, cost), after = ex_diff_sum(d, AN_AFTER, cost);
    double share = d->least_share * (double)(before > after ? before : after);
    uint64_t amount = share >= 1 ? (uint64_t)share : 1;
    return amount > d->least_amount ? amount : d->least_amount;
}

int ex_diff_list_make(struct ex_diff_list *l, const struct ex_diff *d, enum an_cost cost,
                      struct failure *f) {
    memset(l, 0, sizeof *l);
    l->list = an_diff_list(d->diff, cost, 0, &l->count);
    if (l->list == NULL) return failure_set(f, "cannot list the differences: out of memory");
    uint64_t threshold = least(d, cost);
    for (size_t i = 0; i < l->count; i++) {
        const struct an_diff_entry *e = &l->list[i];
        uint64_t change = e->after > e->before ? e->after - e->before : e->before - e->after;
        l->changes[an_change_of(e->before, e->after)]++;
        l->below += change < threshold;
    }
    l->shown = l->count - l->below; /* the list is sorted by the size of the change */
    if (d->top > 0 && l->shown > d->top) l->shown = d->top;
    return 0;
}

struct ex_quantity ex_diff_amount(enum an_cost cost, uint64_t n, enum ex_size_form form) {
    return an_cost_unit(cost) == AN_UNIT_BYTES ? ex_size(n, form) : ex_count(n);
}

struct ex_quantity ex_diff_change(enum an_cost cost, uint64_t before, uint64_t after,
                                  enum ex_size_form form) {
    struct ex_quantity q,
        n = ex_diff_amount(cost, after > before ? after - before : before - after, form);
    const char *sign = after > before ? "+" : after < before ? "-" : "";
    snprintf(q.text, sizeof q.text, "%s%.38s", sign, n.text);
    return q;
}

struct ex_quantity ex_diff_percent(uint64_t before, uint64_t after) {
    struct ex_quantity q;
    if (before == after)
        q.text[0] = '\0';
    else if (before == 0)
        snprintf(q.text, sizeof q.text, "new");
    else
        snprintf(q.text, sizeof q.text, "%+.1f %%",
                 100 * ((double)after - (double)before) / (double)before);
    return q;
}

const char *ex_diff_name(const struct ex_diff *d, uint32_t stack) {
    uint32_t name = d->diff->stacks[stack].name;
    return name == REC_NONE ? "(stack unknown)" : d->diff->names.texts[name];
}
