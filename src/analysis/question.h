/* SPDX-License-Identifier: MIT
 * A question asked of a recording: which time, which threads, which stacks. Every view and command
 * asks here.
 *
 * What the costs mean in a range [from, to) of ticks:
 *   allocated, calls, failed   events of the range
 *   temporary                  blocks whose end lies in the range and which were temporary
 *   leaked                     blocks that were allocated in the range and are alive at its end
 *   peak                       the most bytes alive at any moment from the start of the range to its
 *                              end, and each stack's share at that very moment; blocks older than the
 *                              range count
 * With threads: the part of each of these that was allocated by one of the threads; for the peak, the
 * threads' part of what the whole process held at its peak within the range. So the answers of all
 * threads add up to the answer of the process.
 *
 * With filters: only stacks that pass all of them. A filter looks at every source-level frame of a
 * stack; it passes a stack when one matches, or, negated, when none does. */
#ifndef HEAPWISE_ANALYSIS_QUESTION_H
#define HEAPWISE_ANALYSIS_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/filter.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "base/failure.h"
#include "recording/reader.h"

#define AN_END UINT64_MAX

struct an_question {
    uint64_t from_tick;            /* 0: from the start */
    uint64_t to_tick;              /* 0 or AN_END: to the end */
    const uint8_t *threads;        /* NULL: all; else threads[i] is 1 when thread i is asked about */
    const struct an_filter *filters;
    size_t filter_count;
    /* Called now and then while events are read about threads; NULL: never. */
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
};

/* Answers. `frames` is needed for filters only and may be NULL without them. A question about the
 * whole recording costs no more than its table of node totals; one about a range decodes the events
 * from the nearest snapshot to its two ends, and around its peak; one about threads decodes all events
 * up to the end of its range. */
int an_ask(struct an_profile *out, struct rec_file *r, const struct an_question *q,
           struct an_frames *frames, struct failure *f);

/* The passes, each in its own file; they leave filters to an_ask. */
int an_answer_whole(struct an_profile *out, struct rec_file *r, struct failure *f);
int an_answer_range(struct an_profile *out, struct rec_file *r, uint64_t from, uint64_t to,
                    struct failure *f);
int an_answer_threads(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                      struct failure *f);

#endif
