/* SPDX-License-Identifier: MIT
 * The difference of two recordings as Markdown, for a comment on a pull request: a table of totals,
 * and the stacks folded away below it. */
#include <stdlib.h>

#include "analysis/names.h"
#include "export/diff_output.h"
#include "export/markdown_text.h"

#define CALLERS_MAX 6
#define NAME_COLUMNS 100

static const char *const rows[AN_COSTS] = {
    [AN_PEAK] = "Peak",         [AN_LEAKED] = "Leaked",       [AN_ALLOCATED] = "Allocated",
    [AN_CALLS] = "Allocations", [AN_TEMPORARY] = "Temporary", [AN_FAILED] = "Failed",
};

static void put_totals(FILE *out, const struct ex_diff *d) {
    fputs("| | before | after | change | |\n|---|--:|--:|--:|--:|\n", out);
    for (const enum an_cost *cost = ex_diff_costs; *cost != AN_COSTS; cost++) {
        uint64_t before = ex_diff_sum(d, AN_BEFORE, *cost), after = ex_diff_sum(d, AN_AFTER, *cost);
        if (*cost == AN_FAILED && before + after == 0) continue;
        fprintf(out, "| %s |", rows[*cost]);
        for (int side = 0; side < AN_SIDES; side++)
            fprintf(
                out, " %s |",
                ex_diff_side_known(d, (enum an_side)side, *cost)
                    ? ex_diff_amount(*cost, side == AN_BEFORE ? before : after, EX_SIZE_UNITS).text
                    : "not known");
        if (!ex_diff_known(d, *cost))
            fputs(" | |\n", out);
        else if (before == after)
            fputs(" same | |\n", out);
        else
            fprintf(out, " **%s** | %s |\n",
                    ex_diff_change(*cost, before, after, EX_SIZE_UNITS).text,
                    ex_diff_percent(before, after).text);
    }
}

static int put_name(FILE *out, const struct ex_diff *d, uint32_t stack) {
    char *name = an_name_shortened(ex_diff_name(d, stack), NAME_COLUMNS);
    if (name == NULL) return -1;
    ex_markdown_code(out, name);
    free(name);
    return 0;
}

static int put_stack(FILE *out, const struct ex_diff *d, enum an_cost cost,
                     const struct an_diff_entry *e) {
    const struct an_diff_stack *x = &d->diff->stacks[e->stack];
    fprintf(out, "| %s | %s | %s | %s | ",
            ex_diff_change(cost, e->before, e->after, EX_SIZE_UNITS).text,
            an_change_names[an_change_of(e->before, e->after)],
            ex_diff_amount(cost, e->before, EX_SIZE_UNITS).text,
            ex_diff_amount(cost, e->after, EX_SIZE_UNITS).text);
    if (put_name(out, d, e->stack) != 0) return -1;
    if (x->file != NULL && x->line > 0) {
        fputc(' ', out);
        ex_markdown_text(out, an_name_base(x->file));
        fprintf(out, ":%u", x->line);
    }
    uint32_t at = x->parent;
    for (int i = 0; at != 0 && i < CALLERS_MAX; i++, at = d->diff->stacks[at].parent) {
        fputs(" ← ", out);
        if (put_name(out, d, at) != 0) return -1;
    }
    fputs(at != 0 ? " ← … |\n" : " |\n", out);
    return 0;
}

static int put_section(FILE *out, const struct ex_diff *d, enum an_cost cost, struct failure *f) {
    struct ex_diff_list l;
    if (ex_diff_list_make(&l, d, cost, f) != 0) return -1;
    int failed = 0;
    if (l.shown > 0) {
        fprintf(out,
                "\n<details><summary>%s: %zu new, %zu grown, %zu shrunk, %zu gone</summary>\n\n",
                rows[cost] != NULL ? rows[cost] : an_cost_name(cost), l.changes[AN_NEW],
                l.changes[AN_GROWN], l.changes[AN_SHRUNK], l.changes[AN_GONE]);
        fputs("| change | | before | after | call stack |\n|--:|---|--:|--:|---|\n", out);
        for (size_t i = 0; i < l.shown && !failed; i++)
            failed = put_stack(out, d, cost, &l.list[i]) != 0
                         ? failure_set(f, "cannot print the call stacks: out of memory")
                         : 0;
        if (l.count > l.shown) fprintf(out, "\n… %zu more stacks changed.\n", l.count - l.shown);
        fputs("\n</details>\n", out);
    }
    free(l.list);
    return failed;
}

int ex_diff_markdown(FILE *out, const struct ex_diff *d, struct failure *f) {
    static const enum an_cost in_turn[] = {AN_PEAK, AN_LEAKED, AN_CALLS, AN_TEMPORARY};
    fputs("### Heap: ", out);
    ex_markdown_text(out, an_name_base(d->sides[AN_BEFORE].path));
    fputs(" → ", out);
    ex_markdown_text(out, an_name_base(d->sides[AN_AFTER].path));
    fputs("\n\n", out);
    if (d->filters != NULL) {
        fputs("Only call stacks with ", out);
        ex_markdown_text(out, d->filters);
        fputs(".\n\n", out);
    }
    put_totals(out, d);
    if (d->sort >= 0)
        return ex_diff_known(d, (enum an_cost)d->sort)
                   ? put_section(out, d, (enum an_cost)d->sort, f)
                   : 0;
    for (size_t i = 0; i < sizeof in_turn / sizeof *in_turn; i++)
        if (ex_diff_known(d, in_turn[i]) && put_section(out, d, in_turn[i], f) != 0) return -1;
    return 0;
}
