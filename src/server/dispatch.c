/* SPDX-License-Identifier: MIT
 * Chooses who answers. See dispatch.h. */
#include "server/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/page_file.h"
#include "server/routes.h"
#include "server/target.h"

#define WAIT_NANOSECONDS 50000000 /* between two looks at whether anybody still waits */

int dispatch_init(struct dispatch *d, struct shelf *shelf, const char *ui_path, unsigned questions,
                  struct failure *f) {
    *d = (struct dispatch){.shelf = shelf, .ui_path = ui_path};
    if (gate_token_make(d->token, f) != 0 || gate_token_make(d->ticket, f) != 0) return -1;
    memory_init(&d->memory);
    sem_init(&d->questions, 0, questions);
    return 0;
}

void dispatch_release(struct dispatch *d) {
    memory_release(&d->memory);
    sem_destroy(&d->questions);
}

/* Returns 0 when it is one's turn, -1 when nobody waits any more. */
static int wait_for_turn(struct dispatch *d, const struct route_request *q) {
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_NANOSECONDS;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
        if (sem_timedwait(&d->questions, &until) == 0) return 0;
        if (errno == ETIMEDOUT && q->withdrawn(q->withdrawn_context)) return -1;
    }
}

static struct answer *answer_route(struct dispatch *d, const struct route *route,
                                   const struct route_request *q) {
    if (route->cost == ROUTE_LIGHT) return route->answer(q);
    if (wait_for_turn(d, q) != 0) return answer_error(ANSWER_FAILED, "the question was withdrawn");
    struct answer *a = route->answer(q);
    sem_post(&d->questions);
    return a;
}

static struct answer *answer_api(struct dispatch *d, const struct target *t,
                                 const struct dispatch_request *request) {
    struct route_request q = {.shelf = d->shelf,
                              .target = t,
                              .withdrawn = request->withdrawn,
                              .withdrawn_context = request->withdrawn_context};
    const struct route *route =
        t->segment_count > 2 ? route_find(t, 2, d->shelf, &q.recording) : NULL;
    if (route == NULL) return answer_error(ANSWER_NOT_FOUND, "there is nothing at this address");
    if (route->memory == ROUTE_ANEW) return answer_route(d, route, &q);
    struct answer *a = memory_recall(&d->memory, request->target);
    if (a != NULL) return a;
    a = answer_route(d, route, &q);
    if (a != NULL && a->status == ANSWER_OK) memory_keep(&d->memory, request->target, a);
    return a;
}

static struct answer *lead_to_page(const struct dispatch *d) {
    struct answer *a = answer_error(ANSWER_SEE_OTHER, "the page is at /TOKEN/");
    if (a != NULL && asprintf(&a->location, "/%s/", d->token) < 0) {
        a->location = NULL;
        answer_drop(a);
        return NULL;
    }
    return a;
}

static struct answer *answer_path(struct dispatch *d, const struct target *t,
                                  const struct dispatch_request *q) {
    if (t->segment_count == 1 && gate_token_is(d->ticket, t->segments[0]) &&
        atomic_exchange(&d->ticket_used, 1) == 0)
        return lead_to_page(d);
    if (!gate_token_is(d->token, t->segments[0]))
        return answer_error(ANSWER_NOT_FOUND,
                            "there is nothing at this address; open the one that heapwise printed");
    if (t->segment_count == 1) return lead_to_page(d);
    if (strcmp(t->segments[1], "api") == 0) return answer_api(d, t, q);
    if (t->segment_count == 2) return page_file_answer(t->segments[1], d->ui_path);
    return answer_error(ANSWER_NOT_FOUND, "there is nothing at this address");
}

struct answer *dispatch_answer(struct dispatch *d, const struct dispatch_request *q) {
    struct target t;
    struct failure f;
    if (!gate_host_is_loopback(q->host))
        return answer_error(ANSWER_FORBIDDEN,
                            "this server answers only to 127.0.0.1, localhost and [::1]");
    if (strcmp(q->method, "GET") != 0)
        return answer_error(ANSWER_NOT_ALLOWED, "only GET is answered");
    if (target_parse(&t, q->target, &f) != 0) return answer_error(ANSWER_BAD_QUESTION, f.text);
    struct answer *a = answer_path(d, &t, q);
    target_release(&t);
    return a;
}
