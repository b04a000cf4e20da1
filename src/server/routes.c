/* SPDX-License-Identifier: MIT
 * The list of routes. See routes.h. */
#include "server/routes.h"

#include <string.h>

const struct route routes[] = {
    {"recordings", ROUTE_OF_ALL, ROUTE_LIGHT, ROUTE_REMEMBER, route_recordings},
    {"facts", ROUTE_OF_RECORDING, ROUTE_LIGHT, ROUTE_REMEMBER, route_facts},
    {"tables", ROUTE_OF_RECORDING, ROUTE_LIGHT, ROUTE_REMEMBER, route_tables},
    {"profile", ROUTE_OF_RECORDING, ROUTE_HEAVY, ROUTE_REMEMBER, route_profile},
    {"history", ROUTE_OF_RECORDING, ROUTE_HEAVY, ROUTE_REMEMBER, route_history},
    {"timeline", ROUTE_OF_RECORDING, ROUTE_LIGHT, ROUTE_REMEMBER, route_timeline},
    {"histogram", ROUTE_OF_RECORDING, ROUTE_HEAVY, ROUTE_REMEMBER, route_histogram},
    {"threads", ROUTE_OF_RECORDING, ROUTE_HEAVY, ROUTE_REMEMBER, route_threads},
    {"source", ROUTE_OF_RECORDING, ROUTE_LIGHT, ROUTE_ANEW, route_source},
    {NULL, ROUTE_OF_ALL, ROUTE_LIGHT, ROUTE_ANEW, NULL},
};

const struct route *route_find(const struct target *t, size_t first, struct shelf *shelf,
                               struct shelf_recording **recording) {
    size_t count = t->segment_count - first;
    const char *const *segments = t->segments + first;
    *recording = NULL;
    for (const struct route *r = routes; r->name != NULL; r++) {
        if (r->scope == ROUTE_OF_ALL && count == 1 && strcmp(segments[0], r->name) == 0) return r;
        if (r->scope != ROUTE_OF_RECORDING || count != 2 || strcmp(segments[1], r->name) != 0)
            continue;
        size_t id = (size_t)(unsigned char)segments[0][0] - '0';
        if (segments[0][0] == '\0' || segments[0][1] != '\0' || id >= shelf->count) return NULL;
        *recording = &shelf->recordings[id];
        return r;
    }
    return NULL;
}

struct answer *route_finish(int failed, enum answer_status status_of_failure, const char *type,
                            struct payload *payload, const struct failure *f) {
    if (failed) return answer_error(status_of_failure, f->text);
    return answer_new(ANSWER_OK, type, *payload);
}
