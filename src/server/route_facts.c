/* SPDX-License-Identifier: MIT
 * api/ID/facts: process, totals, limits, modules, threads, the whole timeline, histograms. */
#include "server/routes.h"

struct answer *route_facts(const struct route_request *q) {
    static const char *const allowed[] = {NULL};
    struct payload payload;
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    int failed = page_facts(&q->recording->source, &payload, &f);
    return route_finish(failed, ANSWER_FAILED, ANSWER_JSON, &payload, &f);
}
