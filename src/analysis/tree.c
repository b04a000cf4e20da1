/* SPDX-License-Identifier: MIT
 * Makes the branches of a tree as they are asked for. See tree.h. */
#include "analysis/tree.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/plumbing.h"

enum fold {
    FOLD_NOT = 0,
    FOLD_INNER = 1, /* plumbing: folded when it is the innermost part of a stack */
    FOLD_OUTER = 2, /* the run time, with nothing else outside of it */
};

static int out_of_memory(struct failure *f) {
    return failure_set(f, "cannot build the tree of call stacks: out of memory");
}

/* The start code of a stripped program has no name; it is known by calling the C library's. */
static int is_nameless_start(const struct an_tree *t, uint32_t row, uint32_t callee) {
    const struct an_row *rows = t->stacks->rows;
    const char *name = t->frames->functions[rows[callee].function].name;
    return row != 0 && rows[row].parent == 0 &&
           t->frames->functions[rows[row].function].name == NULL && name != NULL &&
           strncmp(name, "__libc_start_", 13) == 0;
}

static void classify(struct an_tree *t, const uint8_t *plumbing) {
    const struct an_row *rows = t->stacks->rows;
    t->fold[0] = FOLD_OUTER; /* not FOLD_INNER: a stack's outermost frame is never hidden as such */
    for (size_t i = 1; i < t->stacks->row_count; i++) {
        uint8_t kind = plumbing[rows[i].function];
        if (is_nameless_start(t, rows[i].parent, (uint32_t)i))
            t->fold[rows[i].parent] = FOLD_INNER | FOLD_OUTER;
        int outer = kind == AN_PLUMBING_RUNTIME && (t->fold[rows[i].parent] & FOLD_OUTER) != 0;
        t->fold[i] = (uint8_t)((kind != AN_PLUMBING_NONE ? FOLD_INNER : 0) | (outer ? FOLD_OUTER : 0));
    }
}

/* The row at which a stack that ends in `row` counts. */
static uint32_t site(const struct an_tree *t, uint32_t row) {
    if (t->fold == NULL) return row;
    for (uint32_t at = row; at != 0; at = t->stacks->rows[at].parent)
        if (t->fold[at] == FOLD_NOT) return at;
    return row;
}

static void link_children(struct an_tree *t) {
    for (size_t i = t->stacks->row_count; i-- > 1;) {
        uint32_t parent = t->stacks->rows[i].parent;
        t->next_sibling[i] = t->first_child[parent];
        t->first_child[parent] = (uint32_t)i;
    }
}

static void note_times(struct an_tree *t, uint32_t row, uint32_t first, uint32_t last) {
    if (first < t->first_tick[row]) t->first_tick[row] = first;
    if (last > t->last_tick[row]) t->last_tick[row] = last;
}

static int prepare_top_down(struct an_tree *t, struct failure *f) {
    size_t rows = t->stacks->row_count;
    t->first_child = calloc(rows, sizeof *t->first_child);
    t->next_sibling = calloc(rows, sizeof *t->next_sibling);
    if (t->first_child == NULL || t->next_sibling == NULL) return out_of_memory(f);
    link_children(t);
    for (size_t i = rows; i-- > 1;) {
        uint32_t parent = t->stacks->rows[i].parent;
        if (parent == 0) continue;
        t->amounts[parent] = an_amount_add(t->amounts[parent], t->amounts[i]);
        if (t->first_tick != NULL) note_times(t, parent, t->first_tick[i], t->last_tick[i]);
    }
    return 0;
}

static int prepare_times(struct an_tree *t, struct failure *f) {
    size_t rows = t->stacks->row_count;
    t->first_tick = malloc(rows * sizeof *t->first_tick);
    t->last_tick = calloc(rows, sizeof *t->last_tick);
    if (t->first_tick == NULL || t->last_tick == NULL) return out_of_memory(f);
    for (size_t i = 0; i < rows; i++) t->first_tick[i] = AN_NO_TICK;
    return 0;
}

int an_tree_init(struct an_tree *t, const struct an_stack_tree *stacks,
                 const struct an_frames *frames, const struct an_profile *p, enum an_cost cost,
                 enum an_direction direction, const uint8_t *plumbing, struct failure *f) {
    memset(t, 0, sizeof *t);
    t->stacks = stacks;
    t->frames = frames;
    t->direction = direction;
    t->amounts = calloc(stacks->row_count, sizeof *t->amounts);
    t->group_of = calloc(frames->function_count + 1, sizeof *t->group_of);
    if (plumbing != NULL) t->fold = malloc(stacks->row_count);
    int failed = p->sum.first_tick <= p->sum.last_tick ? prepare_times(t, f) : 0;
    if (t->amounts == NULL || t->group_of == NULL || (plumbing != NULL && t->fold == NULL))
        failed = out_of_memory(f);
    if (!failed && plumbing != NULL) classify(t, plumbing);
    for (size_t i = 0; !failed && i < p->count; i++) {
        uint32_t row = stacks->row_of[i];
        if (direction == AN_TOP_DOWN) row = site(t, row);
        t->amounts[row] = an_amount_add(t->amounts[row], an_cost_of(&p->entries[i], cost));
        if (t->first_tick != NULL) note_times(t, row, p->entries[i].first_tick, p->entries[i].last_tick);
    }
    if (!failed && direction == AN_TOP_DOWN) failed = prepare_top_down(t, f);
    if (failed) an_tree_release(t);
    return failed ? -1 : 0;
}

void an_tree_release(struct an_tree *t) {
    free(t->fold);
    free(t->amounts);
    free(t->first_tick);
    free(t->last_tick);
    free(t->first_child);
    free(t->next_sibling);
    free(t->group_of);
    memset(t, 0, sizeof *t);
}

void an_branches_release(struct an_branches *b) {
    free(b->list);
    free(b->members);
    memset(b, 0, sizeof *b);
}

static struct an_amount amount_of(const struct an_tree *t, struct an_member m) {
    return t->amounts[t->direction == AN_BOTTOM_UP ? m.origin : m.cursor];
}

static int by_amount(const void *a, const void *b) {
    const struct an_branch *x = a, *y = b;
    if (x->amount.main != y->amount.main) return x->amount.main < y->amount.main ? 1 : -1;
    if (x->amount.second != y->amount.second) return x->amount.second < y->amount.second ? 1 : -1;
    return (x->function > y->function) - (x->function < y->function);
}

static size_t group_slot(const struct an_tree *t, uint32_t row) {
    uint32_t function = t->stacks->rows[row].function;
    return function == REC_NONE ? t->frames->function_count : function;
}

/* Divides members, which it takes over, into branches by the function at their cursors. */
static int divide(struct an_tree *t, struct an_member *members, size_t count,
                  struct an_branches *out, struct failure *f) {
    size_t groups = 0;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < count; i++) {
        uint32_t *group = &t->group_of[group_slot(t, members[i].cursor)];
        if (*group == 0) *group = (uint32_t)++groups;
    }
    out->list = calloc(groups + 1, sizeof *out->list);
    out->members = malloc((count + 1) * sizeof *out->members);
    if (out->list == NULL || out->members == NULL) {
        for (size_t i = 0; i < count; i++) t->group_of[group_slot(t, members[i].cursor)] = 0;
        free(members);
        an_branches_release(out);
        return out_of_memory(f);
    }
    out->count = groups;
    for (size_t i = 0; i < count; i++) {
        struct an_branch *b = &out->list[t->group_of[group_slot(t, members[i].cursor)] - 1];
        const struct an_row *row = &t->stacks->rows[members[i].cursor];
        b->function = row->function;
        b->recursive |= row->recursive;
        b->amount = an_amount_add(b->amount, amount_of(t, members[i]));
        b->member_count++;
    }
    struct an_member *place = out->members;
    for (size_t g = 0; g < groups; g++) {
        out->list[g].members = place;
        place += out->list[g].member_count;
        out->list[g].member_count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct an_branch *b = &out->list[t->group_of[group_slot(t, members[i].cursor)] - 1];
        b->members[b->member_count++] = members[i];
    }
    for (size_t i = 0; i < count; i++) t->group_of[group_slot(t, members[i].cursor)] = 0;
    free(members);
    if (groups > 0) qsort(out->list, groups, sizeof *out->list, by_amount);
    return 0;
}

/* A growing list of members. */
struct members {
    struct an_member *list;
    size_t count, capacity;
    int failed;
};

static void add_member(struct members *m, uint32_t origin, uint32_t cursor) {
    if (m->count == m->capacity) {
        size_t capacity = m->capacity ? m->capacity * 2 : 64;
        struct an_member *grown = realloc(m->list, capacity * sizeof *grown);
        if (grown == NULL) {
            m->failed = 1;
            return;
        }
        m->list = grown;
        m->capacity = capacity;
    }
    m->list[m->count++] = (struct an_member){origin, cursor};
}

static int divide_members(struct an_tree *t, struct members *m, struct an_branches *out,
                          struct failure *f) {
    if (!m->failed) return divide(t, m->list, m->count, out, f);
    free(m->list);
    memset(out, 0, sizeof *out);
    return out_of_memory(f);
}

static int is_nothing(struct an_amount a) {
    return a.main == 0;
}

/* Whether a row is left out among the callers and callees that a person sees. */
static int is_hidden(const struct an_tree *t, uint32_t row) {
    if (t->fold == NULL || t->fold[row] == FOLD_NOT) return 0;
    if ((t->fold[row] & FOLD_OUTER) != 0) return 1;
    return (t->fold[t->stacks->rows[row].parent] & FOLD_INNER) != 0;
}

/* The callees of a row; those of a hidden callee take its place, when it has no cost of its own. */
static void add_callees(const struct an_tree *t, uint32_t row, struct members *m) {
    for (uint32_t c = t->first_child[row]; c != 0; c = t->next_sibling[c]) {
        if (is_nothing(t->amounts[c])) continue;
        uint64_t below = 0;
        for (uint32_t g = t->first_child[c]; g != 0; g = t->next_sibling[g])
            below += t->amounts[g].main;
        if (is_hidden(t, c) && below == t->amounts[c].main)
            add_callees(t, c, m);
        else
            add_member(m, c, c);
    }
}

int an_tree_roots(struct an_tree *t, struct an_branches *out, struct failure *f) {
    struct members m = {0};
    if (t->direction == AN_TOP_DOWN) {
        add_callees(t, 0, &m);
        if (!is_nothing(t->amounts[0])) add_member(&m, 0, 0); /* the stack is not known */
    } else {
        for (size_t row = 0; row < t->stacks->row_count; row++)
            if (!is_nothing(t->amounts[row]))
                add_member(&m, (uint32_t)row, site(t, (uint32_t)row));
    }
    return divide_members(t, &m, out, f);
}

int an_tree_expand(struct an_tree *t, const struct an_branch *b, struct an_branches *out,
                   struct failure *f) {
    struct members m = {0};
    for (size_t i = 0; i < b->member_count; i++) {
        uint32_t cursor = b->members[i].cursor;
        if (t->direction == AN_TOP_DOWN) {
            if (cursor != 0) add_callees(t, cursor, &m);
            continue;
        }
        uint32_t caller = t->stacks->rows[cursor].parent;
        while (caller != 0 && is_hidden(t, caller)) caller = t->stacks->rows[caller].parent;
        if (caller != 0) add_member(&m, b->members[i].origin, caller);
    }
    return divide_members(t, &m, out, f);
}

/* Tallies the cost of a few keys; those that find no room are counted as others. */
struct tally {
    struct {
        uint32_t key;
        uint64_t cost;
    } list[32];
    size_t count, others;
};

static void tally_add(struct tally *t, uint32_t key, uint64_t cost) {
    size_t i = 0;
    while (i < t->count && t->list[i].key != key) i++;
    if (i == sizeof t->list / sizeof t->list[0]) {
        t->others++;
        return;
    }
    if (i == t->count) {
        t->list[t->count].key = key;
        t->list[t->count++].cost = 0;
    }
    t->list[i].cost += cost;
}

/* Moves the most costly of the keys from `from` on to that place. */
static void tally_pick(struct tally *t, size_t from) {
    size_t best = from;
    for (size_t i = from + 1; i < t->count; i++)
        if (t->list[i].cost > t->list[best].cost) best = i;
    __typeof__(t->list[0]) picked = t->list[best];
    t->list[best] = t->list[from];
    t->list[from] = picked;
}

uint32_t an_branch_line(const struct an_tree *t, const struct an_branch *b, size_t *others) {
    struct tally tally = {.count = 0};
    for (size_t i = 0; i < b->member_count; i++) {
        uint32_t frame = t->stacks->rows[b->members[i].cursor].frame;
        if (frame != REC_NONE)
            tally_add(&tally, t->frames->frames[frame].line, amount_of(t, b->members[i]).main);
    }
    *others = 0;
    if (tally.count == 0) return 0;
    tally_pick(&tally, 0);
    *others = tally.count - 1 + tally.others;
    return tally.list[0].key;
}

size_t an_branch_via(const struct an_tree *t, const struct an_branch *b, uint32_t *out, size_t max) {
    struct tally tally = {.count = 0};
    for (size_t i = 0; i < b->member_count; i++) {
        uint32_t at = b->members[i].origin;
        if (at == b->members[i].cursor) continue;
        while (t->stacks->rows[at].parent != b->members[i].cursor) at = t->stacks->rows[at].parent;
        tally_add(&tally, t->stacks->rows[at].function, amount_of(t, b->members[i]).main);
    }
    size_t made = 0;
    for (; made < max && made < tally.count; made++) {
        tally_pick(&tally, made);
        out[made] = tally.list[made].key;
    }
    return made;
}

int an_branch_times(const struct an_tree *t, const struct an_branch *b, uint32_t *first, uint32_t *last) {
    *first = AN_NO_TICK;
    *last = 0;
    if (t->first_tick == NULL) return -1;
    for (size_t i = 0; i < b->member_count; i++) {
        const struct an_member *m = &b->members[i];
        uint32_t row = t->direction == AN_BOTTOM_UP ? m->origin : m->cursor;
        if (t->first_tick[row] < *first) *first = t->first_tick[row];
        if (t->last_tick[row] > *last) *last = t->last_tick[row];
    }
    return *first <= *last ? 0 : -1;
}
