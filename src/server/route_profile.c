/* SPDX-License-Identifier: MIT
 * api/ID/profile: the answer to a question, by row. */
#include "server/routes.h"

#include <string.h>

#include "server/question_query.h"

/* Filters look up names in the page's frames, all of which are made (page.c), so that several
 * questions may share them. */
static int ask(const struct page *page, struct question_query *q, struct payload *payload,
               struct failure *f) {
    struct an_profile profile;
    if (an_ask(&profile, page->file, &q->question, (struct an_frames *)&page->frames, f) != 0)
        return -1;
    int failed = page_profile(page, &profile, &q->question, payload, f);
    an_profile_release(&profile);
    return failed;
}

static int read_times(struct question_query *query, const struct target *t, struct failure *f) {
    const char *times;
    if (target_value(t, "times", &times, f) != 0) return -1;
    if (times == NULL || times[0] == '\0') return 0;
    if (strcmp(times, "1") != 0) return failure_set(f, "times=%.100s: it can be 1 only", times);
    query->question.times = AN_TIMES_FIND;
    return 0;
}

struct answer *route_profile(const struct route_request *q) {
    static const char *const allowed[] = {QUESTION_QUERY_NAMES, "times", NULL};
    const struct page *page;
    struct question_query query;
    struct payload payload;
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0 ||
        question_query_init(&query, q->target, q->recording->file, &f) != 0)
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    if (read_times(&query, q->target, &f) != 0) {
        question_query_release(&query);
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    }
    query.question.withdrawn = q->withdrawn;
    query.question.withdrawn_context = q->withdrawn_context;
    int failed = shelf_page(q->recording, &page, &f) != 0 || ask(page, &query, &payload, &f) != 0;
    question_query_release(&query);
    return route_finish(failed, ANSWER_FAILED, ANSWER_CONTAINER, &payload, &f);
}
