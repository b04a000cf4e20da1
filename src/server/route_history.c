/* SPDX-License-Identifier: MIT
 * api/ID/history: bytes alive by row at moments along the range. */
#include "server/routes.h"

#include "server/question_query.h"

#define POINTS_DEFAULT 48

static int read_points(const struct target *t, uint64_t *points, struct failure *f) {
    if (question_query_number(t, "points", POINTS_DEFAULT, points, f) != 0) return -1;
    if (*points >= 2 && *points <= PAGE_HISTORY_POINTS_MAX) return 0;
    return failure_set(f, "points=%llu: it can be from 2 to %d", (unsigned long long)*points,
                       PAGE_HISTORY_POINTS_MAX);
}

struct answer *route_history(const struct route_request *q) {
    static const char *const allowed[] = {QUESTION_QUERY_NAMES, "points", NULL};
    uint64_t points;
    struct route_question asked;
    struct payload payload;
    struct failure f;
    if (read_points(q->target, &points, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    struct answer *refusal = route_question_init(&asked, q, allowed, ROUTE_NEEDS_EVENTS);
    if (refusal != NULL) return refusal;
    int failed = page_history(asked.page, &asked.query.question, points, &payload, &f);
    question_query_release(&asked.query);
    return route_finish(failed, ANSWER_FAILED, ANSWER_CONTAINER, &payload, &f);
}
