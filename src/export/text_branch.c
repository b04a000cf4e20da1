/* SPDX-License-Identifier: MIT
 * Prints one branch and what is worth seeing below it. See text_branch.h.
 *
 * A line shows amount, share, and the function with its source line. Where nearly everything (nine
 * tenths) goes on to a single caller or callee, that one is appended to a chain of names instead of
 * getting a line; its share of the branch is told when it is not all of it. A long chain shows its
 * beginning and its end. Where the tree divides, the greatest children get lines of their own. */
#include "export/text_branch.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/names.h"

#define CHAIN_SHARE 0.9
#define CHAIN_HEAD 5        /* names at the beginning of a chain, right below a root */
#define CHAIN_HEAD_DEEPER 3 /* and below a branch of it */
#define CHAIN_TAIL 1
#define PREFIX_MAX 256

/* One name of a chain. */
struct step {
    char *name;
    char location[160];
    struct ex_quantity share; /* of the whole, where it differs from that of the step before */
};

struct chain {
    struct step *steps;
    size_t count, capacity;
};

size_t ex_branch_margin(const struct ex_branch_printer *p) {
    return p->amount_width + 10;
}

void ex_branch_put_amount(struct ex_branch_printer *p, uint64_t main, enum ex_paint paint) {
    struct ex_quantity amount = an_cost_unit(p->cost) == AN_UNIT_BYTES
                                    ? ex_size(main, p->style->sizes)
                                    : ex_count(main);
    struct ex_quantity share = ex_share(main, p->whole);
    size_t columns = strlen(amount.text);
    ex_put_spaces(p->out, columns < p->amount_width ? p->amount_width - columns : 0);
    ex_put(p->out, p->style, paint, amount.text);
    fprintf(p->out, "%8s  ", share.text);
}

/* Where a branch's code stands: its source line, or its library where that is not known. */
static void locate(struct ex_branch_printer *p, const struct an_branch *b, char *text, size_t size) {
    text[0] = '\0';
    if (b->function == REC_NONE) return;
    const struct an_function *n = &p->report->frames->functions[b->function];
    size_t others;
    uint32_t line = an_branch_line(p->tree, b, &others);
    const char *module = an_name_module(p->report->frames, n->module);
    if (n->file != NULL && line > 0 && others > 0)
        snprintf(text, size, "%s:%u (+%zu line%s)", an_name_base(n->file), line, others,
                 others == 1 ? "" : "s");
    else if (n->file != NULL && line > 0)
        snprintf(text, size, "%s:%u", an_name_base(n->file), line);
    else if (n->file != NULL)
        snprintf(text, size, "%s", an_name_base(n->file));
    else if (n->name != NULL && module != NULL)
        snprintf(text, size, "[%s]", an_name_base(module));
}

static char *name_of(struct ex_branch_printer *p, const struct an_branch *b, size_t width) {
    if (b->function == REC_NONE)
        return strdup(p->report->frames->hidden != NULL ? "(all frames hidden)" : "(call stack not known)");
    return an_name_short(p->report->frames, b->function, width < 24 ? 24 : width);
}

static uint32_t module_of(struct ex_branch_printer *p, const struct an_branch *b) {
    return b->function == REC_NONE ? 0 : p->report->frames->functions[b->function].module;
}

static void chain_release(struct chain *c) {
    for (size_t i = 0; i < c->count; i++) free(c->steps[i].name);
    free(c->steps);
    memset(c, 0, sizeof *c);
}

static int chain_add(struct ex_branch_printer *p, struct chain *c, const struct an_branch *b,
                     const struct an_branch *of) {
    struct ex_quantity share = ex_share(b->amount.main, p->whole);
    struct ex_quantity share_before = ex_share(of->amount.main, p->whole);
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 16;
        struct step *grown = realloc(c->steps, capacity * sizeof *grown);
        if (grown == NULL) return -1;
        c->steps = grown;
        c->capacity = capacity;
    }
    struct step *step = &c->steps[c->count++];
    step->name = name_of(p, b, p->report->all_frames ? p->style->width : p->style->width / 2);
    step->share.text[0] = '\0';
    locate(p, b, step->location, sizeof step->location);
    /* A library is named where it changes. */
    if (step->location[0] == '[' && module_of(p, b) == module_of(p, of)) step->location[0] = '\0';
    if (strcmp(share.text, share_before.text) != 0) step->share = share;
    return step->name == NULL ? -1 : 0;
}

/* Text that flows in lines of its own below a branch. */
struct flow {
    struct ex_branch_printer *p;
    const char *prefix;
    size_t at; /* column; 0: no line is begun */
};

static void flow_begin(struct flow *f, size_t columns) {
    size_t margin = ex_branch_margin(f->p);
    if (f->at > 0 && f->at + 1 + columns <= f->p->style->width) {
        fputc(' ', f->p->out);
        f->at++;
        return;
    }
    if (f->at > 0) fputc('\n', f->p->out);
    ex_put_spaces(f->p->out, margin);
    ex_put(f->p->out, f->p->style, EX_DIM, f->prefix);
    f->at = margin + ex_columns(f->p->style, f->prefix);
}

static void flow_end(struct flow *f) {
    if (f->at > 0) fputc('\n', f->p->out);
    f->at = 0;
}

static void flow_word(struct flow *f, enum ex_paint paint, const char *word) {
    size_t columns = ex_columns(f->p->style, word);
    flow_begin(f, columns);
    ex_put(f->p->out, f->p->style, paint, word);
    f->at += columns;
}

static void flow_step(struct flow *f, const struct step *step, const char *arrow) {
    const struct ex_style *s = f->p->style;
    size_t columns = ex_columns(s, arrow) + ex_columns(s, step->name);
    if (step->location[0] != '\0') columns += 1 + ex_columns(s, step->location);
    if (step->share.text[0] != '\0') columns += 3 + strlen(step->share.text);
    flow_begin(f, columns);
    ex_put(f->p->out, s, EX_DIM, arrow);
    ex_put(f->p->out, s, EX_PLAIN, step->name);
    if (step->location[0] != '\0') {
        fputc(' ', f->p->out);
        ex_put(f->p->out, s, EX_DIM, step->location);
    }
    if (step->share.text[0] != '\0') fprintf(f->p->out, " (%s)", step->share.text);
    f->at += columns;
}

/* `further`: how many callers or callees follow that get no lines of their own. */
static void print_chain(struct ex_branch_printer *p, const struct chain *c, size_t further,
                        const char *prefix, size_t depth) {
    struct flow flow = {.p = p, .prefix = prefix};
    const struct ex_glyphs *g = ex_glyphs(p->style);
    const char *arrow = p->tree->direction == AN_BOTTOM_UP ? g->caller : g->callee;
    size_t head = depth == 0 ? CHAIN_HEAD : CHAIN_HEAD_DEEPER;
    int cut = !p->report->all_frames && c->count > head + CHAIN_TAIL + 1;
    for (size_t i = 0; i < c->count; i++) {
        if (cut && i == head) {
            char text[64];
            size_t left = c->count - head - CHAIN_TAIL;
            snprintf(text, sizeof text, "%s%s%zu frames", arrow, g->more, left);
            flow_word(&flow, EX_DIM, text);
            i += left;
        }
        flow_step(&flow, &c->steps[i], arrow);
    }
    if (further > 0) {
        char text[64];
        snprintf(text, sizeof text, "%s%s%zu function%s", arrow, g->more, further,
                 further == 1 ? "" : "s");
        flow_word(&flow, EX_DIM, text);
    }
    flow_end(&flow);
}

/* When it allocated, if that was asked for. */
static void put_times(struct flow *flow, const struct an_branch *b) {
    uint32_t first, last;
    char text[128];
    if (an_branch_times(flow->p->tree, b, &first, &last) != 0) return;
    if (first == last)
        snprintf(text, sizeof text, "(allocated at %s)", ex_duration(first).text);
    else
        snprintf(text, sizeof text, "(allocated from %s to %s)", ex_duration(first).text,
                 ex_duration(last).text);
    flow_word(flow, EX_DIM, text);
}

/* What else is worth knowing of a root: how many blocks, and through what it allocates. */
static int print_details(struct ex_branch_printer *p, const struct an_branch *b, const char *prefix) {
    uint32_t via[2];
    size_t count = an_branch_via(p->tree, b, via, 2);
    struct flow flow = {.p = p, .prefix = prefix};
    struct ex_quantity second = an_cost_unit(p->cost) == AN_UNIT_BYTES
                                    ? ex_count(b->amount.second)
                                    : ex_size(b->amount.second, p->style->sizes);
    char text[96];
    const char *noun = p->cost == AN_ALLOCATED ? " call" : " block";
    const char *plural = b->amount.second == 1 ? "" : "s";
    int bytes = an_cost_unit(p->cost) == AN_UNIT_BYTES;
    snprintf(text, sizeof text, "%s%s%s%s", second.text, bytes ? noun : "", bytes ? plural : "",
             count > 0 || b->recursive ? "," : "");
    if (p->cost != AN_FAILED && an_cost_second_known(p->report->file, p->cost)) flow_word(&flow, EX_DIM, text);
    if (b->recursive) flow_word(&flow, EX_DIM, count > 0 ? "recursive," : "recursive");
    for (size_t i = 0; i < count; i++) {
        char *name = an_name_short(p->report->frames, via[i], p->style->width / 2);
        if (name == NULL) return -1;
        char *word = NULL;
        if (asprintf(&word, "%s%s%s", i == 0 ? "via " : "", name, i + 1 < count ? "," : "") < 0)
            word = NULL;
        free(name);
        if (word == NULL) return -1;
        flow_word(&flow, EX_DIM, word);
        free(word);
    }
    put_times(&flow, b);
    flow_end(&flow);
    return 0;
}

static int print_line(struct ex_branch_printer *p, const struct an_branch *b, const char *prefix,
                      const char *arrow) {
    const struct ex_style *s = p->style;
    char location[160];
    locate(p, b, location, sizeof location);
    size_t margin = ex_branch_margin(p) + ex_columns(s, prefix) + ex_columns(s, arrow);
    size_t place = location[0] != '\0' ? ex_columns(s, location) + 2 : 0;
    size_t room = s->width > margin + place ? s->width - margin - place : 0;
    char *name = name_of(p, b, p->report->all_frames ? SIZE_MAX : room);
    if (name == NULL) return -1;
    ex_branch_put_amount(p, b->amount.main, EX_AMOUNT);
    ex_put(p->out, s, EX_DIM, prefix);
    ex_put(p->out, s, EX_DIM, arrow);
    ex_put(p->out, s, arrow[0] == '\0' ? EX_NAME : EX_PLAIN, name);
    if (place > 0) {
        fputs("  ", p->out);
        ex_put(p->out, s, EX_DIM, location);
    }
    fputc('\n', p->out);
    free(name);
    return 0;
}

static int print_below(struct ex_branch_printer *p, const struct an_branch *b, const char *prefix,
                       size_t depth, struct failure *f);

/* A line for what a function allocates itself, among those that it calls. */
static void print_own(struct ex_branch_printer *p, uint64_t own, const char *prefix, int last) {
    const struct ex_glyphs *g = ex_glyphs(p->style);
    ex_branch_put_amount(p, own, EX_AMOUNT);
    ex_put(p->out, p->style, EX_DIM, prefix);
    ex_put(p->out, p->style, EX_DIM, last ? g->last : g->branch);
    ex_put(p->out, p->style, EX_DIM, "in this function itself");
    fputc('\n', p->out);
}

static void print_rest(struct ex_branch_printer *p, size_t count, uint64_t amount,
                       const char *prefix) {
    const struct ex_glyphs *g = ex_glyphs(p->style);
    char text[64];
    int up = p->tree->direction == AN_BOTTOM_UP;
    snprintf(text, sizeof text, "%s%zu %s%s", g->more, count, up ? "more caller" : "more",
             up && count != 1 ? "s" : "");
    ex_branch_put_amount(p, amount, EX_DIM);
    ex_put(p->out, p->style, EX_DIM, prefix);
    ex_put(p->out, p->style, EX_DIM, g->last);
    ex_put(p->out, p->style, EX_DIM, text);
    fputc('\n', p->out);
}

/* How many of the children get a line. */
static size_t worth_a_line(const struct ex_branch_printer *p, const struct an_branches *kids,
                           uint64_t above, size_t depth) {
    size_t shown = 0;
    if (p->report->all_frames && p->report->top == 0) return kids->count;
    if (depth >= p->limits.depth) return 0;
    while (shown < kids->count && shown < p->limits.children) {
        uint64_t main = kids->list[shown].amount.main;
        if ((double)main < p->limits.share * (double)p->whole) break;
        if ((double)main < 0.05 * (double)above) break;
        shown++;
    }
    return shown;
}

static int print_children(struct ex_branch_printer *p, const struct an_branch *b,
                          const struct an_branches *kids, size_t shown, const char *prefix,
                          size_t depth, struct failure *f) {
    const struct ex_glyphs *g = ex_glyphs(p->style);
    int down = p->tree->direction == AN_TOP_DOWN;
    uint64_t all = 0, listed = 0;
    for (size_t i = 0; i < kids->count; i++) all += kids->list[i].amount.main;
    for (size_t i = 0; i < shown; i++) listed += kids->list[i].amount.main;
    uint64_t own = b->amount.main - all;
    int has_own = down && own > 0, has_rest = shown < kids->count;
    for (size_t i = 0; i < shown; i++) {
        int last = i + 1 == shown && !has_own && !has_rest;
        char first[PREFIX_MAX], rest[PREFIX_MAX];
        snprintf(first, sizeof first, "%s%s", prefix, last ? g->last : g->branch);
        snprintf(rest, sizeof rest, "%s%s", prefix, last ? g->blank : g->bar);
        if (print_line(p, &kids->list[i], first, down ? "" : g->caller) != 0 ||
            print_below(p, &kids->list[i], rest, depth + 1, f) != 0)
            return -1;
    }
    if (has_own) print_own(p, own, prefix, !has_rest);
    if (has_rest) print_rest(p, kids->count - shown, all - listed, prefix);
    return 0;
}

/* The chain that begins at a branch, then what the chain's end divides into. */
static int print_below(struct ex_branch_printer *p, const struct an_branch *b, const char *prefix,
                       size_t depth, struct failure *f) {
    struct an_branch at = *b;
    struct an_branches kids = {0}, owner = {0};
    struct chain chain = {0};
    int failed = 0;
    for (;;) {
        failed = an_tree_expand(p->tree, &at, &kids, f);
        if (failed || kids.count == 0) break;
        const struct an_branch *next = &kids.list[0];
        double least = p->report->all_frames ? 1 : CHAIN_SHARE;
        if ((double)next->amount.main < least * (double)at.amount.main) break;
        failed = chain_add(p, &chain, next, &at);
        at = *next;
        an_branches_release(&owner);
        owner = kids;
        memset(&kids, 0, sizeof kids);
        if (failed) break;
    }
    if (!failed) {
        size_t shown = worth_a_line(p, &kids, at.amount.main, depth);
        print_chain(p, &chain, shown == 0 ? kids.count : 0, prefix, depth);
        if (shown > 0) failed = print_children(p, &at, &kids, shown, prefix, depth, f);
    }
    chain_release(&chain);
    an_branches_release(&kids);
    an_branches_release(&owner);
    return failed ? -1 : 0;
}

int ex_branch_print(struct ex_branch_printer *p, const struct an_branch *b, struct failure *f) {
    if (print_line(p, b, "", "") != 0 || print_details(p, b, "") != 0 ||
        print_below(p, b, "", 0, f) != 0)
        return failure_set(f, "cannot print the call stacks: out of memory");
    return 0;
}
