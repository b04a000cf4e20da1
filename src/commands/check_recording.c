/* SPDX-License-Identifier: MIT
 * Holds recordings against budgets. See check_recording.h.
 *
 * The stacks of an exceeded figure come from the machinery of differences: against a baseline those
 * that grew most, else, against nothing, those that have most. */
#include "commands/check_recording.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/diff.h"
#include "analysis/known.h"
#include "analysis/names.h"
#include "commands/recording_answer.h"
#include "commands/recording_argument.h"
#include "export/check_output.h"

#define CALLERS_MAX 8
#define NAME_COLUMNS 60

/* One recording with the answer to one budget's question. */
struct opened {
    struct rec_file *file;
    struct recording_answer answer;
};

static void forget(struct opened *x) {
    recording_answer_release(&x->answer);
    rec_close(x->file);
    memset(x, 0, sizeof *x);
}

static int ask(struct opened *x, const struct check_request *q, const struct budget *b,
               struct failure *f) {
    struct question_options o = q->options;
    const struct {
        const char *pattern;
        enum an_filter_subject subject;
    } filters[] = {{b->function, AN_FILTER_FUNCTION},
                   {b->file, AN_FILTER_FILE},
                   {b->module, AN_FILTER_MODULE}};
    for (size_t i = 0; i < 3; i++) {
        if (filters[i].pattern == NULL) continue;
        o.filters[o.filter_count].subject = filters[i].subject;
        o.filters[o.filter_count++].pattern = filters[i].pattern;
    }
    if (q->budgets->suppressions != NULL)
        o.suppressions[o.suppression_count++] = q->budgets->suppressions;
    recording_answer_release(&x->answer);
    memset(&x->answer, 0, sizeof x->answer);
    if (recording_answer_prepare(&x->answer, x->file, &o, f) != 0) return -1;
    return recording_answer_get(&x->answer, x->file, &o, f);
}

static uint64_t figure_of(const struct an_costs *sum, enum budget_figure figure) {
    struct an_amount amount = an_cost_of(sum, budget_figures[figure].cost);
    return budget_figures[figure].is_second ? amount.second : amount.main;
}

static int knows(const struct rec_file *r, enum budget_figure figure) {
    enum an_cost cost = budget_figures[figure].cost;
    return budget_figures[figure].is_second ? an_cost_second_known(r, cost)
                                            : an_cost_known(r, cost);
}

static char *name_of(const struct budget *b) {
    char *name = NULL;
    if (b->name != NULL) return strdup(b->name);
    const char *what = b->function != NULL ? "function" : b->file != NULL ? "file" : "module";
    const char *which = b->function != NULL ? b->function : b->file != NULL ? b->file : b->module;
    if (which != NULL) return asprintf(&name, "%s %s", what, which) < 0 ? NULL : name;
    return strdup(b->process != NULL ? b->process : "whole program");
}

static struct ex_verdict *add_verdict(struct ex_check *c, const char *file, char *budget,
                                      enum budget_figure figure, struct failure *f) {
    if (c->count == c->capacity) {
        size_t capacity = c->capacity == 0 ? 16 : c->capacity * 2;
        struct ex_verdict *verdicts = realloc(c->verdicts, capacity * sizeof *verdicts);
        if (verdicts != NULL) {
            c->verdicts = verdicts;
            c->capacity = capacity;
        }
    }
    char *path = file != NULL ? strdup(file) : NULL;
    if (c->count == c->capacity || budget == NULL || (file != NULL && path == NULL)) {
        free(path);
        free(budget);
        failure_set(f, "cannot keep the results: out of memory");
        return NULL;
    }
    struct ex_verdict *v = &c->verdicts[c->count++];
    *v = (struct ex_verdict){.file = path,
                             .budget = budget,
                             .words = budget_figures[figure].words,
                             .is_bytes = budget_figures[figure].is_bytes};
    return v;
}

/* "make a.c:8 ← comes ← main" */
static char *stack_text(const struct an_diff *d, uint32_t stack) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) return NULL;
    int frames = 0;
    for (uint32_t at = stack; at != 0 && frames <= CALLERS_MAX;
         at = d->stacks[at].parent, frames++) {
        const struct an_diff_stack *x = &d->stacks[at];
        char *name = an_name_shortened(d->names.texts[x->name], NAME_COLUMNS);
        if (frames == CALLERS_MAX)
            fputs(" ← …", out);
        else
            fprintf(out, "%s%s", frames > 0 ? " ← " : "", name != NULL ? name : "?");
        if (frames == 0 && x->file != NULL && x->line > 0)
            fprintf(out, " %s:%u", an_name_base(x->file), x->line);
        free(name);
    }
    if (frames == 0) fputs("(stack unknown)", out);
    return fclose(out) == 0 ? text : NULL;
}

static int take_stacks(struct ex_verdict *v, const struct an_diff *d, enum an_cost cost, size_t top,
                       int is_change, struct failure *f) {
    size_t count, kept = 0;
    struct an_diff_entry *list = an_diff_list(d, cost, 0, &count);
    v->stacks = calloc(count + 1, sizeof *v->stacks);
    if (list == NULL || v->stacks == NULL) {
        free(list);
        return failure_set(f, "cannot list the stacks: out of memory");
    }
    for (size_t i = 0; i < count && (top == 0 || kept < top); i++) {
        if (list[i].after <= list[i].before) continue;
        uint64_t n = list[i].after - list[i].before;
        struct ex_quantity amount =
            an_cost_unit(cost) == AN_UNIT_BYTES ? ex_size(n, EX_SIZE_UNITS) : ex_count(n);
        struct ex_check_stack *x = &v->stacks[kept];
        if (asprintf(&x->amount, "%s%s", is_change ? "+" : "", amount.text) < 0) x->amount = NULL;
        x->text = stack_text(d, list[i].stack);
        if (x->amount == NULL || x->text == NULL) {
            free(x->amount);
            free(x->text);
            break;
        }
        v->stack_count = ++kept;
    }
    free(list);
    return 0;
}

/* Which stacks it is of. `before` NULL: against nothing. */
static int explain(struct ex_verdict *v, const struct check_request *q, struct opened *before,
                   struct opened *after, enum an_cost cost, struct failure *f) {
    struct an_diff d;
    enum an_diff_names named =
        before != NULL ? an_diff_names_for(before->file, after->file) : AN_DIFF_WHOLE_NAMES;
    if (an_diff_init(&d, AN_DIFF_FUNCTIONS, named, f) != 0) return -1;
    int failed = 0;
    if (before != NULL)
        failed = an_diff_add(&d, AN_BEFORE, before->file, &before->answer.frames,
                             &before->answer.profile, f);
    if (!failed)
        failed = an_diff_add(&d, AN_AFTER, after->file, &after->answer.frames,
                             &after->answer.profile, f);
    if (!failed) failed = take_stacks(v, &d, cost, q->top, before != NULL, f);
    an_diff_release(&d);
    return failed;
}

static int judge(struct ex_check *c, const struct check_request *q, const char *path, char *name,
                 enum budget_figure figure, uint64_t limit, struct opened *before,
                 struct opened *after, struct failure *f) {
    struct ex_verdict *v = add_verdict(c, path, name, figure, f);
    if (v == NULL) return -1;
    v->limit = limit;
    if (figure == BUDGET_LEAKED) v->suppressed = after->answer.suppressions.bytes;
    if (figure == BUDGET_LEAKED_BLOCKS) v->suppressed = after->answer.suppressions.blocks;
    v->actual = figure_of(&after->answer.profile.sum, figure);
    v->outcome = !knows(after->file, figure) ? EX_NOT_KNOWN
                 : v->actual > limit         ? EX_EXCEEDED
                                             : EX_WITHIN;
    if (v->outcome != EX_EXCEEDED) return 0;
    return explain(v, q, before, after, budget_figures[figure].cost, f);
}

static int matches(const char *pattern, const char *text) {
    regex_t regex;
    if (text == NULL || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) return 0;
    int found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* Whether a budget is on this process: by the path of its program, or what it was called by. */
static int is_meant(const struct budget *b, const struct rec_file *r) {
    const struct rec_process *p = rec_process(r);
    return b->process == NULL || matches(b->process, p->executable) ||
           matches(b->process, p->command[0]);
}

static int check_budgets(struct ex_check *c, const struct check_request *q, const char *path,
                         struct opened *x, uint8_t *met, struct failure *f) {
    for (size_t i = 0; i < q->budgets->count; i++) {
        const struct budget *b = &q->budgets->list[i];
        if (!is_meant(b, x->file)) continue;
        met[i] = 1;
        if (ask(x, q, b, f) != 0) return -1;
        for (int k = 0; k < BUDGET_FIGURES; k++)
            if (b->has_limit[k] &&
                judge(c, q, path, name_of(b), (enum budget_figure)k, b->limits[k], NULL, x, f) != 0)
                return -1;
    }
    return 0;
}

static int check_baseline(struct ex_check *c, const struct check_request *q, const char *path,
                          struct opened *x, struct failure *f) {
    static const enum budget_figure compared[] = {BUDGET_PEAK, BUDGET_LEAKED, BUDGET_ALLOCATED,
                                                  BUDGET_ALLOCATIONS, BUDGET_TEMPORARY};
    static const struct budget everything = {0};
    struct opened before = {0};
    size_t told = 0;
    int failed = recording_argument_open(&before.file, q->budgets->baseline, f) != 0 ||
                 ask(&before, q, &everything, f) != 0 || ask(x, q, &everything, f) != 0;
    for (size_t i = 0; !failed && i < sizeof compared / sizeof *compared; i++) {
        /* Of files of two formats only what both know can be compared. */
        if (!knows(before.file, compared[i]) || !knows(x->file, compared[i])) continue;
        uint64_t old = figure_of(&before.answer.profile.sum, compared[i]);
        uint64_t limit = old + (uint64_t)((double)old * q->budgets->tolerance);
        char *name = NULL;
        if (asprintf(&name, "baseline %s", an_name_base(q->budgets->baseline)) < 0) name = NULL;
        failed = judge(c, q, path, name, compared[i], limit, &before, x, f) != 0;
        told++;
    }
    if (!failed && told == 0)
        failed = failure_set(f, "%s and %s have no figure in common", q->budgets->baseline, path);
    forget(&before);
    return failed ? -1 : 0;
}

static int check_one(struct ex_check *c, const struct check_request *q, const char *path,
                     uint8_t *met, struct failure *f) {
    struct opened x = {0};
    int failed = recording_argument_open(&x.file, path, f) != 0;
    if (!failed && rec_damage(x.file) != NULL)
        failed = failure_set(f, "%s is not whole, so that nothing can be held against a budget: %s",
                             path, rec_damage(x.file));
    if (!failed) failed = check_budgets(c, q, path, &x, met, f) != 0;
    if (!failed && q->budgets->baseline != NULL) failed = check_baseline(c, q, path, &x, f) != 0;
    forget(&x);
    return failed ? -1 : 0;
}

/* A budget that no recording was held against would always be kept. */
static int check_met(struct ex_check *c, const struct check_request *q, const uint8_t *met,
                     struct failure *f) {
    for (size_t i = 0; i < q->budgets->count; i++) {
        const struct budget *b = &q->budgets->list[i];
        if (met[i]) continue;
        for (int k = 0; k < BUDGET_FIGURES; k++) {
            if (!b->has_limit[k]) continue;
            struct ex_verdict *v = add_verdict(c, NULL, name_of(b), (enum budget_figure)k, f);
            if (v == NULL) return -1;
            v->outcome = EX_NOT_MET;
        }
    }
    return 0;
}

static int write_to(const char *path, const struct ex_check *c,
                    void (*write)(FILE *out, const struct ex_check *c)) {
    if (path == NULL) return 0;
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    int failed = out == NULL;
    if (!failed) {
        write(out, c);
        failed = fflush(out) != 0 || ferror(out);
        if (out != stdout && fclose(out) != 0) failed = 1;
    }
    if (failed) fprintf(stderr, "heapwise: cannot write %s: %s\n", path, strerror(errno));
    return failed;
}

int check_recordings(const struct check_request *q, const char *const *paths, size_t count,
                     FILE *out) {
    struct ex_check c = {0};
    struct failure f;
    uint8_t *met = calloc(q->budgets->count + 1, 1);
    int failed = met == NULL;
    for (size_t i = 0; met != NULL && i < count; i++) {
        if (check_one(&c, q, paths[i], met, &f) == 0) continue;
        fprintf(stderr, "heapwise: %s\n", f.text);
        failed = 1;
    }
    if (!failed && check_met(&c, q, met, &f) != 0) failed = 1;
    free(met);
    struct ex_style style;
    ex_style_detect(&style, out, q->colour, q->width);
    style.sizes = q->sizes;
    int on_stdout = (q->junit != NULL && strcmp(q->junit, "-") == 0) ||
                    (q->markdown != NULL && strcmp(q->markdown, "-") == 0);
    int passed = ex_check_passed(&c);
    if (c.count > 0 && !(on_stdout && out == stdout) && !(q->is_quiet && passed))
        ex_check_text(out, &c, &style);
    if (fflush(out) != 0 || ferror(out)) failed = 1;
    failed |= write_to(q->junit, &c, ex_check_junit);
    failed |= write_to(q->markdown, &c, ex_check_markdown);
    ex_check_release(&c);
    return failed || !passed;
}
