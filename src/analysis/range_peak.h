/* SPDX-License-Identifier: MIT
 * When the most bytes were alive within a range, and which blocks or nodes held them. */
#ifndef HEAPWISE_ANALYSIS_RANGE_PEAK_H
#define HEAPWISE_ANALYSIS_RANGE_PEAK_H

#include <stdint.h>

#include "analysis/question.h"
#include "analysis/state_replay.h"
#include "base/failure.h"
#include "recording/reader.h"

struct an_range_peak {
    struct an_peak peak;
    struct rec_node_totals *shares; /* peak_* of the nodes that held something, sorted by node */
    size_t share_count;
};

/* All take a settled question, and of it the range alone.
 *
 * `start` is what was alive at the start of the range, with shares, and is the answer when nothing
 * in the range exceeds it; the function takes it over. The timeline tells in which pieces of the
 * range a greater amount can have been alive; those are replayed, most promising first, until no
 * piece that is left can exceed what was found. */
int an_range_peak_find(struct an_range_peak *out, struct rec_file *r, const struct an_question *q,
                       struct an_range_peak start, const struct an_watch *watch, struct failure *f);
/* Only the moment of the most bytes alive from the start of a range to its end. */
int an_range_peak_moment(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                         const struct an_watch *watch, struct failure *f);
/* Whether the peak of the whole process, which the recording knows, lies in the range. */
int an_range_has_peak(const struct rec_file *r, const struct an_question *q);
void an_range_peak_release(struct an_range_peak *p);

#endif
