/* SPDX-License-Identifier: MIT
 * What all routes that ask a question of a recording do first. See routes.h. */
#include "server/routes.h"

struct answer *route_question_init(struct route_question *asked, const struct route_request *q,
                                   const char *const *allowed, enum route_needs needs) {
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0 ||
        question_query_init(&asked->query, q->target, q->recording->source.file, &f) != 0)
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    if (needs == ROUTE_NEEDS_EVENTS && an_question_needs_events(q->recording->source.file, &f) != 0) {
        question_query_release(&asked->query);
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    }
    asked->query.question.lives =
        atomic_load_explicit(&q->recording->lives, memory_order_acquire);
    asked->query.question.withdrawn = q->withdrawn;
    asked->query.question.withdrawn_context = q->withdrawn_context;
    if (shelf_page(q->recording, &asked->page, &f) == 0) return NULL;
    question_query_release(&asked->query);
    return answer_error(ANSWER_FAILED, f.text);
}
