/* SPDX-License-Identifier: MIT
 * Tells what grows. See growth.h. */
#include "analysis/growth.h"

#include <stdlib.h>

#define POINTS_LEAST 16

static int rises(struct an_growth *g, const uint64_t *line, size_t points) {
    size_t middle = points / 2, late = points - 1 - points / 20;
    *g = (struct an_growth){.middle_bytes = line[middle],
                            .late_bytes = line[late],
                            .end_bytes = line[points - 1],
                            .steps = (uint32_t)(late - middle)};
    for (size_t k = middle; k < late; k++) {
        if (line[k + 1] < line[k]) return 0;
        g->rises += line[k + 1] > line[k];
    }
    return g->rises * 5 >= g->steps * 3 && line[late] - line[middle] >= line[middle] / 4 &&
           line[late] > line[middle];
}

static int by_growth(const void *a, const void *b) {
    const struct an_growth *x = a, *y = b;
    uint64_t x_grown = x->late_bytes - x->middle_bytes, y_grown = y->late_bytes - y->middle_bytes;
    if (x_grown != y_grown) return x_grown < y_grown ? 1 : -1;
    return (x->group > y->group) - (x->group < y->group);
}

int an_growth_find(struct an_growth **out, size_t *count, const struct an_history *h,
                   const uint8_t *never_freed, struct failure *f) {
    *count = 0;
    *out = malloc((h->group_count + 1) * sizeof **out);
    if (*out == NULL) return failure_set(f, "cannot tell what grows: out of memory");
    if (h->point_count < POINTS_LEAST) return 0;
    for (size_t i = 0; i < h->group_count; i++) {
        struct an_growth g;
        if (!rises(&g, h->bytes + i * h->point_count, h->point_count)) continue;
        g.group = h->groups[i];
        g.reason = never_freed != NULL && never_freed[g.group] ? AN_GROWTH_NEVER_FREED
                   : g.end_bytes < g.late_bytes / 2            ? AN_GROWTH_UNTIL_THE_END
                                                               : AN_GROWTH_NEVER_FALLS;
        (*out)[(*count)++] = g;
    }
    qsort(*out, *count, sizeof **out, by_growth);
    return 0;
}

uint8_t *an_never_freed(struct rec_file *r, const struct an_history_wish *w, struct failure *f) {
    size_t node_count, count = 0;
    if (rec_nodes(r, &node_count, f) == NULL) return NULL;
    size_t groups = w->group_of != NULL ? w->group_count : node_count;
    const struct rec_node_totals *totals = rec_node_totals(r, &count, f);
    if (totals == NULL && rec_totals(r)->allocations > 0) return NULL;
    uint8_t *never = malloc(groups + 1);
    if (never == NULL) {
        failure_set(f, "cannot tell what grows: out of memory");
        return NULL;
    }
    for (size_t g = 0; g < groups; g++)
        never[g] = 1;
    for (size_t i = 0; i < count; i++) {
        if (totals[i].node >= node_count || totals[i].allocations == totals[i].live_blocks)
            continue;
        uint32_t group = w->group_of != NULL ? w->group_of[totals[i].node] : totals[i].node;
        if (group < groups) never[group] = 0;
    }
    return never;
}
