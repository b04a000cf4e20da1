/* SPDX-License-Identifier: MIT
 * The difference of two recordings as text for people. */
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/names.h"
#include "export/diff_output.h"

#define MARGIN 14     /* columns before a stack's name */
#define FRAMES_MAX 12 /* callers that are shown of a stack */

static const char *const titles[AN_COSTS] = {
    [AN_PEAK] = "Peak",   [AN_LEAKED] = "Leaks",        [AN_ALLOCATED] = "Allocated bytes",
    [AN_CALLS] = "Calls", [AN_TEMPORARY] = "Temporary", [AN_FAILED] = "Failed",
};
static const char *const rows[AN_COSTS] = {
    [AN_PEAK] = "peak",   [AN_LEAKED] = "leaked",       [AN_ALLOCATED] = "allocated",
    [AN_CALLS] = "calls", [AN_TEMPORARY] = "temporary", [AN_FAILED] = "failed",
};

/* More is worse: it is painted as a warning. */
static enum ex_paint paint_of(uint64_t before, uint64_t after) {
    return after > before ? EX_WARN : after < before ? EX_NAME : EX_DIM;
}

static void put_right(FILE *out, const struct ex_style *s, size_t width, enum ex_paint paint,
                      const char *text) {
    size_t columns = ex_columns(s, text);
    ex_put_spaces(out, columns < width ? width - columns : 0);
    ex_put(out, s, paint, text);
}

static void put_file(FILE *out, const struct ex_style *s, const char *name,
                     const struct ex_diff_side *side) {
    const struct rec_source *source = rec_source(side->file);
    const char *damage = rec_damage(side->file);
    fputs("  ", out);
    ex_put(out, s, EX_DIM, name);
    ex_put_spaces(out, 12 - strlen(name));
    ex_put(out, s, EX_BOLD, side->path);
    if (source != NULL) {
        fputs("  ", out);
        ex_put(out, s, EX_DIM, source->format);
    }
    fputc('\n', out);
    if (damage == NULL) return;
    ex_put_spaces(out, 14);
    ex_put(out, s, EX_WARN, damage);
    fputc('\n', out);
}

static void put_total(FILE *out, const struct ex_diff *d, const struct ex_style *s,
                      enum an_cost cost) {
    uint64_t sums[AN_SIDES] = {ex_diff_sum(d, AN_BEFORE, cost), ex_diff_sum(d, AN_AFTER, cost)};
    fputs("  ", out);
    ex_put(out, s, EX_DIM, rows[cost]);
    ex_put_spaces(out, 12 - strlen(rows[cost]));
    for (int side = 0; side < AN_SIDES; side++)
        put_right(out, s, 18, EX_PLAIN,
                  ex_diff_side_known(d, (enum an_side)side, cost)
                      ? ex_diff_amount(cost, sums[side], s->sizes).text
                      : "not known");
    if (ex_diff_known(d, cost)) {
        enum ex_paint paint = paint_of(sums[0], sums[1]);
        put_right(out, s, 18, paint,
                  sums[0] == sums[1] ? "same"
                                     : ex_diff_change(cost, sums[0], sums[1], s->sizes).text);
        put_right(out, s, 12, paint, ex_diff_percent(sums[0], sums[1]).text);
    }
    fputc('\n', out);
}

static void put_head(FILE *out, const struct ex_diff *d, const struct ex_style *s) {
    put_file(out, s, "before", &d->sides[AN_BEFORE]);
    put_file(out, s, "after", &d->sides[AN_AFTER]);
    if (d->question != NULL) {
        fputs("  shown       ", out);
        ex_put(out, s, EX_WARN, d->question);
        fputc('\n', out);
    }
    if (d->filters != NULL) {
        fputs("  filters     ", out);
        ex_put(out, s, EX_WARN, d->filters);
        fputc('\n', out);
    }
    fputc('\n', out);
    ex_put_spaces(out, 14);
    put_right(out, s, 18, EX_DIM, "before");
    put_right(out, s, 18, EX_DIM, "after");
    put_right(out, s, 18, EX_DIM, "change");
    fputc('\n', out);
    for (const enum an_cost *cost = ex_diff_costs; *cost != AN_COSTS; cost++)
        if (*cost != AN_FAILED ||
            ex_diff_sum(d, AN_BEFORE, *cost) + ex_diff_sum(d, AN_AFTER, *cost) > 0)
            put_total(out, d, s, *cost);
}

static char *short_name(const struct ex_diff *d, uint32_t stack, size_t width) {
    return an_name_shortened(ex_diff_name(d, stack), width);
}

/* The callers of a stack, in lines that flow. */
static int put_callers(FILE *out, const struct ex_diff *d, const struct ex_style *s,
                       uint32_t stack) {
    const struct ex_glyphs *g = ex_glyphs(s);
    size_t column = 0, count = 0;
    uint32_t at = d->diff->stacks[stack].parent;
    for (; at != 0; at = d->diff->stacks[at].parent, count++) {
        if (count == FRAMES_MAX) break;
        char *name = short_name(d, at, s->width / 2);
        if (name == NULL) return -1;
        size_t columns = ex_columns(s, g->caller) + ex_columns(s, name) + 1;
        if (column > 0 && column + columns > s->width) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0) {
            ex_put_spaces(out, MARGIN);
            column = MARGIN;
        }
        ex_put(out, s, EX_DIM, g->caller);
        ex_put(out, s, EX_DIM, name);
        fputc(' ', out);
        column += columns;
        free(name);
    }
    size_t left = 0;
    for (; at != 0; at = d->diff->stacks[at].parent)
        left++;
    if (left > 0) {
        char more[60];
        snprintf(more, sizeof more, "%s%s%zu frames", g->caller, g->more, left);
        if (column + ex_columns(s, more) > s->width) {
            fputc('\n', out);
            ex_put_spaces(out, MARGIN);
        }
        ex_put(out, s, EX_DIM, more);
    }
    if (column > 0) fputc('\n', out);
    return 0;
}

static int put_stack(FILE *out, const struct ex_diff *d, const struct ex_style *s,
                     enum an_cost cost, const struct an_diff_entry *e) {
    const struct an_diff_stack *x = &d->diff->stacks[e->stack];
    enum an_change change = an_change_of(e->before, e->after);
    struct ex_quantity before = ex_diff_amount(cost, e->before, s->sizes);
    struct ex_quantity after = ex_diff_amount(cost, e->after, s->sizes);
    char place[160] = "", amounts[120];
    if (x->file != NULL && x->line > 0)
        snprintf(place, sizeof place, "  %.100s:%u", an_name_base(x->file), x->line);
    put_right(out, s, MARGIN - 2, paint_of(e->before, e->after),
              ex_diff_change(cost, e->before, e->after, s->sizes).text);
    fputs("  ", out);
    size_t room = s->width > MARGIN + ex_columns(s, place) + 10
                      ? s->width - MARGIN - ex_columns(s, place)
                      : 20;
    char *name = short_name(d, e->stack, room);
    if (name == NULL) return -1;
    ex_put(out, s, EX_NAME, name);
    ex_put(out, s, EX_DIM, place);
    fputc('\n', out);
    free(name);
    ex_put_spaces(out, MARGIN);
    snprintf(amounts, sizeof amounts, "%s: %s %s %s", an_change_names[change], before.text,
             s->unicode ? "→" : "->", after.text);
    ex_put(out, s, EX_PLAIN, amounts);
    if (change == AN_GROWN || change == AN_SHRUNK) {
        fputs("  ", out);
        ex_put(out, s, EX_DIM, ex_diff_percent(e->before, e->after).text);
    }
    fputc('\n', out);
    return put_callers(out, d, s, e->stack);
}

static void put_title(FILE *out, const struct ex_diff *d, const struct ex_style *s,
                      enum an_cost cost, const struct ex_diff_list *l) {
    uint64_t before = ex_diff_sum(d, AN_BEFORE, cost), after = ex_diff_sum(d, AN_AFTER, cost);
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, titles[cost] != NULL ? titles[cost] : an_cost_name(cost));
    if (l->count == 0) {
        fputs(": no stack changed.\n", out);
        return;
    }
    fputs(": ", out);
    ex_put(out, s, paint_of(before, after),
           before == after ? "the same sum" : ex_diff_change(cost, before, after, s->sizes).text);
    fputs(" in all; stacks", out);
    static const enum an_change order[] = {AN_NEW, AN_GROWN, AN_SHRUNK, AN_GONE};
    const char *comma = " ";
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (l->changes[order[i]] == 0) continue;
        fprintf(out, "%s%s %s", comma, ex_count(l->changes[order[i]]).text,
                an_change_names[order[i]]);
        comma = ", ";
    }
    fputc('\n', out);
}

static int put_section(FILE *out, const struct ex_diff *d, const struct ex_style *s,
                       enum an_cost cost, struct failure *f) {
    struct ex_diff_list l;
    if (!ex_diff_known(d, cost)) {
        fputc('\n', out);
        ex_put(out, s, EX_BOLD, titles[cost] != NULL ? titles[cost] : an_cost_name(cost));
        fputs(": not known.\n", out);
        return 0;
    }
    if (ex_diff_list_make(&l, d, cost, f) != 0) return -1;
    put_title(out, d, s, cost, &l);
    int failed = 0;
    for (size_t i = 0; i < l.shown && !failed; i++)
        failed = put_stack(out, d, s, cost, &l.list[i]) != 0
                     ? failure_set(f, "cannot print the call stacks: out of memory")
                     : 0;
    if (l.count > l.shown) {
        char text[120];
        snprintf(text, sizeof text, "%s%zu more stack%s", ex_glyphs(s)->more, l.count - l.shown,
                 l.count - l.shown == 1 ? "" : "s");
        ex_put_spaces(out, MARGIN);
        ex_put(out, s, EX_DIM, text);
        if (l.below > 0) fprintf(out, ", %zu of them below the threshold", l.below);
        fputc('\n', out);
    }
    free(l.list);
    return failed;
}

int ex_diff_text(FILE *out, const struct ex_diff *d, const struct ex_style *s, struct failure *f) {
    static const enum an_cost in_turn[] = {AN_PEAK, AN_LEAKED, AN_CALLS, AN_TEMPORARY};
    put_head(out, d, s);
    if (d->sort >= 0) return put_section(out, d, s, (enum an_cost)d->sort, f);
    for (size_t i = 0; i < sizeof in_turn / sizeof *in_turn; i++)
        if (ex_diff_known(d, in_turn[i]) && put_section(out, d, s, in_turn[i], f) != 0) return -1;
    return 0;
}
