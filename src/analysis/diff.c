/* SPDX-License-Identifier: MIT
 * Two recordings side by side. See diff.h. */
#include "analysis/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bare_name.h"
#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "analysis/stack_tree.h"

const char *const an_change_names[AN_CHANGES] = {"same", "new", "gone", "grown", "shrunk"};

static int out_of_memory(struct failure *f) {
    return failure_set(f, "cannot compare call stacks: out of memory");
}

static uint64_t hash_stack(uint32_t parent, uint32_t name, uint32_t line) {
    uint64_t h = ((uint64_t)parent << 32 | name) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29) ^ line) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 31);
}

/* The line as far as it tells stacks apart. */
static uint32_t key_line(const struct an_diff *d, uint32_t line) {
    return d->by == AN_DIFF_LINES ? line : 0;
}

static int grow(struct an_diff *d) {
    size_t slot_count = d->slot_count == 0 ? 2048 : d->slot_count * 2;
    struct an_diff_stack *stacks = realloc(d->stacks, slot_count / 2 * sizeof *stacks);
    if (stacks == NULL) return -1;
    d->stacks = stacks;
    d->capacity = slot_count / 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 1; i < d->count; i++) {
        const struct an_diff_stack *x = &stacks[i];
        size_t at = hash_stack(x->parent, x->name, key_line(d, x->line)) & (slot_count - 1);
        while (slots[at] != 0)
            at = (at + 1) & (slot_count - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(d->slots);
    d->slots = slots;
    d->slot_count = slot_count;
    return 0;
}

enum an_diff_names an_diff_names_for(const struct rec_file *before, const struct rec_file *after) {
    const struct rec_source *a = rec_source(before), *b = rec_source(after);
    if (a == NULL && b == NULL) return AN_DIFF_WHOLE_NAMES;
    if (a == NULL || b == NULL) return AN_DIFF_BARE_NAMES;
    return strcmp(a->format, b->format) == 0 ? AN_DIFF_WHOLE_NAMES : AN_DIFF_BARE_NAMES;
}

int an_diff_init(struct an_diff *d, enum an_diff_by by, enum an_diff_names named,
                 struct failure *f) {
    memset(d, 0, sizeof *d);
    d->by = by;
    d->named = named;
    if (grow(d) != 0) {
        an_diff_release(d);
        return out_of_memory(f);
    }
    memset(&d->stacks[0], 0, sizeof d->stacks[0]);
    d->stacks[0].name = REC_NONE;
    for (int side = 0; side < AN_SIDES; side++)
        d->stacks[0].costs[side] = an_costs_none(0);
    d->count = 1;
    return 0;
}

void an_diff_release(struct an_diff *d) {
    free(d->stacks);
    free(d->slots);
    an_text_table_release(&d->names);
    memset(d, 0, sizeof *d);
}

/* The stack of `name` below `parent`; REC_NONE when memory is out. */
static uint32_t child(struct an_diff *d, uint32_t parent, uint32_t name, uint32_t line) {
    if (d->count == d->capacity && grow(d) != 0) return REC_NONE;
    uint32_t key = key_line(d, line);
    size_t at = hash_stack(parent, name, key) & (d->slot_count - 1);
    for (; d->slots[at] != 0; at = (at + 1) & (d->slot_count - 1)) {
        const struct an_diff_stack *x = &d->stacks[d->slots[at] - 1];
        if (x->parent == parent && x->name == name && key_line(d, x->line) == key)
            return d->slots[at] - 1;
    }
    d->stacks[d->count] = (struct an_diff_stack){.parent = parent, .name = name, .line = line};
    for (int side = 0; side < AN_SIDES; side++)
        d->stacks[d->count].costs[side] = an_costs_none(0);
    d->slots[at] = (uint32_t)++d->count;
    return (uint32_t)d->count - 1;
}

/* "[libjq.so]" of /usr/lib/libjq.so.1.0.4 */
static void module_label(char *out, size_t size, const char *module) {
    const char *base = module != NULL ? an_name_base(module) : "code without a file";
    const char *suffix = strstr(base, ".so");
    int length = suffix != NULL ? (int)(suffix + 3 - base) : (int)strlen(base);
    snprintf(out, size, "[%.*s]", length, base);
}

/* One side while it is added. */
struct side {
    struct an_diff *d;
    struct an_frames *frames;
    const uint8_t *plumbing;
    struct an_stack_tree rows;
    uint32_t *stack_of; /* by row */
    uint32_t *name_of;  /* by function; REC_NONE: not asked yet */
};

static uint32_t name_of(struct side *s, uint32_t function) {
    if (s->name_of[function] != REC_NONE) return s->name_of[function];
    const struct an_function *n = &s->frames->functions[function];
    const char *full = an_name_full(s->frames, function);
    char label[300];
    if (full == NULL) {
        if (n->stopped)
            snprintf(label, sizeof label, "(callers that could not be seen)");
        else
            module_label(label, sizeof label, an_name_module(s->frames, n->module));
        full = label;
    }
    char *bare = NULL;
    if (s->d->named == AN_DIFF_BARE_NAMES && n->name != NULL) {
        size_t start, length = an_bare_name(full, &start);
        bare = strndup(full + start, length);
        if (bare == NULL) return UINT32_MAX;
        full = bare;
    }
    s->name_of[function] = an_text_table_number(&s->d->names, full);
    free(bare);
    return s->name_of[function];
}

/* The stack of a row's frame below `parent`. */
static uint32_t step(struct side *s, uint32_t parent, const struct an_row *row) {
    const struct an_function *n = &s->frames->functions[row->function];
    uint32_t name = name_of(s, row->function);
    if (name == UINT32_MAX) return REC_NONE;
    if (n->name == NULL && parent != 0 && s->d->stacks[parent].name == name) return parent;
    uint32_t line = s->frames->frames[row->frame].line;
    uint32_t stack = child(s->d, parent, name, line);
    if (stack == REC_NONE) return REC_NONE;
    struct an_diff_stack *x = &s->d->stacks[stack];
    /* Where it stands is told by the side that is added last: people look at the new source. */
    x->file = n->file;
    x->line = line;
    x->module = an_name_module(s->frames, n->module);
    return stack;
}

static int map_rows(struct side *s) {
    for (size_t i = 1; i < s->rows.row_count; i++) {
        const struct an_row *row = &s->rows.rows[i];
        uint32_t parent = s->stack_of[row->parent];
        s->stack_of[i] =
            s->plumbing[row->function] != AN_PLUMBING_NONE ? parent : step(s, parent, row);
        if (s->stack_of[i] == REC_NONE) return -1;
    }
    return 0;
}

static int add_costs(struct side *s, enum an_side side, const struct an_profile *p) {
    for (size_t i = 0; i < p->count; i++) {
        uint32_t row = s->rows.row_of[i], stack = s->stack_of[row];
        if (stack == 0 && row != 0) {
            stack = step(s, 0, &s->rows.rows[row]); /* plumbing alone */
            if (stack == REC_NONE) return -1;
        }
        an_costs_add(&s->d->stacks[stack].costs[side], &p->entries[i]);
    }
    return 0;
}

int an_diff_add(struct an_diff *d, enum an_side side, struct rec_file *r, struct an_frames *frames,
                const struct an_profile *p, struct failure *f) {
    struct side s = {.d = d, .frames = frames};
    if (an_stack_tree_build(&s.rows, r, frames, p, AN_RECURSION_COLLAPSE, f) != 0) return -1;
    uint8_t *plumbing = an_plumbing_build(frames);
    s.plumbing = plumbing;
    s.stack_of = calloc(s.rows.row_count + 1, sizeof *s.stack_of);
    s.name_of = malloc((frames->function_count + 1) * sizeof *s.name_of);
    int failed = plumbing == NULL || s.stack_of == NULL || s.name_of == NULL;
    if (!failed) {
        memset(s.name_of, 0xff, (frames->function_count + 1) * sizeof *s.name_of);
        failed = map_rows(&s) != 0 || add_costs(&s, side, p) != 0;
    }
    free(plumbing);
    free(s.stack_of);
    free(s.name_of);
    an_stack_tree_release(&s.rows);
    return failed ? out_of_memory(f) : 0;
}

static uint64_t size_of_change(const struct an_diff_entry *e) {
    return e->after > e->before ? e->after - e->before : e->before - e->after;
}

/* Growth before shrinking of the same size. */
static int by_change(const void *a, const void *b) {
    const struct an_diff_entry *x = a, *y = b;
    uint64_t p = size_of_change(x), q = size_of_change(y);
    if (p != q) return p < q ? 1 : -1;
    if ((x->after > x->before) != (y->after > y->before)) return x->after > x->before ? -1 : 1;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

struct an_diff_entry *an_diff_list(const struct an_diff *d, enum an_cost cost, uint64_t least,
                                   size_t *count) {
    struct an_diff_entry *list = malloc((d->count + 1) * sizeof *list);
    *count = 0;
    if (list == NULL) return NULL;
    for (size_t i = 0; i < d->count; i++) {
        struct an_diff_entry e = {.stack = (uint32_t)i,
                                  .before = an_cost_of(&d->stacks[i].costs[AN_BEFORE], cost).main,
                                  .after = an_cost_of(&d->stacks[i].costs[AN_AFTER], cost).main};
        if (e.before != e.after && size_of_change(&e) >= least) list[(*count)++] = e;
    }
    if (*count > 0) qsort(list, *count, sizeof *list, by_change);
    return list;
}
