/* SPDX-License-Identifier: MIT
 * api/ID/threads: what each thread's blocks came to. */
#include "server/routes.h"

struct answer *route_threads(const struct route_request *q) {
    static const char *const allowed[] = {QUESTION_QUERY_NAMES, NULL};
    struct route_question asked;
    struct payload payload;
    struct failure f;
    struct answer *refusal = route_question_init(&asked, q, allowed, ROUTE_NEEDS_TOTALS);
    if (refusal != NULL) return refusal;
    int failed = page_threads(asked.page, &asked.query.question, &payload, &f);
    question_query_release(&asked.query);
    return route_finish(failed, ANSWER_FAILED, ANSWER_JSON, &payload, &f);
}
