/* SPDX-License-Identifier: MIT
 * api/ID/timeline: what held over a range of time, at the resolution asked for. */
#include "server/routes.h"

#include "server/question_query.h"

#define POINTS_DEFAULT 1000
#define POINTS_MAX 100000

static int answer_range(const struct route_request *q, uint64_t *from, uint64_t *to,
                        uint64_t *points, struct failure *f) {
    static const char *const allowed[] = {"from", "to", "points", NULL};
    if (target_allow(q->target, allowed, f) != 0 ||
        question_query_number(q->target, "from", 0, from, f) != 0 ||
        question_query_number(q->target, "to", AN_END, to, f) != 0 ||
        question_query_number(q->target, "points", POINTS_DEFAULT, points, f) != 0)
        return -1;
    if (*from >= *to)
        return failure_set(f, "the range is empty: from=%llu is not before to=%llu",
                           (unsigned long long)*from, (unsigned long long)*to);
    if (*points == 0 || *points > POINTS_MAX)
        return failure_set(f, "points=%llu: it can be from 1 to %d", (unsigned long long)*points,
                           POINTS_MAX);
    return 0;
}

struct answer *route_timeline(const struct route_request *q) {
    uint64_t from, to, points;
    struct payload payload;
    struct failure f;
    if (answer_range(q, &from, &to, &points, &f) != 0)
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    int failed = page_timeline(q->recording->source.file, from, to, points, &payload, &f);
    return route_finish(failed, ANSWER_FAILED, ANSWER_JSON, &payload, &f);
}
