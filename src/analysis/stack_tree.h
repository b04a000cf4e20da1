/* SPDX-License-Identifier: MIT
 * The call stacks of a profile merged by their source-level frames into one tree, outermost frame
 * first, with inlined frames as levels of their own.
 *
 * A row is a path of frames from the root. Rows of different code addresses that show the same frames
 * are one row. Invariants: row 0 is the root, which has no frame; a row's parent has a smaller index.
 *
 * Frames of functions that an_frames hides have no rows; a stack without any other frame is row 0.
 *
 * With AN_RECURSION_COLLAPSE a function stands at most once on a path: where it is entered again, the
 * path goes back to its first entry, and on from the new line; so a stack main > value > array >
 * value > string becomes main > value > string. Such rows are marked `recursive`. */
#ifndef HEAPWISE_ANALYSIS_STACK_TREE_H
#define HEAPWISE_ANALYSIS_STACK_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/frames.h"
#include "analysis/profile.h"
#include "base/failure.h"

enum an_recursion { AN_RECURSION_KEEP, AN_RECURSION_COLLAPSE };

struct an_row {
    uint32_t parent;
    uint32_t frame;    /* index into an_frames.frames; REC_NONE for the root */
    uint32_t function; /* of that frame */
    uint32_t recursive;
};

struct an_stack_tree {
    struct an_row *rows;
    size_t row_count, row_capacity;
    uint32_t *row_of; /* by entry of the profile */
};

int an_stack_tree_build(struct an_stack_tree *t, struct rec_file *r, const struct an_frames *frames,
                        const struct an_profile *p, enum an_recursion recursion, struct failure *f);
void an_stack_tree_release(struct an_stack_tree *t);

#endif
