/* SPDX-License-Identifier: MIT
 * api/ID/tables: names, functions, frames, rows. */
#include "server/routes.h"

struct answer *route_tables(const struct route_request *q) {
    static const char *const allowed[] = {NULL};
    const struct page *page;
    struct payload payload;
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    int failed = shelf_page(q->recording, &page, &f) != 0 || page_tables(page, &payload, &f) != 0;
    return route_finish(failed, ANSWER_FAILED, ANSWER_CONTAINER, &payload, &f);
}
