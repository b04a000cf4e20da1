/* SPDX-License-Identifier: MIT
 * What each thread's blocks came to. */
#ifndef HEAPWISE_ANALYSIS_THREAD_TABLE_H
#define HEAPWISE_ANALYSIS_THREAD_TABLE_H

#include "analysis/question.h"

struct an_thread_row {
    struct an_costs costs;              /* of the blocks that it allocated; `node` means nothing */
    uint64_t ended_blocks, ended_bytes; /* that it freed in the range, whoever allocated them */
};

/* One row for each thread of the recording, in its order; the threads of the question are looked
 * at, too. The costs of all rows add up to those of the profile. `suppressed`: by node, not 0 where
 * leaks do not count (suppressions.h); NULL: all do. The caller frees *out. Decodes all events up
 * to the end of the range, except when there is only one thread and nothing else is asked of
 * blocks. */
int an_thread_table_ask(struct an_thread_row **out, size_t *count, struct rec_file *r,
                        const struct an_question *q, const uint32_t *suppressed,
                        struct an_frames *frames, struct failure *f);

#endif
