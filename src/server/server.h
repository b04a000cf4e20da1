/* SPDX-License-Identifier: MIT
 * HTTP on the loopback interface over the answers of export/page: docs/http-api.md is the
 * specification.
 *
 * Threads: one for each connection (of which there are few), and at most SERVER_QUESTIONS of them
 * read events at once; the others wait, and leave when whoever asked has gone. */
#ifndef HEAPWISE_SERVER_SERVER_H
#define HEAPWISE_SERVER_SERVER_H

#include <stdint.h>

#include "base/failure.h"
#include "server/gate.h"
#include "server/shelf.h"

#define SERVER_QUESTIONS 2
#define SERVER_CONNECTIONS 64

struct server;

struct server_options {
    uint16_t port; /* 0: any that is free */
    const char
        *ui_path; /* a folder to read the page's files from, instead of the embedded ones; NULL */
};

/* Listens. The shelf must live until server_stop. */
int server_start(struct server **out, struct shelf *shelf, const struct server_options *options,
                 struct failure *f);
void server_stop(struct server *s);

uint16_t server_port(const struct server *s);
/* The secret part of every address: http://127.0.0.1:PORT/TOKEN/ */
const char *server_token(const struct server *s);
/* The last part of an address that works once and leads to the page, so that the token itself need
 * not stand on a command line, where other users of this machine could read it. */
const char *server_ticket(const struct server *s);

#endif
