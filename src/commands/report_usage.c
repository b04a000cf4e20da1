/* SPDX-License-Identifier: MIT
 * Reads the arguments of `heapwise report`. See report_usage.h. */
#include "commands/report_usage.h"

#include <getopt.h>
#include <string.h>

#include "commands/option_reading.h"
#include "commands/question_options.h"

static const char help[] =
    "Usage: heapwise report [OPTIONS] FILE\n"
    "\n"
    "Shows what a recording holds: the process, its totals, its heap over time, and which functions\n"
    "held the heap at its peak, leaked, and allocated most often. FILE - is standard input.\n"
    "\n"
    "What to show\n"
    "  --sort COST        only this cost, in more detail: peak, leaked, allocated (bytes), calls,\n"
    "                     temporary (blocks freed by the thread's very next call), failed, freed,\n"
    "                     alive (at the end, or see --alive-at) or later (allocated in the range and\n"
    "                     freed after it)\n"
    "  --top N            how many functions of each cost (0: all)\n"
    "  --tree DIRECTION   bottom-up (functions, then their callers; the usual way) or top-down (from\n"
    "                     main to what it calls)\n"
    "  --all-frames       fold no frames of allocators and language libraries, collapse no recursion\n"
    "  --hide REGEX       leave out frames whose function, file or module matches; may be repeated\n"
    "  --show REGEX       leave out all other frames; may be repeated, all must match\n"
    "  --threads          a table of the threads\n"
    "  --histogram        how large blocks are, and how long they live\n"
    "  --growth           lines of the program that may grow without bound, and why\n"
    "  --times            when each call stack allocated first and last (reads all events of the range)\n"
    "  --json             everything, for programs (docs/report-json.md); there --top defaults to all\n"
    "\n"
    QUESTION_OPTIONS_HELP
    "\n"
    "How to show it\n"
    "  --bytes            exact bytes, no KiB and MiB\n"
    "  --color WHEN       auto (the default), always or never; NO_COLOR is respected\n"
    "  --width N          columns (default: the terminal's, or COLUMNS)\n"
    "\n"
    SYMBOL_OPTIONS_HELP
    "\n"
    "Examples\n"
    "  heapwise report app.heapwise\n"
    "  heapwise report --sort leaked app.heapwise              where the leaks were allocated\n"
    "  heapwise report --function '^Parser::' app.heapwise     what the parser brought about\n"
    "  heapwise report --module '!libssl' --from 50% app.heapwise\n"
    "  heapwise report --sort leaked --from 2s --until 3s --alive-at 10s app.heapwise\n"
    "                                                          what second 3 left behind until second 10\n"
    "  heapwise report --sort alive --alive-at 5s app.heapwise what was alive then\n"
    "  heapwise report --json app.heapwise | jq .totals.peak_bytes\n";

enum option_code {
    OPTION_ALL_FRAMES = 256,
    OPTION_BYTES,
    OPTION_COLOR,
    OPTION_GROWTH,
    OPTION_HIDE,
    OPTION_HISTOGRAM,
    OPTION_JSON,
    OPTION_SHOW,
    OPTION_SORT,
    OPTION_THREADS,
    OPTION_TIMES,
    OPTION_TOP,
    OPTION_TREE,
    OPTION_WIDTH,
    OPTION_HELP
};

static const struct option options[] = {
    QUESTION_OPTIONS_LIST,
    {"to", required_argument, NULL, QUESTION_OPTION_UNTIL},
    {"all-frames", no_argument, NULL, OPTION_ALL_FRAMES},
    {"bytes", no_argument, NULL, OPTION_BYTES},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"help", no_argument, NULL, OPTION_HELP},
    {"growth", no_argument, NULL, OPTION_GROWTH},
    {"hide", required_argument, NULL, OPTION_HIDE},
    {"histogram", no_argument, NULL, OPTION_HISTOGRAM},
    {"json", no_argument, NULL, OPTION_JSON},
    {"show", required_argument, NULL, OPTION_SHOW},
    {"threads", no_argument, NULL, OPTION_THREADS},
    {"times", no_argument, NULL, OPTION_TIMES},
    {"sort", required_argument, NULL, OPTION_SORT},
    {"top", required_argument, NULL, OPTION_TOP},
    {"tree", required_argument, NULL, OPTION_TREE},
    {"width", required_argument, NULL, OPTION_WIDTH},
    {NULL, 0, NULL, 0},
};

static int read_sort(struct report_options *o, const char *text) {
    int cost = an_cost_named(text);
    if (cost < 0)
        return option_bad("--sort", text,
                          "must be peak, leaked, allocated, calls, temporary, failed, alive, freed or later");
    o->has_sort = 1;
    o->sort = (enum an_cost)cost;
    return 0;
}

static int add_hidden(struct report_options *o, enum an_hiding hiding, const char *pattern) {
    if (o->hidden_count == QUESTION_LIST_MAX) return option_bad("--hide", pattern, "given too often");
    o->hidden[o->hidden_count].hiding = hiding;
    o->hidden[o->hidden_count++].pattern = pattern;
    return 0;
}

static int read_tree(struct report_options *o, const char *text) {
    if (strcmp(text, "bottom-up") == 0)
        o->direction = AN_BOTTOM_UP;
    else if (strcmp(text, "top-down") == 0)
        o->direction = AN_TOP_DOWN;
    else
        return option_bad("--tree", text, "must be bottom-up or top-down");
    return 0;
}

static int read_option(struct report_options *o, int code) {
    switch (code) {
    case OPTION_ALL_FRAMES: o->all_frames = 1; return 0;
    case OPTION_BYTES: o->sizes = EX_SIZE_EXACT; return 0;
    case OPTION_COLOR: return option_colour(optarg, &o->colour);
    case OPTION_GROWTH: o->growth = 1; return 0;
    case OPTION_HISTOGRAM: o->histogram = 1; return 0;
    case OPTION_HIDE: return add_hidden(o, AN_HIDE_MATCHES, optarg);
    case OPTION_JSON: o->json = 1; return 0;
    case OPTION_SHOW: return add_hidden(o, AN_SHOW_MATCHES, optarg);
    case OPTION_THREADS: o->threads = 1; return 0;
    case OPTION_TIMES: o->question.times = AN_TIMES_FIND; return 0;
    case OPTION_SORT: return read_sort(o, optarg);
    case OPTION_TOP: o->has_top = 1; return option_number("--top", optarg, &o->top);
    case OPTION_TREE: return read_tree(o, optarg);
    case OPTION_WIDTH: return option_number("--width", optarg, &o->width);
    default: return question_option_read(&o->question, code, optarg);
    }
}

enum report_arguments report_arguments_read(int argc, char **argv, struct report_options *o,
                                            const char **path) {
    memset(o, 0, sizeof *o);
    opterr = 0;
    optind = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":h", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') {
            fputs(help, stdout);
            return REPORT_ARGUMENTS_HELP;
        }
        if (code == '?') {
            option_unknown(argv[optind > at ? optind - 1 : at], options, "report");
            return REPORT_ARGUMENTS_BAD;
        }
        if (code == ':') {
            option_bad("option", argv[optind - 1], "needs a value; see heapwise report --help");
            return REPORT_ARGUMENTS_BAD;
        }
        if (read_option(o, code) != 0) return REPORT_ARGUMENTS_BAD;
    }
    if (optind >= argc) {
        fputs("heapwise: report: which recording? Give its file: heapwise report FILE.heapwise\n", stderr);
        return REPORT_ARGUMENTS_BAD;
    }
    if (optind + 1 < argc) {
        option_bad("report", argv[optind + 1], "one recording at a time");
        return REPORT_ARGUMENTS_BAD;
    }
    *path = argv[optind];
    return REPORT_ARGUMENTS_RUN;
}
