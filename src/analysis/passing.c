/* SPDX-License-Identifier: MIT
 * How far one must look to tell which blocks pass. See passing.h. */
#include "analysis/passing.h"

#include "analysis/life_table.h"

static uint64_t add(uint64_t a, uint64_t b) {
    return a > AN_END - b ? AN_END : a + b;
}

struct an_lives_span an_passing_span(const struct an_question *q, uint64_t first, uint64_t last) {
    struct an_lives_span span = {
        .table = q->lives, .from_tick = first, .to_tick = last, .mark = UINT64_MAX};
    if (q->lives != NULL) return span; /* which knows every block from its birth to its end */
    if (q->lifetime != NULL) {
        uint64_t max = q->lifetime->max;
        /* What was born before first - max and is alive at `first` is too old; what was born before
         * `last` and has not ended before last + max is, too. Without an upper bound every birth must
         * be seen, and whether min is reached. */
        span.from_tick = max != AN_NO_BOUND && first > max ? first - max : 0;
        span.to_tick = max != AN_NO_BOUND ? add(last, max) : add(last, q->lifetime->min);
    }
    if (q->threads != NULL) span.from_tick = 0;
    return span;
}

int an_passing_peak(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                    struct failure *f) {
    struct an_watch watch = an_question_watch(q);
    if (q->lives == NULL)
        return an_range_peak_moment(out, r, q, &watch, f);
    *out = an_life_table_peak(q->lives, q->from_tick, q->to_tick);
    return 0;
}
