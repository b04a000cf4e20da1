/* SPDX-License-Identifier: MIT
 * How many bytes of which call stacks were alive at moments all along a range: for sparklines,
 * stacked areas, and for telling what grows.
 *
 * Nouns:
 *   group   some call stacks that are counted together: each node for itself, or, say, those of a
 *           function or of a row of a stack tree
 *   point   a moment; all points lie at equal distances, the first at the start of the range and
 * the last at its end rest    groups that never held so much that they count one by one
 *
 * Equation: at every point the bytes of all groups and of the rest are what was alive of the blocks
 * that pass, however old. */
#ifndef HEAPWISE_ANALYSIS_HISTORY_H
#define HEAPWISE_ANALYSIS_HISTORY_H

#include "analysis/question.h"

#define AN_HISTORY_POINTS_MAX 4096

struct an_history_wish {
    size_t points;            /* at least 2 */
    const uint32_t *group_of; /* by node: its group, < group_count. NULL: a node is a group */
    size_t group_count;
    uint64_t least_bytes; /* a group that has less at every point counts to the rest */
};

struct an_history {
    size_t point_count, group_count;
    uint64_t *ticks;  /* by point: the state before the events of this tick */
    uint32_t *groups; /* ascending */
    uint64_t *bytes;  /* bytes[i * point_count + p]: of groups[i] at point p */
    uint64_t *rest;   /* by point */
};

/* The question's range says where the points lie; its filters and bounds which blocks count.
 * Decodes all events up to the end of the range. */
int an_history_ask(struct an_history *out, struct rec_file *r, const struct an_question *q,
                   const struct an_history_wish *wish, struct an_frames *frames, struct failure *f);
void an_history_release(struct an_history *h);

#endif
