/* SPDX-License-Identifier: MIT
 * The difference of two recordings as JSON; docs/diff.md is the specification. */
#include <stdlib.h>

#include "analysis/known.h"
#include "export/diff_output.h"
#include "export/json_text.h"

#define SCHEMA 1

/* The figures by the names that the report gives them. */
static const struct {
    const char *name;
    enum an_cost cost;
    int is_second;
    uint32_t known;
} figures[] = {
    {"peak_bytes", AN_PEAK, 0, REC_KNOWS_PEAK},
    {"peak_blocks", AN_PEAK, 1, REC_KNOWS_PEAK_BLOCKS},
    {"leaked_bytes", AN_LEAKED, 0, REC_KNOWS_LEAKED},
    {"leaked_blocks", AN_LEAKED, 1, REC_KNOWS_LEAKED_BLOCKS},
    {"allocated_bytes", AN_ALLOCATED, 0, REC_KNOWS_ALLOCATED},
    {"allocations", AN_CALLS, 0, REC_KNOWS_CALLS},
    {"temporary", AN_TEMPORARY, 0, REC_KNOWS_TEMPORARY},
    {"temporary_bytes", AN_TEMPORARY, 1, REC_KNOWS_TEMPORARY},
    {"failed", AN_FAILED, 0, REC_KNOWS_FAILED},
};
#define FIGURES (sizeof figures / sizeof *figures)

static uint64_t figure(const struct an_costs *costs, size_t i) {
    struct an_amount amount = an_cost_of(costs, figures[i].cost);
    return figures[i].is_second ? amount.second : amount.main;
}

static void put_side(struct ex_json *j, const char *key, const struct ex_diff_side *side) {
    const struct rec_source *source = rec_source(side->file);
    ex_json_open(j, key, '{');
    ex_json_text(j, "path", side->path);
    ex_json_text(j, "written_by", rec_version(side->file));
    ex_json_text(j, "format", source != NULL ? source->format : "heapwise");
    ex_json_text(j, "damage", rec_damage(side->file));
    ex_json_open(j, "known", '[');
    for (int i = 0; i < REC_KNOWN_COUNT; i++)
        if (rec_knows(side->file, 1u << i)) ex_json_text(j, NULL, an_known_names[i]);
    ex_json_close(j, ']');
    ex_json_close(j, '}');
}

static void put_figure(struct ex_json *j, const char *key, int is_known, uint64_t n) {
    if (is_known)
        ex_json_number(j, key, n);
    else
        ex_json_null(j, key);
}

/* Changes may be negative, and exact beyond what a signed number holds. */
static void put_change(struct ex_json *j, int is_known, uint64_t before, uint64_t after) {
    if (!is_known) {
        ex_json_null(j, "change");
        return;
    }
    ex_json_next(j, "change");
    fprintf(j->out, "%s%llu", after < before ? "-" : "",
            (unsigned long long)(after < before ? before - after : after - before));
}

static void put_figures(struct ex_json *j, const struct ex_diff *d, const struct an_costs *before,
                        const struct an_costs *after) {
    for (size_t i = 0; i < FIGURES; i++) {
        int known[AN_SIDES];
        for (int side = 0; side < AN_SIDES; side++)
            known[side] = rec_knows(d->sides[side].file, figures[i].known);
        ex_json_open(j, figures[i].name, '{');
        put_figure(j, "before", known[AN_BEFORE], figure(before, i));
        put_figure(j, "after", known[AN_AFTER], figure(after, i));
        put_change(j, known[AN_BEFORE] && known[AN_AFTER], figure(before, i), figure(after, i));
        ex_json_close(j, '}');
    }
}

static void put_stack(struct ex_json *j, const struct ex_diff *d, const struct an_diff_entry *e) {
    const struct an_diff_stack *x = &d->diff->stacks[e->stack];
    fputs("\n", j->out);
    ex_json_open(j, NULL, '{');
    ex_json_text(j, "change", an_change_names[an_change_of(e->before, e->after)]);
    ex_json_open(j, "stack", '[');
    for (uint32_t at = e->stack; at != 0; at = d->diff->stacks[at].parent) {
        const struct an_diff_stack *frame = &d->diff->stacks[at];
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "function", ex_diff_name(d, at));
        ex_json_text(j, "file", frame->file);
        put_figure(j, "line", frame->line > 0, frame->line);
        ex_json_text(j, "module", frame->module);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
    put_figures(j, d, &x->costs[AN_BEFORE], &x->costs[AN_AFTER]);
    ex_json_close(j, '}');
}

int ex_diff_json(FILE *out, const struct ex_diff *d, struct failure *f) {
    struct ex_json j = {.out = out, .first = 1};
    enum an_cost cost = d->sort < 0 ? AN_PEAK : (enum an_cost)d->sort;
    struct ex_diff_list l;
    if (ex_diff_list_make(&l, d, cost, f) != 0) return -1;
    ex_json_open(&j, NULL, '{');
    ex_json_number(&j, "schema", SCHEMA);
    ex_json_text(&j, "generator", "heapwise " HEAPWISE_VERSION);
    put_side(&j, "before", &d->sides[AN_BEFORE]);
    put_side(&j, "after", &d->sides[AN_AFTER]);
    ex_json_text(&j, "by", d->diff->by == AN_DIFF_LINES ? "line" : "function");
    ex_json_text(&j, "in_words", d->question);
    ex_json_text(&j, "filters", d->filters);
    ex_json_text(&j, "sort", an_cost_name(cost));
    ex_json_open(&j, "totals", '{');
    put_figures(&j, d, d->sides[AN_BEFORE].sum, d->sides[AN_AFTER].sum);
    ex_json_close(&j, '}');
    ex_json_open(&j, "stack_count", '{');
    for (int change = AN_NEW; change < AN_CHANGES; change++)
        ex_json_number(&j, an_change_names[change], l.changes[change]);
    ex_json_close(&j, '}');
    ex_json_open(&j, "stacks", '[');
    for (size_t i = 0; i < l.shown; i++)
        put_stack(&j, d, &l.list[i]);
    ex_json_close(&j, ']');
    ex_json_close(&j, '}');
    fputc('\n', out);
    free(l.list);
    return 0;
}
