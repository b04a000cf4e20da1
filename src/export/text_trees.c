/* SPDX-License-Identifier: MIT
 * The sections of the text report that show call stacks: one for each cost, greatest first. */
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/plumbing.h"
#include "analysis/stack_tree.h"
#include "export/report_output.h"
#include "export/report_views.h"
#include "export/text_branch.h"
#include "export/totals.h"
#include "export/told.h"

#define TOP_OF_EACH 5   /* functions of a section when all sections are shown */
#define TOP_OF_ONE 20   /* functions of a section that was asked for */
#define SHOWN_FROM 0.01 /* share of the whole that a root must have, */
#define SHOWN_LEAST 3   /* but so many are shown in any case */

static const struct {
    const char *title, *what, *nothing;
} sections[AN_COSTS] = {
    [AN_PEAK] = {"Peak", "alive", "nothing was ever allocated"},
    [AN_LEAKED] = {"Leaks", "never freed", "no leaks, every block was freed"},
    [AN_ALLOCATED] = {"Allocated bytes", "allocated in all", "no allocations"},
    [AN_CALLS] = {"Calls", "to allocate", "no allocations"},
    [AN_TEMPORARY] = {"Temporary", "freed by the thread's very next call",
                      "no temporary allocations"},
    [AN_FAILED] = {"Failed", "that returned NULL", "no allocation failed"},
    [AN_ALIVE] = {"Alive", "alive at the end", "nothing was alive"},
    [AN_FREED] = {"Freed", "freed", "nothing was freed"},
    [AN_LATER] = {"Freed later", "allocated here and freed later", "nothing was freed later"},
};

/* The sections shown when none was asked for. */
static const enum an_cost in_turn[] = {AN_ALIVE, AN_PEAK, AN_LEAKED, AN_CALLS, AN_TEMPORARY, AN_FAILED};

struct section {
    const struct ex_report *report;
    const struct ex_style *style;
    const struct an_stack_tree *stacks;
    const uint8_t *plumbing;
};

/* Whether the question is about what was alive at another moment than the end of its range. */
static int has_moment(const struct ex_report *r) {
    return r->profile->alive_elsewhere;
}

/* Of failures only where there are some; what was alive at the end of the range is little news. */
static int is_news(const struct ex_report *r, enum an_cost cost) {
    if (cost == AN_FAILED && r->profile->all.failed == 0) return 0;
    if (cost == AN_ALIVE && !has_moment(r)) return 0;
    return an_cost_known(r->file, cost);
}

static void put_title(FILE *out, const struct section *x, enum an_cost cost, struct an_amount sum,
                      struct an_amount all) {
    const struct ex_style *s = x->style;
    int bytes = an_cost_unit(cost) == AN_UNIT_BYTES;
    struct ex_quantity main = bytes ? ex_size(sum.main, s->sizes) : ex_count(sum.main);
    fputc('\n', out);
    if (sum.main == 0) {
        const char *nothing = sections[cost].nothing;
        if (x->report->filters != NULL && all.main > 0)
            nothing = "nothing passes the filters";
        else if (cost == AN_LEAKED && x->report->is_part)
            nothing = has_moment(x->report) ? "nothing that was allocated here was alive at that moment"
                                            : "nothing that was allocated here was alive at the end of the range";
        ex_put(out, s, EX_BOLD, sections[cost].title);
        fprintf(out, ": %s.\n", nothing);
        return;
    }
    ex_put(out, s, EX_BOLD, sections[cost].title);
    fputs(": ", out);
    ex_put(out, s, EX_AMOUNT, main.text);
    if (!bytes) fprintf(out, " %s%s", cost == AN_TEMPORARY ? "block" : "call", sum.main == 1 ? "" : "s");
    const char *what = sections[cost].what;
    if (cost == AN_LEAKED && x->report->is_part) fputs(" allocated here and", out);
    if (cost == AN_LEAKED) what = ex_leaked_words(x->report);
    if (cost == AN_PEAK && ex_totals(x->report).peak_tick == AN_UNKNOWN)
        fputs(" alive", out);
    else if (cost == AN_PEAK)
        fprintf(out, " alive at %s", ex_duration(ex_totals(x->report).peak_tick).text);
    else if (cost == AN_ALIVE && has_moment(x->report))
        fprintf(out, " alive at %s", ex_duration(x->report->profile->alive_tick).text);
    else
        fprintf(out, " %s", what);
    if (bytes && an_cost_second_known(x->report->file, cost))
        fprintf(out, ", in %s %s", ex_count(sum.second).text,
                cost == AN_ALLOCATED ? "calls" : sum.second == 1 ? "block" : "blocks");
    if (x->report->filters != NULL)
        fprintf(out, "; %s of all", ex_share(sum.main, all.main).text);
    fputc('\n', out);
}

static size_t amount_width(const struct section *x, enum an_cost cost, uint64_t whole) {
    if (an_cost_unit(cost) == AN_UNIT_BYTES && x->style->sizes == EX_SIZE_UNITS) return 12;
    size_t wide = strlen(an_cost_unit(cost) == AN_UNIT_BYTES ? ex_size(whole, EX_SIZE_EXACT).text
                                                             : ex_count(whole).text);
    return wide + 2 > 12 ? wide + 2 : 12;
}

static size_t roots_shown(const struct section *x, const struct an_branches *roots, uint64_t whole) {
    const struct ex_report *r = x->report;
    if (r->top == 0) return roots->count;
    size_t shown = 0;
    while (shown < roots->count && shown < r->top &&
           (shown < SHOWN_LEAST ||
            (double)roots->list[shown].amount.main >= SHOWN_FROM * (double)whole))
        shown++;
    return shown;
}

static int put_roots(FILE *out, const struct section *x, enum an_cost cost, struct an_tree *tree,
                     uint64_t whole, struct failure *f) {
    const struct ex_report *r = x->report;
    struct an_branches roots;
    if (an_tree_roots(tree, &roots, f) != 0) return -1;
    size_t shown = roots_shown(x, &roots, whole);
    struct ex_branch_printer p = {.out = out, .report = r, .style = x->style, .tree = tree,
                                  .cost = cost, .whole = whole,
                                  .amount_width = amount_width(x, cost, whole)};
    p.limits.depth = r->direction == AN_TOP_DOWN ? 8 : r->sort < 0 ? 1 : 3;
    p.limits.share = r->sort < 0 ? 0.03 : 0.01;
    p.limits.children = r->direction == AN_TOP_DOWN ? 6 : r->sort < 0 ? 3 : 4;
    int failed = 0;
    uint64_t rest = 0;
    for (size_t i = 0; i < roots.count && !failed; i++) {
        if (i < shown)
            failed = ex_branch_print(&p, &roots.list[i], f);
        else
            rest += roots.list[i].amount.main;
    }
    if (!failed && shown < roots.count) {
        char text[80];
        ex_branch_put_amount(&p, rest, EX_DIM);
        snprintf(text, sizeof text, "%s%zu more function%s", ex_glyphs(x->style)->more,
                 roots.count - shown, roots.count - shown == 1 ? "" : "s");
        ex_put(out, x->style, EX_DIM, text);
        fputc('\n', out);
    }
    an_branches_release(&roots);
    return failed;
}

static int put_section(FILE *out, const struct section *x, enum an_cost cost, struct failure *f) {
    const struct an_profile *p = x->report->profile;
    if (!an_cost_known(x->report->file, cost)) {
        fputc('\n', out);
        ex_put(out, x->style, EX_BOLD, sections[cost].title);
        fputs(": not known.\n", out);
        return 0;
    }
    struct an_amount sum = an_cost_of(&p->sum, cost), all = an_cost_of(&p->all, cost);
    put_title(out, x, cost, sum, all);
    if (sum.main == 0) return 0;
    struct an_tree tree;
    if (an_tree_init(&tree, x->stacks, x->report->frames, p, cost, x->report->direction, x->plumbing,
                     f) != 0)
        return -1;
    int failed = put_roots(out, x, cost, &tree, all.main, f);
    an_tree_release(&tree);
    return failed;
}

static void put_legend(FILE *out, const struct section *x) {
    const struct ex_style *s = x->style;
    if (x->report->all_frames || x->report->profile->sum.allocations == 0) return;
    fputc('\n', out);
    const char *way = x->report->direction == AN_BOTTOM_UP
                          ? "Each function is followed by its callers."
                          : "Each function is followed by those that it calls.";
    ex_put(out, s, EX_DIM, way);
    fputc('\n', out);
    ex_put(out, s, EX_DIM, "Frames of allocators and of the language's library are folded, and recursion is "
                           "collapsed;");
    fputc('\n', out);
    ex_put(out, s, EX_DIM, "--all-frames shows every frame, --json has whole stacks.");
    fputc('\n', out);
}

static int put_views(FILE *out, const struct ex_report *r, const struct ex_style *s, struct failure *f) {
    const struct ex_views *v = r->views;
    if (v == NULL) return 0;
    if (v->threads != NULL && ex_text_threads(out, r, v->threads, s, f) != 0) return -1;
    if (v->histogram != NULL) ex_text_histogram(out, r, v->histogram, s);
    return v->growth != NULL ? ex_text_growth(out, r, v, s, f) : 0;
}

int ex_text_trees(FILE *out, const struct ex_report *given, const struct ex_style *s,
                  struct failure *f) {
    struct ex_report r = *given;
    struct an_stack_tree stacks;
    if (r.top == SIZE_MAX) r.top = r.sort < 0 ? TOP_OF_EACH : TOP_OF_ONE;
    enum an_recursion recursion = r.all_frames ? AN_RECURSION_KEEP : AN_RECURSION_COLLAPSE;
    if (an_stack_tree_build(&stacks, r.file, r.frames, r.profile, recursion, f) != 0) return -1;
    uint8_t *plumbing = r.all_frames ? NULL : an_plumbing_build(r.frames);
    struct section x = {.report = &r, .style = s, .stacks = &stacks, .plumbing = plumbing};
    int failed = !r.all_frames && plumbing == NULL
                     ? failure_set(f, "cannot print the call stacks: out of memory")
                     : 0;
    if (r.sort >= 0 && !failed) {
        failed = put_section(out, &x, (enum an_cost)r.sort, f);
    } else {
        for (size_t i = 0; i < sizeof in_turn / sizeof in_turn[0] && !failed; i++)
            if (is_news(&r, in_turn[i])) failed = put_section(out, &x, in_turn[i], f);
    }
    if (!failed) failed = put_views(out, given, s, f);
    if (!failed) failed = ex_text_forbidden(out, &r, s, f);
    if (!failed) {
        ex_text_suppressed(out, &r, s);
        put_legend(out, &x);
        ex_text_limits(out, &r, s);
    }
    free(plumbing);
    an_stack_tree_release(&stacks);
    return failed ? -1 : 0;
}
