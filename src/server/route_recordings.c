/* SPDX-License-Identifier: MIT
 * api/recordings: what is served. */
#include "server/routes.h"

#include "export/page/page.h"

struct answer *route_recordings(const struct route_request *q) {
    static const char *const allowed[] = {NULL};
    struct page_source sources[SHELF_MAX];
    struct payload payload;
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    for (size_t i = 0; i < q->shelf->count; i++)
        sources[i] = q->shelf->recordings[i].source;
    int failed = page_recordings(sources, q->shelf->count, NULL, &payload, &f);
    return route_finish(failed, ANSWER_FAILED, ANSWER_JSON, &payload, &f);
}
