/* SPDX-License-Identifier: MIT
 * The answer to a question, by row. */
#include "export/page/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/cost_table.h"

/* The figures, by the names that they have in the payload. */
static const struct {
    const char *name;
    size_t offset;  /* in struct an_costs */
    uint32_t needs; /* enum rec_known: what a recording must know to tell it */
} figures[] = {
#define FIGURE(name, needs)                                                                        \
    { #name, offsetof(struct an_costs, name), needs }
    FIGURE(allocations, REC_KNOWS_CALLS),   FIGURE(allocated_bytes, REC_KNOWS_ALLOCATED),
    FIGURE(temporary, REC_KNOWS_TEMPORARY), FIGURE(temporary_bytes, REC_KNOWS_TEMPORARY),
    FIGURE(failed, REC_KNOWS_FAILED),       FIGURE(leaked_blocks, REC_KNOWS_LEAKED_BLOCKS),
    FIGURE(leaked_bytes, REC_KNOWS_LEAKED), FIGURE(peak_blocks, REC_KNOWS_PEAK_BLOCKS),
    FIGURE(peak_bytes, REC_KNOWS_PEAK),     FIGURE(alive_blocks, REC_KNOWS_LEAKED_BLOCKS),
    FIGURE(alive_bytes, REC_KNOWS_LEAKED),  FIGURE(freed_blocks, REC_KNOWS_FREES),
    FIGURE(freed_bytes, REC_KNOWS_FREES),   FIGURE(later_blocks, REC_KNOWS_FREES),
    FIGURE(later_bytes, REC_KNOWS_FREES),
#undef FIGURE
};
#define FIGURES (sizeof figures / sizeof figures[0])

static uint64_t figure_of(const struct an_costs *costs, size_t figure) {
    return *(const uint64_t *)((const char *)costs + figures[figure].offset);
}

struct an_costs *page_costs_by_row(const struct page *p, const struct an_profile *profile,
                                   size_t *count, struct failure *f) {
    struct an_costs_list all = {profile->entries, profile->count};
    return an_costs_merge(&all, 1, p->row_of_node, p->row_count, count, f);
}

#define ROWS_AT_A_TIME 64 /* stay in the first cache while column by column is taken from them */

static void add_figures(struct container *c, const struct page *p, const struct an_costs *costs,
                        size_t count) {
    uint64_t *columns[FIGURES];
    for (size_t figure = 0; figure < FIGURES; figure++)
        columns[figure] = malloc((count + 1) * sizeof *columns[figure]);
    for (size_t begin = 0; begin < count; begin += ROWS_AT_A_TIME) {
        size_t end = count - begin > ROWS_AT_A_TIME ? begin + ROWS_AT_A_TIME : count;
        for (size_t figure = 0; figure < FIGURES; figure++)
            for (size_t i = begin; columns[figure] != NULL && i < end; i++)
                columns[figure][i] = figure_of(&costs[i], figure);
    }
    for (size_t figure = 0; figure < FIGURES; figure++) {
        if (rec_knows(p->file, figures[figure].needs))
            container_add_figures(c, figures[figure].name, columns[figure], count);
        else
            free(columns[figure]);
    }
}

/* Times of the first and the last allocation; 0xffffffff where there was none in the range. */
static void add_times(struct container *c, const struct an_costs *costs, size_t count) {
    uint32_t *first = malloc((count + 1) * sizeof *first);
    uint32_t *last = malloc((count + 1) * sizeof *last);
    for (size_t i = 0; first != NULL && last != NULL && i < count; i++) {
        int any = costs[i].first_tick <= costs[i].last_tick;
        first[i] = any ? costs[i].first_tick : AN_NO_TICK;
        last[i] = any ? costs[i].last_tick : AN_NO_TICK;
    }
    container_add(c, "first_ms", CONTAINER_U32, first, count);
    container_add(c, "last_ms", CONTAINER_U32, last, count);
}

/* As text, because sums may pass what a number of JSON holds in a browser. */
static void put_sums(struct ex_json *j, const char *key, const struct page *p,
                     const struct an_costs *sum) {
    ex_json_open(j, key, '{');
    for (size_t i = 0; i < FIGURES; i++) {
        char text[24];
        if (!rec_knows(p->file, figures[i].needs)) {
            ex_json_null(j, figures[i].name);
            continue;
        }
        snprintf(text, sizeof text, "%" PRIu64, figure_of(sum, i));
        ex_json_text(j, figures[i].name, text);
    }
    ex_json_close(j, '}');
}

static void put_known(struct ex_json *j, const struct page *p, uint32_t needs, const char *key,
                      uint64_t n) {
    if (n == AN_UNKNOWN || !rec_knows(p->file, needs))
        ex_json_null(j, key);
    else
        ex_json_number(j, key, n);
}

static void put_meta(struct ex_json *j, const struct page *p, const struct an_profile *profile,
                     const struct an_question *question) {
    uint64_t end = rec_totals(p->file)->duration_ms + 1;
    ex_json_number(j, "from_ms", profile->from_tick);
    ex_json_number(j, "to_ms", profile->to_tick < end ? profile->to_tick : end);
    ex_json_number(j, "alive_at_ms", profile->alive_tick < end ? profile->alive_tick : end);
    ex_json_number(j, "peak_ms", profile->peak_tick);
    put_sums(j, "sum", p, &profile->sum);
    put_sums(j, "all", p, &profile->all);
    put_known(j, p, REC_KNOWS_FREES, "frees", profile->frees);
    put_known(j, p, REC_KNOWS_FREES, "freed_bytes", profile->freed_bytes);
    put_known(j, p, REC_KNOWS_REALLOCATIONS, "reallocations", profile->reallocations);
    put_known(j, p, REC_KNOWS_EVENTS, "events", profile->events);
    ex_json_open(j, "known", '[');
    for (size_t i = 0; i < FIGURES; i++)
        if (rec_knows(p->file, figures[i].needs)) ex_json_text(j, NULL, figures[i].name);
    if (question->times == AN_TIMES_FIND) {
        ex_json_text(j, NULL, "first_ms");
        ex_json_text(j, NULL, "last_ms");
    }
    ex_json_close(j, ']');
}

int page_profile(const struct page *p, enum container_style style, const struct an_profile *profile,
                 const struct an_question *question, struct payload *out, struct failure *f) {
    size_t count;
    struct an_costs *costs = page_costs_by_row(p, profile, &count, f);
    if (costs == NULL) return -1;
    struct container c;
    container_init(&c, style);
    uint32_t *row = malloc((count + 1) * sizeof *row);
    for (size_t i = 0; row != NULL && i < count; i++)
        row[i] = costs[i].node;
    container_add_ascending(&c, "row", row, count);
    add_figures(&c, p, costs, count);
    if (question->times == AN_TIMES_FIND) add_times(&c, costs, count);
    put_meta(&c.meta, p, profile, question);
    free(costs);
    return container_finish(&c, out, f);
}
