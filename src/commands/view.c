/* SPDX-License-Identifier: MIT
 * `heapwise view`: serves a recording to the browser, until Ctrl-C. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/browser.h"
#include "commands/commands.h"
#include "commands/option_reading.h"
#include "commands/question_options.h"
#include "commands/recording_argument.h"
#include "commands/recording_suppressions.h"
#include "commands/recording_symbols.h"
#include "server/server.h"

static const char help[] =
    "Usage: heapwise view FILE [OPTIONS]\n"
    "\n"
    "Shows a recording in the browser: the timeline, flame graphs, call trees, leaks, sizes,\n"
    "threads and source. Ends with Ctrl-C. Only this machine can reach the page; from another\n"
    "one, use ssh -L as the command prints it.\n"
    "\n"
    "  --diff BEFORE      compare FILE with an earlier recording, in every view\n"
    "  --port N           listen on this port of 127.0.0.1; usually one that is free\n"
    "  --no-open          only print the page's address, open no browser\n"
    "\n"
    "Leaks\n" LEAK_OPTIONS_HELP "\n" SYMBOL_OPTIONS_HELP "\n"
    "Examples\n"
    "  heapwise view app.heapwise\n"
    "  heapwise view after.heapwise --diff before.heapwise\n"
    "  heapwise view app.heapwise --no-open --port 8000\n";

#define WARMING_NICENESS 10

enum option_code { OPTION_DIFF = 256, OPTION_HELP, OPTION_NO_OPEN, OPTION_PORT };

static const struct option options[] = {
    SYMBOL_OPTIONS_LIST,
    LEAK_OPTIONS_LIST,
    {"diff", required_argument, NULL, OPTION_DIFF},
    {"help", no_argument, NULL, OPTION_HELP},
    {"no-open", no_argument, NULL, OPTION_NO_OPEN},
    {"port", required_argument, NULL, OPTION_PORT},
    {NULL, 0, NULL, 0},
};

struct view_options {
    struct question_options asked; /* only what it says of symbols and suppressions */
    const char *path, *before;     /* before NULL: nothing to compare with */
    int only_print;
    struct server_options server;
};

static int read_port(struct view_options *o, const char *text) {
    size_t n;
    if (option_number("--port", text, &n) != 0) return -1;
    if (n > 65535) return option_bad("--port", text, "ports end at 65535");
    o->server.port = (uint16_t)n;
    return 0;
}

static int read_option(struct view_options *o, int code) {
    switch (code) {
    case OPTION_DIFF:
        o->before = optarg;
        return 0;
    case OPTION_NO_OPEN:
        o->only_print = 1;
        return 0;
    case OPTION_PORT:
        return read_port(o, optarg);
    default:
        return question_option_read(&o->asked, code, optarg);
    }
}

/* Returns -1 to go on, or an exit status. */
static int read_arguments(struct view_options *o, int argc, char **argv) {
    memset(o, 0, sizeof *o);
    opterr = 0;
    optind = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":h", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') return fputs(help, stdout), 0;
        if (code == '?')
            return option_unknown(argv[optind > at ? optind - 1 : at], options, "view"), 2;
        if (code == ':')
            return option_bad("option", argv[optind - 1],
                              "needs a value; see heapwise view --help"),
                   2;
        if (read_option(o, code) != 0) return 2;
    }
    if (optind >= argc)
        return fputs("heapwise: view: which recording? Write heapwise view FILE\n", stderr), 2;
    if (optind + 1 < argc)
        return option_bad("view", argv[optind + 1],
                          "one recording at a time; to compare two, --diff BEFORE"),
               2;
    o->path = argv[optind];
    /* For whoever works on the page: its files are then read anew for each request. */
    o->server.ui_path = getenv("HEAPWISE_UI");
    return -1;
}

static void tell(const struct server *s, const struct view_options *o) {
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0) snprintf(host, sizeof host, "THIS-MACHINE");
    printf("heapwise: %s is shown at\n\n    http://127.0.0.1:%u/%s/\n\n"
           "From another machine: ssh -L %u:127.0.0.1:%u %s, then open that address there.\n"
           "Ctrl-C ends it.\n",
           o->path, server_port(s), server_token(s), server_port(s), server_port(s), host);
    fflush(stdout);
    if (o->only_print) return;
    char address[64 + GATE_TOKEN_TEXT];
    snprintf(address, sizeof address, "http://127.0.0.1:%u/%s", server_port(s), server_ticket(s));
    if (browser_open(address) != 0)
        fputs("heapwise: no browser was opened, for there is no desktop here; open the address "
              "above\n",
              stderr);
}

struct warmer {
    struct shelf *shelf;
    atomic_int stopping;
};

static int is_stopping(void *context) {
    struct warmer *w = context;
    return atomic_load_explicit(&w->stopping, memory_order_relaxed);
}

/* The names and rows are made while the browser starts, and then, behind the first questions, what
 * makes later ones cheap. */
static void *warm(void *context) {
    struct warmer *w = context;
    const struct page *page;
    struct failure f;
    struct an_watch watch = {.withdrawn = is_stopping, .withdrawn_context = w};
    for (size_t i = 0; i < w->shelf->count; i++)
        shelf_page(&w->shelf->recordings[i], &page, &f);
    (void)!nice(WARMING_NICENESS); /* on Linux of this thread and those that it starts */
    shelf_keep_blocks(w->shelf, shelf_blocks_bytes(), &watch);
    return NULL;
}

static int serve(struct shelf *shelf, const struct view_options *o, const sigset_t *ends,
                 struct failure *f) {
    struct server *server;
    struct warmer warmer = {.shelf = shelf};
    pthread_t thread;
    int signal_number;
    if (server_start(&server, shelf, &o->server, f) != 0) return -1;
    int is_warming = pthread_create(&thread, NULL, warm, &warmer) == 0;
    tell(server, o);
    sigwait(ends, &signal_number);
    atomic_store(&warmer.stopping, 1);
    server_stop(server);
    if (is_warming) pthread_join(thread, NULL);
    return 0;
}

/* What is served, and the rules of each. */
struct opened {
    struct shelf shelf;
    struct an_suppressions rules[SHELF_MAX];
};

static int open_on(struct opened *x, const char *path, const struct question_options *asked,
                   struct failure *f) {
    struct page_source source = {.path = path};
    struct an_suppressions *rules = &x->rules[x->shelf.count];
    if (recording_argument_open(&source.file, path, f) != 0) return -1;
    if (recording_symbols_provide(source.file, asked, f) != 0 ||
        recording_suppressions_read(rules, source.file, asked, f) != 0) {
        rec_close(source.file);
        return -1;
    }
    source.rules = rules;
    shelf_add(&x->shelf, &source);
    return 0;
}

static void close_all(struct opened *x) {
    struct rec_file *files[SHELF_MAX];
    size_t count = x->shelf.count;
    for (size_t i = 0; i < count; i++)
        files[i] = x->shelf.recordings[i].source.file;
    shelf_release(&x->shelf);
    for (size_t i = 0; i < count; i++)
        rec_close(files[i]);
    for (size_t i = 0; i < SHELF_MAX; i++)
        an_suppressions_release(&x->rules[i]);
}

int command_view(int argc, char **argv) {
    struct view_options o;
    int status = read_arguments(&o, argc, argv);
    if (status >= 0) return status;
    static struct opened opened;
    struct failure f;
    sigset_t ends, before;
    int failed = open_on(&opened, o.path, &o.asked, &f) != 0 ||
                 (o.before != NULL && open_on(&opened, o.before, &o.asked, &f) != 0);
    /* Blocked in all threads, which are started from here on, so that sigwait alone takes them. */
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    if (!failed) failed = serve(&opened.shelf, &o, &ends, &f) != 0;
    close_all(&opened);
    if (failed) fprintf(stderr, "heapwise: %s\n", f.text);
    return failed ? 1 : 0;
}
