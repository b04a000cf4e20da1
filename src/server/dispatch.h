/* SPDX-License-Identifier: MIT
 * From a request to its answer: the gate first, then the page's files and the routes. Knows nothing
 * of sockets, so that it is tested and fuzzed with text alone.
 *
 * Paths: /TICKET leads once to /TOKEN/; /TOKEN/ is the page, /TOKEN/FILE one of its files,
 * /TOKEN/api/… a route. Nothing else exists. */
#ifndef HEAPWISE_SERVER_DISPATCH_H
#define HEAPWISE_SERVER_DISPATCH_H

#include <semaphore.h>
#include <stdatomic.h>

#include "server/gate.h"
#include "server/memory.h"
#include "server/shelf.h"

struct dispatch {
    struct shelf *shelf;
    struct memory memory;
    sem_t questions;     /* how many more may read events */
    atomic_int stopping; /* 1: nobody waits for answers any more */
    atomic_int ticket_used;
    const char *ui_path; /* NULL: the embedded files */
    char token[GATE_TOKEN_TEXT], ticket[GATE_TOKEN_TEXT];
};

struct dispatch_request {
    const char *method, *host, *target; /* as they were sent; host may be NULL */
    int (*withdrawn)(void *context);
    void *withdrawn_context;
};

int dispatch_init(struct dispatch *d, struct shelf *shelf, const char *ui_path, unsigned questions,
                  struct failure *f);
void dispatch_release(struct dispatch *d);

/* The caller holds the answer; NULL when memory is out. */
struct answer *dispatch_answer(struct dispatch *d, const struct dispatch_request *q);

#endif
