/* SPDX-License-Identifier: MIT
 * Applies filters to a profile: a bit for each filter that matches a function, then those of its
 * addresses' frames, then those of a stack's nodes. See filter.h. */
#include "analysis/filter.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"

int an_filter_init(struct an_filter *x, enum an_filter_subject subject, const char *pattern,
                   struct failure *f) {
    x->subject = subject;
    x->negated = pattern[0] == '!';
    const char *expression = pattern + x->negated;
    if (expression[0] == '\0') return failure_set(f, "the expression '%s' is empty", pattern);
    int error = regcomp(&x->regex, expression, REG_EXTENDED | REG_NOSUB);
    if (error == 0) return 0;
    char why[200];
    regerror(error, &x->regex, why, sizeof why);
    return failure_set(f, "'%s' is not a POSIX extended regular expression: %s", expression, why);
}

void an_filter_release(struct an_filter *x) {
    regfree(&x->regex);
}

static int matches(const struct an_filter *x, const char *text) {
    return text != NULL && regexec(&x->regex, text, 0, NULL, 0) == 0;
}

static int match_function(const struct an_filter *x, struct an_frames *t, uint32_t function) {
    const struct an_function *n = &t->functions[function];
    switch (x->subject) {
    case AN_FILTER_FUNCTION:
        return matches(x, an_name_full(t, function));
    case AN_FILTER_FILE:
        return matches(x, n->file);
    case AN_FILTER_MODULE:
        return matches(x, an_name_module(t, n->module));
    case AN_FILTER_ANY:
        return matches(x, an_name_full(t, function)) || matches(x, n->file) ||
               matches(x, an_name_module(t, n->module));
    }
    return 0;
}

uint8_t *an_filter_functions(const struct an_filter *x, struct an_frames *frames) {
    uint8_t *matched = calloc(frames->function_count + 1, 1);
    for (size_t i = 0; matched != NULL && i < frames->function_count; i++)
        matched[i] = (uint8_t)match_function(x, frames, (uint32_t)i);
    return matched;
}

int an_filter_hide(struct an_frames *frames, const struct an_filter *x, enum an_hiding hiding,
                   struct failure *f) {
    if (frames->hidden == NULL) frames->hidden = calloc(frames->function_count + 1, 1);
    uint8_t *matched = an_filter_functions(x, frames);
    if (frames->hidden == NULL || matched == NULL) {
        free(matched);
        return failure_set(f, "cannot hide frames: out of memory");
    }
    for (size_t i = 0; i < frames->function_count; i++)
        if (matched[i] == (hiding == AN_HIDE_MATCHES)) frames->hidden[i] = 1;
    free(matched);
    return 0;
}

static uint32_t match_function_all(struct an_frames *t, uint32_t function,
                                   const struct an_filter *filters, size_t count) {
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++)
        if (match_function(&filters[i], t, function)) bits |= 1u << i;
    return bits;
}

/* The bits of every node: which filters match some frame of its stack. */
static uint32_t *match_nodes(struct rec_file *r, struct an_frames *t,
                             const struct an_filter *filters, size_t filter_count,
                             struct failure *f) {
    size_t node_count;
    const struct rec_node *nodes = rec_nodes(r, &node_count, f);
    if (nodes == NULL) return NULL;
    uint32_t *by_function = malloc((t->function_count + 1) * sizeof *by_function);
    uint32_t *by_node = calloc(node_count + 1, sizeof *by_node);
    if (by_function == NULL || by_node == NULL) {
        failure_set(f, "cannot apply the filters: out of memory");
        free(by_function);
        free(by_node);
        return NULL;
    }
    for (size_t i = 0; i < t->function_count; i++)
        by_function[i] = match_function_all(t, (uint32_t)i, filters, filter_count);
    for (size_t i = 1; i < node_count; i++) {
        uint32_t bits = nodes[i].parent < i ? by_node[nodes[i].parent] : 0;
        if (nodes[i].address < t->address_count) {
            size_t count;
            const uint32_t *ids = an_frames_of(t, nodes[i].address, &count);
            for (size_t k = 0; k < count; k++)
                bits |= by_function[t->frames[ids[k]].function];
        }
        by_node[i] = bits;
    }
    free(by_function);
    return by_node;
}

uint8_t *an_filter_nodes(struct rec_file *r, struct an_frames *frames,
                         const struct an_filter *filters, size_t count, struct failure *f) {
    uint32_t must = 0, must_not = 0;
    for (size_t i = 0; i < count; i++)
        *(filters[i].negated ? &must_not : &must) |= 1u << i;
    size_t node_count;
    uint32_t *bits = match_nodes(r, frames, filters, count, f);
    if (bits == NULL || rec_nodes(r, &node_count, f) == NULL) return NULL;
    uint8_t *pass = malloc(node_count + 1);
    if (pass == NULL) failure_set(f, "cannot apply the filters: out of memory");
    for (size_t i = 0; pass != NULL && i < node_count; i++)
        pass[i] = (bits[i] & must) == must && (bits[i] & must_not) == 0;
    free(bits);
    return pass;
}

int an_filter_nodes_leaked(uint8_t *pass, size_t node_count, struct rec_file *r,
                           struct failure *f) {
    size_t count = 0;
    const struct rec_node_totals *totals = rec_node_totals(r, &count, f);
    if (totals == NULL && rec_totals(r)->allocations > 0) return -1;
    for (size_t i = 0; i < count; i++)
        if (totals[i].node < node_count &&
            (totals[i].allocations == 0 || totals[i].allocations > totals[i].live_blocks))
            pass[totals[i].node] = 0;
    return 0;
}

void an_filter_profile(struct an_profile *p, const uint8_t *pass) {
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (pass[p->entries[i].node]) p->entries[kept++] = p->entries[i];
    p->count = kept;
    an_profile_sum(p);
}
