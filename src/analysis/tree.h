/* SPDX-License-Identifier: MIT
 * A cost as a tree of functions, from the allocating ones to their callers (bottom-up) or from the
 * outermost ones to those that they call (top-down). Branches are made only when asked for, so that
 * what is not looked at costs nothing.
 *
 * Nouns:
 *   branch   a function at one place of the tree, with the cost of all stacks that pass it there
 *   member   one of those stacks: where it begins (origin) and the row at which it passes (cursor)
 *   site     the innermost row of a stack that is not plumbing; the stack itself when all of it is
 *
 * Equations: the amounts of the roots add up to the amount of the profile, in both directions; a
 * branch's amount is its own (what ends there) plus those of its children.
 *
 * With plumbing given, a stack counts at its site; of consecutive plumbing among its callers only the
 * outermost frame stays, the one that a function of the program called; and the run time's frames
 * outside of main are left out. */
#ifndef HEAPWISE_ANALYSIS_TREE_H
#define HEAPWISE_ANALYSIS_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/stack_tree.h"
#include "base/failure.h"

enum an_direction { AN_BOTTOM_UP, AN_TOP_DOWN };

struct an_tree {
    const struct an_stack_tree *stacks;
    const struct an_frames *frames;
    enum an_direction direction;
    uint8_t *fold;              /* by row: enum fold in tree.c */
    struct an_amount *amounts;  /* by row: its own (bottom-up), or with all below it (top-down) */
    uint32_t *first_tick, *last_tick; /* by row, as the amounts; NULL when the profile has no times */
    uint32_t *first_child, *next_sibling; /* by row, top-down only; 0: none */
    uint32_t *group_of;         /* by function, + 1: scratch while branches are made */
};

struct an_member {
    uint32_t origin, cursor;
};

struct an_branch {
    uint32_t function; /* REC_NONE: the stack is not known */
    uint32_t recursive;
    struct an_amount amount;
    struct an_member *members;
    size_t member_count;
};

/* Sorted by main amount, greatest first. */
struct an_branches {
    struct an_branch *list;
    size_t count;
    struct an_member *members; /* of all of them */
};

/* `plumbing`: by function, from an_plumbing_build, or NULL to see every frame. */
int an_tree_init(struct an_tree *t, const struct an_stack_tree *stacks,
                 const struct an_frames *frames, const struct an_profile *p, enum an_cost cost,
                 enum an_direction direction, const uint8_t *plumbing, struct failure *f);
void an_tree_release(struct an_tree *t);

int an_tree_roots(struct an_tree *t, struct an_branches *out, struct failure *f);
/* The callers (bottom-up) or callees (top-down) of a branch. */
int an_tree_expand(struct an_tree *t, const struct an_branch *b, struct an_branches *out,
                   struct failure *f);
void an_branches_release(struct an_branches *b);

/* The source line of a branch that has most of its cost (0: unknown), and how many others it has. */
uint32_t an_branch_line(const struct an_tree *t, const struct an_branch *b, size_t *others);
/* When the stacks of a branch allocated first and last. 0, or -1 when the profile has no times. */
int an_branch_times(const struct an_tree *t, const struct an_branch *b, uint32_t *first, uint32_t *last);
/* For a root of a folded bottom-up tree: the functions through which it allocates, most costly first;
 * returns how many were written to `out`. */
size_t an_branch_via(const struct an_tree *t, const struct an_branch *b, uint32_t *out, size_t max);

#endif
