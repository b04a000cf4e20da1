/* SPDX-License-Identifier: MIT
 * What can be asked below /TOKEN/api/: one file a route, all of them in the list in routes.c. */
#ifndef HEAPWISE_SERVER_ROUTES_H
#define HEAPWISE_SERVER_ROUTES_H

#include "server/answer.h"
#include "server/question_query.h"
#include "server/shelf.h"
#include "server/target.h"

enum route_cost {
    ROUTE_LIGHT, /* answered at once */
    ROUTE_HEAVY, /* reads events: waits until few others do */
};

struct route_request {
    struct shelf *shelf;
    struct shelf_recording *recording; /* NULL for a route that is of no recording */
    const struct target *target;
    /* As an_question's: asked now and then, by any thread, whether the answer is still wanted. */
    int (*withdrawn)(void *context);
    void *withdrawn_context;
};

struct route {
    const char *name;
    enum { ROUTE_OF_ALL, ROUTE_OF_RECORDING } scope;
    enum route_cost cost;
    enum { ROUTE_REMEMBER, ROUTE_ANEW } memory;
    /* Returns NULL only when memory is out. */
    struct answer *(*answer)(const struct route_request *q);
};

extern const struct route routes[]; /* ends with a NULL name */

/* The route of a path below api/ and its recording; NULL when there is none. */
const struct route *route_find(const struct target *t, size_t first_segment, struct shelf *shelf,
                               struct shelf_recording **recording);

/* Shared by the routes: a payload that may have failed, as an answer. */
struct answer *route_finish(int failed, enum answer_status status_of_failure, const char *type,
                            struct payload *payload, const struct failure *f);

/* A recording of another tool may hold no events. */
enum route_needs { ROUTE_NEEDS_TOTALS, ROUTE_NEEDS_EVENTS };

/* A question with the page that it is asked of. */
struct route_question {
    struct question_query query;
    const struct page *page;
};
/* Returns NULL, after which `query` is to be released, or a refusal to send. */
struct answer *route_question_init(struct route_question *asked, const struct route_request *q,
                                   const char *const *allowed, enum route_needs needs);

struct answer *route_recordings(const struct route_request *q);
struct answer *route_facts(const struct route_request *q);
struct answer *route_tables(const struct route_request *q);
struct answer *route_profile(const struct route_request *q);
struct answer *route_history(const struct route_request *q);
struct answer *route_timeline(const struct route_request *q);
struct answer *route_histogram(const struct route_request *q);
struct answer *route_threads(const struct route_request *q);
struct answer *route_source(const struct route_request *q);

#endif
