/* SPDX-License-Identifier: MIT
 * Listens, and passes requests on. See server.h. */
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/dispatch.h"
#include "server/http_library.h"

#define IDLE_SECONDS 120

struct server {
    struct MHD_Daemon *daemon;
    uint16_t port;
    struct dispatch dispatch;
};

struct connection {
    int socket;
    const atomic_int *stopping;
};

/* A browser that no longer wants an answer closes the connection. */
static int is_gone(void *context) {
    const struct connection *c = context;
    char byte;
    if (atomic_load_explicit(c->stopping, memory_order_relaxed)) return 1;
    return recv(c->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* What holds for every answer: nothing is kept by the browser, nothing is guessed, nothing is taken
 * from or sent to anywhere else. */
static void add_headers(struct MHD_Response *r, const struct answer *a) {
    static const char *const headers[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
         "form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        http.add_response_header(r, headers[i][0], headers[i][1]);
    http.add_response_header(r, "Content-Type", a->type);
    if (a->location != NULL) http.add_response_header(r, "Location", a->location);
    if (a->status == ANSWER_NOT_ALLOWED) http.add_response_header(r, "Allow", "GET");
}

static void drop(void *answer) {
    answer_drop(answer);
}

/* Lets go of the answer when it has been sent. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *a) {
    if (a == NULL) return MHD_NO;
    struct MHD_Response *r = http.create_response(a->payload.size, a->payload.bytes, drop, a);
    if (r == NULL) {
        answer_drop(a);
        return MHD_NO;
    }
    add_headers(r, a);
    enum MHD_Result result = http.queue_response(connection, a->status, r);
    http.destroy_response(r);
    return result;
}

/* libmicrohttpd decodes paths and parameters in its own way; the target as it was sent is kept, and
 * read by target.c alone. What this returns is `request_state` of the calls for the request. */
static void *keep_target(void *context, const char *target, struct MHD_Connection *connection) {
    (void)context;
    (void)connection;
    return strdup(target);
}

static void free_target(void *context, struct MHD_Connection *connection, void **request_state,
                        enum MHD_RequestTerminationCode how) {
    (void)context;
    (void)connection;
    (void)how;
    free(*request_state);
    *request_state = NULL;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body,
                              size_t *body_size, void **request_state) {
    struct server *s = context;
    (void)path, (void)version, (void)body;
    if (*body_size > 0) { /* nobody wants it */
        *body_size = 0;
        return MHD_YES;
    }
    if (*request_state == NULL) return MHD_NO;
    const union MHD_ConnectionInfo *info =
        http.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection c = {info != NULL ? info->connect_fd : -1, &s->dispatch.stopping};
    struct dispatch_request q = {
        .method = method,
        .host = http.lookup_connection_value(connection, MHD_HEADER_KIND, "Host"),
        .target = *request_state,
        .withdrawn = is_gone,
        .withdrawn_context = &c};
    return send_answer(connection, dispatch_answer(&s->dispatch, &q));
}

static int listen_on(uint16_t *port, struct failure *f) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return failure_set_errno(f, errno, "cannot make a socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 32) != 0) {
        int why = errno;
        close(listener);
        if (why == EADDRINUSE)
            return failure_set(f,
                               "cannot listen on port %u: another program uses it; choose another "
                               "with --port, or none to get a free one",
                               *port);
        return failure_set_errno(f, why, "cannot listen on port %u", *port);
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return listener;
}

static int start(struct server *s, const struct server_options *options, struct failure *f) {
    s->port = options->port;
    int listener = listen_on(&s->port, f);
    if (listener < 0) return -1;
    s->daemon =
        http.start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
                              MHD_USE_POLL | MHD_USE_ITC,
                          0, NULL, NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, listener,
                          MHD_OPTION_URI_LOG_CALLBACK, keep_target, s, MHD_OPTION_NOTIFY_COMPLETED,
                          free_target, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS,
                          MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (s->daemon != NULL) return 0;
    close(listener);
    return failure_set(f, "cannot start the server: libmicrohttpd refused");
}

int server_start(struct server **out, struct shelf *shelf, const struct server_options *options,
                 struct failure *f) {
    if (http_library_load(f) != 0) return -1;
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL) return failure_set(f, "cannot start the server: out of memory");
    if (dispatch_init(&s->dispatch, shelf, options->ui_path, SERVER_QUESTIONS, f) != 0) {
        free(s);
        return -1;
    }
    if (start(s, options, f) != 0) {
        dispatch_release(&s->dispatch);
        free(s);
        return -1;
    }
    *out = s;
    return 0;
}

void server_stop(struct server *s) {
    atomic_store(&s->dispatch.stopping, 1);
    http.stop_daemon(s->daemon);
    dispatch_release(&s->dispatch);
    free(s);
}

uint16_t server_port(const struct server *s) {
    return s->port;
}

const char *server_token(const struct server *s) {
    return s->dispatch.token;
}

const char *server_ticket(const struct server *s) {
    return s->dispatch.ticket;
}
