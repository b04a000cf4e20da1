/* SPDX-License-Identifier: MIT
 * api/ID/profile: the answer to a question, by row. */
#include "server/routes.h"

#include <string.h>

#include "analysis/suppressions.h"

/* Filters look up names in the page's frames, all of which are made (page.c), so that several
 * questions may share them. */
static int ask(const struct page *page, const struct an_question *q, enum container_style style,
               struct payload *payload, struct failure *f) {
    struct an_profile profile;
    if (an_ask(&profile, page->file, q, (struct an_frames *)&page->frames, f) != 0) return -1;
    an_suppress(NULL, page->suppressed, &profile);
    int failed = page_profile(page, style, &profile, q, payload, f);
    an_profile_release(&profile);
    return failed;
}

/* A parameter that is there as 1 or not at all. */
static int read_wish(int *wished, const struct target *t, const char *name, struct failure *f) {
    const char *text;
    *wished = 0;
    if (target_value(t, name, &text, f) != 0) return -1;
    if (text == NULL || text[0] == '\0') return 0;
    if (strcmp(text, "1") != 0) return failure_set(f, "%s=%.100s: it can be 1 only", name, text);
    *wished = 1;
    return 0;
}

struct answer *route_profile(const struct route_request *q) {
    static const char *const allowed[] = {QUESTION_QUERY_NAMES, "times", "sparse", NULL};
    int times, sparse;
    struct route_question asked;
    struct payload payload;
    struct failure f;
    if (read_wish(&times, q->target, "times", &f) != 0 ||
        read_wish(&sparse, q->target, "sparse", &f) != 0)
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    struct answer *refusal = route_question_init(&asked, q, allowed, ROUTE_NEEDS_TOTALS);
    if (refusal != NULL) return refusal;
    /* When each stack's first and last allocation was costs a look at every event of the range. */
    asked.query.question.times = times ? AN_TIMES_FIND : AN_TIMES_SKIP;
    enum container_style style = sparse ? CONTAINER_SPARSE : asked.page->style;
    int failed = ask(asked.page, &asked.query.question, style, &payload, &f);
    question_query_release(&asked.query);
    return route_finish(failed, ANSWER_FAILED, ANSWER_CONTAINER, &payload, &f);
}
