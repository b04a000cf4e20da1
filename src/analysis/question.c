/* SPDX-License-Identifier: MIT
 * Chooses the pass that answers a question, and applies its filters. See question.h. */
#include "analysis/question.h"

#include <string.h>

int an_answer_whole(struct an_profile *out, struct rec_file *r, struct failure *f) {
    memset(out, 0, sizeof *out);
    size_t count = 0;
    out->entries = rec_node_totals(r, &count, f);
    if (out->entries == NULL && count == 0 && rec_totals(r)->allocations + rec_totals(r)->failed > 0)
        return -1;
    out->count = count;
    const struct rec_totals *t = rec_totals(r);
    out->from_tick = 0;
    out->to_tick = AN_END;
    out->peak_tick = t->peak_tick;
    out->frees = t->frees;
    out->freed_bytes = t->freed_bytes;
    out->reallocations = t->reallocations;
    out->events = t->events;
    return 0;
}

int an_ask(struct an_profile *out, struct rec_file *r, const struct an_question *q,
           struct an_frames *frames, struct failure *f) {
    uint64_t to = q->to_tick == 0 ? AN_END : q->to_tick;
    if (q->from_tick >= to)
        return failure_set(f, "the range is empty: it begins at %llu ms and ends at %llu ms",
                           (unsigned long long)q->from_tick, (unsigned long long)to);
    int failed;
    if (q->threads != NULL)
        failed = an_answer_threads(out, r, q, f);
    else if (q->from_tick == 0 && to > rec_totals(r)->duration_ms)
        failed = an_answer_whole(out, r, f);
    else
        failed = an_answer_range(out, r, q->from_tick, to, f);
    if (failed) return -1;
    an_profile_sum(out);
    out->all = out->sum;
    if (q->filter_count > 0 &&
        an_filter_profile(out, r, frames, q->filters, q->filter_count, f) != 0) {
        an_profile_release(out);
        return -1;
    }
    return 0;
}
