/* SPDX-License-Identifier: MIT
 * api/ID/profile: the answer to a question, by row. */
#include "server/routes.h"

#include <string.h>

#include "analysis/suppressions.h"

/* Filters look up names in the page's frames, all of which are made (page.c), so that several
 * questions may share them. */
static int ask(const struct page *page, const struct an_question *q, struct payload *payload,
               struct failure *f) {
    struct an_profile profile;
    if (an_ask(&profile, page->file, q, (struct an_frames *)&page->frames, f) != 0) return -1;
    an_suppress(NULL, page->suppressed, &profile);
    int failed = page_profile(page, &profile, q, payload, f);
    an_profile_release(&profile);
    return failed;
}

/* When each stack's first and last allocation was costs a look at every event of the range. */
static int read_times(enum an_times *times, const struct target *t, struct failure *f) {
    const char *text;
    *times = AN_TIMES_SKIP;
    if (target_value(t, "times", &text, f) != 0) return -1;
    if (text == NULL || text[0] == '\0') return 0;
    if (strcmp(text, "1") != 0) return failure_set(f, "times=%.100s: it can be 1 only", text);
    *times = AN_TIMES_FIND;
    return 0;
}

struct answer *route_profile(const struct route_request *q) {
    static const char *const allowed[] = {QUESTION_QUERY_NAMES, "times", NULL};
    enum an_times times;
    struct route_question asked;
    struct payload payload;
    struct failure f;
    if (read_times(&times, q->target, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    struct answer *refusal = route_question_init(&asked, q, allowed, ROUTE_NEEDS_TOTALS);
    if (refusal != NULL) return refusal;
    asked.query.question.times = times;
    int failed = ask(asked.page, &asked.query.question, &payload, &f);
    question_query_release(&asked.query);
    return route_finish(failed, ANSWER_FAILED, ANSWER_CONTAINER, &payload, &f);
}
