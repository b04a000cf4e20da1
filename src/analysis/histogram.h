/* SPDX-License-Identifier: MIT
 * How large the blocks of a question are and how long they live. */
#ifndef HEAPWISE_ANALYSIS_HISTOGRAM_H
#define HEAPWISE_ANALYSIS_HISTOGRAM_H

#include "analysis/question.h"

/* Of the blocks born in the range that pass: every block stands once in `sizes`, and once in
 * `lifetimes` or `never`. Bucket b counts values with b binary digits: 0, 1, 2-3, 4-7, …; lifetimes
 * are in ticks (so bucket 0 is less than a millisecond), and the whole recording is looked at for
 * the end of a block. */
struct an_histogram {
    struct rec_histogram sizes, lifetimes;
    uint64_t never_count, never_bytes; /* blocks that never end */
};

/* The least and the greatest value of a bucket. */
uint64_t an_bucket_min(unsigned bucket);
uint64_t an_bucket_max(unsigned bucket);

/* Decodes all events from the start of the range on. */
int an_histogram_ask(struct an_histogram *out, struct rec_file *r, const struct an_question *q,
                     struct an_frames *frames, struct failure *f);

#endif
