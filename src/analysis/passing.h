/* SPDX-License-Identifier: MIT
 * Which blocks pass a question, and which span of events must be looked at to tell. See question.h
 * for what passing means. */
#ifndef HEAPWISE_ANALYSIS_PASSING_H
#define HEAPWISE_ANALYSIS_PASSING_H

#include "analysis/lives.h"
#include "analysis/question.h"
#include "analysis/range_peak.h"

static inline int an_bounds_hold(const struct an_bounds *b, uint64_t value) {
    return b == NULL || (value >= b->min && value <= b->max);
}

static inline int an_passes_thread(const struct an_question *q, uint32_t thread) {
    return q->threads == NULL || q->threads[thread];
}

/* Of a life that was seen in the span of an_passing_span. */
static inline int an_passes_bounds(const struct an_question *q, const struct an_life *l) {
    if (!an_bounds_hold(q->size, l->size)) return 0;
    if (q->lifetime == NULL) return 1;
    if (l->flags & AN_LIFE_FOR_EVER) return q->lifetime->max == AN_NO_BOUND;
    /* What is older than the span, or ends after it, lived longer than any bound can be met by. */
    if ((l->flags & AN_LIFE_OLDER) || !(l->flags & AN_LIFE_ENDED))
        return q->lifetime->max == AN_NO_BOUND;
    return an_bounds_hold(q->lifetime, l->end_tick - l->birth_tick);
}

static inline int an_has_bounds(const struct an_question *q) {
    return q->size != NULL || q->lifetime != NULL;
}

/* Whether a block's size, lifetime or thread decides, so that every block must be looked at. */
static inline int an_asks_of_blocks(const struct an_question *q) {
    return q->threads != NULL || an_has_bounds(q);
}

/* The span in which every block that is alive at some moment from `first` to `last` is seen for
 * long enough to tell whether it passes. */
struct an_lives_span an_passing_span(const struct an_question *q, uint64_t first, uint64_t last);

/* The moment of the most bytes alive in the question's range. */
int an_passing_peak(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                    struct failure *f);

#endif
