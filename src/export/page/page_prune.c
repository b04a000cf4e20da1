/* SPDX-License-Identifier: MIT
 * A page with fewer rows, functions and frames. See page_prune in page.h.
 *
 * A row's weight is the greatest part, of any cost, that its stacks and those below it come to; it
 * never grows from a row to its children, so that the rows that stay are a tree. */
#include "export/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"

#define COSTS 5
#define NO_ROW UINT32_MAX

struct prune {
    const struct page *from;
    struct page *to;
    uint64_t *weights;   /* [row * COSTS + cost] */
    uint32_t *new_row;   /* by old row */
    uint32_t *new_frame; /* by old frame, + 1; 0: not used */
    uint32_t *new_function;
    uint32_t pruned_frame;
};

static void weigh(struct prune *x, const struct an_profile *whole) {
    const struct page *p = x->from;
    for (size_t i = 0; i < whole->count; i++) {
        const struct an_costs *c = &whole->entries[i];
        if (c->node >= p->node_count) continue;
        uint64_t *own = &x->weights[(size_t)p->row_of_node[c->node] * COSTS];
        own[0] += c->allocations + c->failed;
        own[1] += c->allocated_bytes;
        own[2] += c->temporary;
        own[3] += c->leaked_bytes;
        own[4] += c->peak_bytes;
    }
    for (size_t row = p->row_count; row-- > 1;)
        for (size_t k = 0; k < COSTS; k++)
            x->weights[p->row_parent[row] * COSTS + k] += x->weights[row * COSTS + k];
}

static int is_kept(const struct prune *x, size_t row, uint32_t least) {
    if (row == 0 || least == 0) return 1;
    for (size_t k = 0; k < COSTS; k++)
        if ((__uint128_t)x->weights[row * COSTS + k] * PAGE_WHOLE >
            (__uint128_t)x->weights[k] * least)
            return 1;
    return 0;
}

static void add_row(struct page *to, uint32_t parent, uint32_t frame) {
    to->row_parent[to->row_count] = parent;
    to->row_frame[to->row_count++] = frame;
}

/* The frame's new number; its function gets one, too. */
static uint32_t keep_frame(struct prune *x, uint32_t frame) {
    struct an_frames *to = &x->to->frames;
    const struct an_frames *from = &x->from->frames;
    if (x->new_frame[frame] != 0) return x->new_frame[frame] - 1;
    uint32_t function = from->frames[frame].function;
    if (x->new_function[function] == 0) {
        to->functions[to->function_count++] = from->functions[function];
        x->new_function[function] = (uint32_t)to->function_count;
        if (from->full_names[function] != NULL)
            to->full_names[to->function_count - 1] = strdup(from->full_names[function]);
    }
    to->frames[to->frame_count] = from->frames[frame];
    to->frames[to->frame_count++].function = x->new_function[function] - 1;
    x->new_frame[frame] = (uint32_t)to->frame_count;
    return (uint32_t)to->frame_count - 1;
}

/* The row that stands for what is pruned below a new row; made when first needed. */
static uint32_t pruned_row(struct prune *x, uint32_t parent, uint32_t *pruned_of) {
    if (pruned_of[parent] == 0) {
        add_row(x->to, parent, x->pruned_frame);
        pruned_of[parent] = (uint32_t)x->to->row_count - 1;
    }
    return pruned_of[parent];
}

static void choose_rows(struct prune *x, uint32_t least, uint32_t *pruned_of) {
    const struct page *p = x->from;
    add_row(x->to, 0, REC_NONE);
    x->new_row[0] = 0;
    for (size_t row = 1; row < p->row_count; row++) {
        uint32_t parent = x->new_row[p->row_parent[row]];
        if (x->to->row_frame[parent] == x->pruned_frame) {
            x->new_row[row] = parent;
        } else if (is_kept(x, row, least)) {
            add_row(x->to, parent, keep_frame(x, p->row_frame[row]));
            x->new_row[row] = (uint32_t)x->to->row_count - 1;
        } else {
            x->new_row[row] = pruned_row(x, parent, pruned_of);
        }
    }
}

/* The pseudo function comes first, so that its frame is known before rows are made. */
static void add_pruned_function(struct prune *x) {
    struct an_frames *to = &x->to->frames;
    to->functions[0] = (struct an_function){.name = "(small call stacks)"};
    to->frames[0] = (struct an_frame){.function = 0};
    to->full_names[0] = strdup("(small call stacks)");
    to->function_count = to->frame_count = 1;
    x->to->pruned_function = 0;
    x->pruned_frame = 0;
}

static int make_room(struct prune *x) {
    const struct page *p = x->from;
    struct page *to = x->to;
    size_t functions = p->frames.function_count + 1, frames = p->frames.frame_count + 1;
    x->weights = calloc(p->row_count * COSTS, sizeof *x->weights);
    x->new_row = malloc(p->row_count * sizeof *x->new_row);
    x->new_frame = calloc(frames, sizeof *x->new_frame);
    x->new_function = calloc(functions, sizeof *x->new_function);
    to->frames.functions = malloc(functions * sizeof *to->frames.functions);
    to->frames.full_names = calloc(functions + 1, sizeof *to->frames.full_names);
    to->frames.frames = malloc(frames * sizeof *to->frames.frames);
    /* A kept row brings at most one more, which stands for at least one that is not kept. */
    to->row_parent = malloc(p->row_count * sizeof *to->row_parent);
    to->row_frame = malloc(p->row_count * sizeof *to->row_frame);
    to->row_of_node = malloc((p->node_count + 1) * sizeof *to->row_of_node);
    if (p->suppressed != NULL)
        to->suppressed = malloc((p->node_count + 1) * sizeof *to->suppressed);
    return (p->suppressed != NULL && to->suppressed == NULL) || x->weights == NULL ||
                   x->new_row == NULL || x->new_frame == NULL || x->new_function == NULL ||
                   to->frames.functions == NULL || to->frames.full_names == NULL ||
                   to->frames.frames == NULL || to->row_parent == NULL || to->row_frame == NULL ||
                   to->row_of_node == NULL
               ? -1
               : 0;
}

int page_prune(struct page *out, const struct page *p, const struct an_profile *whole,
               uint32_t least, struct failure *f) {
    *out = (struct page){.file = p->file,
                         .path = p->path,
                         .node_count = p->node_count,
                         .style = CONTAINER_PACKED,
                         .frames = {.file = p->file}};
    struct prune x = {.from = p, .to = out};
    uint32_t *pruned_of = calloc(p->row_count, sizeof *pruned_of);
    int failed = pruned_of == NULL || make_room(&x) != 0;
    if (!failed) {
        weigh(&x, whole);
        add_pruned_function(&x);
        choose_rows(&x, least, pruned_of);
        for (size_t n = 0; n < p->node_count; n++)
            out->row_of_node[n] = x.new_row[p->row_of_node[n]];
        if (p->suppressed != NULL)
            memcpy(out->suppressed, p->suppressed, p->node_count * sizeof *out->suppressed);
    }
    free(x.weights);
    free(x.new_row);
    free(x.new_frame);
    free(x.new_function);
    free(pruned_of);
    if (!failed) return 0;
    page_release(out);
    return failure_set(f, "cannot choose the call stacks to keep: out of memory");
}
