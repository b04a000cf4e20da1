/* SPDX-License-Identifier: MIT
 * Merges nodes by their frames. See stack_tree.h.
 *
 * Nodes are gone through once, parents before children, so that a node's row is found from its
 * parent's row by one step for each of its frames. */
#include "analysis/stack_tree.h"

#include <stdlib.h>
#include <string.h>

#define NO_ROW UINT32_MAX

struct build {
    struct an_stack_tree *t;
    const struct an_frames *frames;
    enum an_recursion recursion;
    uint32_t *slots; /* (parent, frame) -> row + 1, open addressing */
    size_t mask;
    uint64_t *functions_above; /* by row: a bit for each function on the path, by its low bits */
};

static size_t hash_step(uint32_t parent, uint32_t frame) {
    uint64_t h = ((uint64_t)parent << 32 | frame) * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ (h >> 31));
}

static int grow_slots(struct build *b) {
    size_t size = b->slots == NULL ? 8192 : (b->mask + 1) * 2;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t row = 1; row < b->t->row_count; row++) {
        size_t at = hash_step(b->t->rows[row].parent, b->t->rows[row].frame) & (size - 1);
        while (slots[at] != 0) at = (at + 1) & (size - 1);
        slots[at] = (uint32_t)row + 1;
    }
    free(b->slots);
    b->slots = slots;
    b->mask = size - 1;
    return 0;
}

static int grow_rows(struct build *b) {
    struct an_stack_tree *t = b->t;
    size_t capacity = t->row_capacity ? t->row_capacity + t->row_capacity / 2 : 4096;
    struct an_row *rows = realloc(t->rows, capacity * sizeof *rows);
    if (rows == NULL) return -1;
    t->rows = rows;
    t->row_capacity = capacity;
    if (b->recursion == AN_RECURSION_KEEP) return 0;
    uint64_t *above = realloc(b->functions_above, capacity * sizeof *above);
    if (above == NULL) return -1;
    b->functions_above = above;
    return 0;
}

static uint32_t new_row(struct build *b, uint32_t parent, uint32_t frame, uint32_t function) {
    struct an_stack_tree *t = b->t;
    if (t->row_count == t->row_capacity && grow_rows(b) != 0) return NO_ROW;
    uint32_t row = (uint32_t)t->row_count++;
    t->rows[row] = (struct an_row){.parent = parent, .frame = frame, .function = function};
    if (b->recursion == AN_RECURSION_COLLAPSE)
        b->functions_above[row] =
            row == 0 ? 0 : b->functions_above[parent] | 1ull << (function & 63);
    return row;
}

/* The row of `frame` below `parent`. */
static uint32_t child(struct build *b, uint32_t parent, uint32_t frame, uint32_t function) {
    if (b->t->row_count * 2 > b->mask && grow_slots(b) != 0) return NO_ROW;
    size_t at = hash_step(parent, frame) & b->mask;
    for (; b->slots[at] != 0; at = (at + 1) & b->mask) {
        const struct an_row *own = &b->t->rows[b->slots[at] - 1];
        if (own->parent == parent && own->frame == frame) return b->slots[at] - 1;
    }
    uint32_t row = new_row(b, parent, frame, function);
    if (row != NO_ROW) b->slots[at] = row + 1;
    return row;
}

/* The row on the path to `row` that is of `function`, or NO_ROW. */
static uint32_t entered_before(const struct build *b, uint32_t row, uint32_t function) {
    uint64_t bit = 1ull << (function & 63);
    for (; row != 0 && (b->functions_above[row] & bit) != 0; row = b->t->rows[row].parent)
        if (b->t->rows[row].function == function) return row;
    return NO_ROW;
}

static uint32_t step(struct build *b, uint32_t row, uint32_t frame) {
    uint32_t function = b->frames->frames[frame].function;
    if (b->frames->hidden != NULL && b->frames->hidden[function]) return row;
    if (b->recursion == AN_RECURSION_KEEP) return child(b, row, frame, function);
    uint32_t before = entered_before(b, row, function);
    if (before == NO_ROW) return child(b, row, frame, function);
    uint32_t again = child(b, b->t->rows[before].parent, frame, function);
    if (again != NO_ROW) b->t->rows[again].recursive = 1;
    return again;
}

/* The nodes that some entry needs: a bit for each. */
static uint8_t *mark_needed(const struct rec_node *nodes, size_t node_count,
                            const struct an_profile *p) {
    uint8_t *needed = calloc(node_count / 8 + 1, 1);
    if (needed == NULL) return NULL;
    for (size_t i = 0; i < p->count; i++) {
        uint32_t n = p->entries[i].node;
        while (n != 0 && n < node_count && (needed[n / 8] >> (n % 8) & 1) == 0) {
            needed[n / 8] |= (uint8_t)(1 << (n % 8));
            if (nodes[n].parent >= n) break;
            n = nodes[n].parent;
        }
    }
    return needed;
}

static int build(struct build *b, struct rec_file *r, const struct an_profile *p,
                 uint32_t **row_of_node, uint8_t **needed, struct failure *f) {
    size_t node_count;
    const struct rec_node *nodes = rec_nodes(r, &node_count, f);
    if (nodes == NULL) return -1;
    *needed = mark_needed(nodes, node_count, p);
    *row_of_node = calloc(node_count + 1, sizeof **row_of_node);
    b->t->row_of = malloc((p->count + 1) * sizeof *b->t->row_of);
    if (*needed == NULL || *row_of_node == NULL || b->t->row_of == NULL || grow_slots(b) != 0 ||
        new_row(b, 0, REC_NONE, REC_NONE) == NO_ROW)
        return failure_set(f, "cannot merge %zu call stacks: out of memory", p->count);
    for (size_t n = 1; n < node_count; n++) {
        if ((((*needed)[n / 8] >> (n % 8)) & 1) == 0) continue;
        if (nodes[n].parent >= n || nodes[n].address >= b->frames->address_count)
            return failure_set(f, "the recording's call stack %zu cannot be true; "
                                  "`heapwise fsck` tells what is damaged", n);
        uint32_t row = (*row_of_node)[nodes[n].parent];
        size_t count;
        const uint32_t *ids = an_frames_of(b->frames, nodes[n].address, &count);
        while (count > 0 && row != NO_ROW) row = step(b, row, ids[--count]);
        if (row == NO_ROW)
            return failure_set(f, "cannot merge %zu call stacks: out of memory", p->count);
        (*row_of_node)[n] = row;
    }
    for (size_t i = 0; i < p->count; i++) {
        uint32_t n = p->entries[i].node;
        b->t->row_of[i] = n < node_count ? (*row_of_node)[n] : 0;
    }
    return 0;
}

int an_stack_tree_build(struct an_stack_tree *t, struct rec_file *r, const struct an_frames *frames,
                        const struct an_profile *p, enum an_recursion recursion,
                        struct failure *f) {
    memset(t, 0, sizeof *t);
    struct build b = {.t = t, .frames = frames, .recursion = recursion};
    uint32_t *row_of_node = NULL;
    uint8_t *needed = NULL;
    int failed = build(&b, r, p, &row_of_node, &needed, f);
    free(row_of_node);
    free(needed);
    free(b.slots);
    free(b.functions_above);
    if (failed) an_stack_tree_release(t);
    return failed ? -1 : 0;
}

void an_stack_tree_release(struct an_stack_tree *t) {
    free(t->rows);
    free(t->row_of);
    memset(t, 0, sizeof *t);
}
