/* SPDX-License-Identifier: MIT
 * Reads the arguments of `heapwise report`. See report_usage.h. */
#include "commands/report_usage.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: heapwise report [OPTIONS] FILE\n"
    "\n"
    "Shows what a recording holds: the process, its totals, its heap over time, and which functions\n"
    "held the heap at its peak, leaked, and allocated most often.\n"
    "\n"
    "What to show\n"
    "  --sort COST        only this cost, in more detail: peak, leaked, allocated (bytes), calls,\n"
    "                     temporary (blocks freed by the thread's very next call) or failed\n"
    "  --top N            how many functions of each cost (0: all)\n"
    "  --tree DIRECTION   bottom-up (functions, then their callers; the usual way) or top-down (from\n"
    "                     main to what it calls)\n"
    "  --all-frames       fold no frames of allocators and language libraries, collapse no recursion\n"
    "  --json             everything, for programs (docs/report-json.md); there --top defaults to all\n"
    "\n"
    "Which part of it\n"
    "  --from T, --to T   only this part of the run: 1.5s, 200ms, 2m, 30% of it; a plain number is\n"
    "                     milliseconds. Leaks are then blocks allocated in the range and alive at its end\n"
    "  --thread X         only what this thread allocated: its number or its name; may be repeated\n"
    "  --function REGEX   only call stacks with such a function (a POSIX extended regular expression\n"
    "  --file REGEX       on its readable name), source file or module (library). With '!' before it:\n"
    "  --module REGEX     only stacks without one. May be repeated; all must hold\n"
    "\n"
    "How to show it\n"
    "  --bytes            exact bytes, no KiB and MiB\n"
    "  --color WHEN       auto (the default), always or never; NO_COLOR is respected\n"
    "  --width N          columns (default: the terminal's, or COLUMNS)\n"
    "\n"
    "Names of functions (they are usually stored in the recording)\n"
    "  --debug-dir DIR    look for separate debug files here, too, and resolve all names anew\n"
    "  --debuginfod       ask the servers of DEBUGINFOD_URLS, and resolve all names anew\n"
    "  --no-symbols       show addresses\n"
    "\n"
    "Examples\n"
    "  heapwise report app.heapwise\n"
    "  heapwise report --sort leaked app.heapwise              where the leaks were allocated\n"
    "  heapwise report --function '^Parser::' app.heapwise     what the parser brought about\n"
    "  heapwise report --module '!libssl' --from 50% app.heapwise\n"
    "  heapwise report --json app.heapwise | jq .totals.peak_bytes\n";

enum option_code {
    OPTION_ALL_FRAMES = 256, OPTION_BYTES, OPTION_COLOR, OPTION_DEBUG_DIR, OPTION_DEBUGINFOD,
    OPTION_FILE, OPTION_FROM, OPTION_FUNCTION, OPTION_JSON, OPTION_MODULE, OPTION_NO_SYMBOLS,
    OPTION_SORT, OPTION_THREAD, OPTION_TO, OPTION_TOP, OPTION_TREE, OPTION_WIDTH, OPTION_HELP
};

static const struct option options[] = {
    {"all-frames", no_argument, NULL, OPTION_ALL_FRAMES},
    {"bytes", no_argument, NULL, OPTION_BYTES},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"debug-dir", required_argument, NULL, OPTION_DEBUG_DIR},
    {"debuginfod", no_argument, NULL, OPTION_DEBUGINFOD},
    {"file", required_argument, NULL, OPTION_FILE},
    {"from", required_argument, NULL, OPTION_FROM},
    {"function", required_argument, NULL, OPTION_FUNCTION},
    {"help", no_argument, NULL, OPTION_HELP},
    {"json", no_argument, NULL, OPTION_JSON},
    {"module", required_argument, NULL, OPTION_MODULE},
    {"no-symbols", no_argument, NULL, OPTION_NO_SYMBOLS},
    {"sort", required_argument, NULL, OPTION_SORT},
    {"thread", required_argument, NULL, OPTION_THREAD},
    {"to", required_argument, NULL, OPTION_TO},
    {"top", required_argument, NULL, OPTION_TOP},
    {"tree", required_argument, NULL, OPTION_TREE},
    {"width", required_argument, NULL, OPTION_WIDTH},
    {NULL, 0, NULL, 0},
};

static int usage_error(const char *what, const char *text, const char *why) {
    fprintf(stderr, "heapwise: %s '%s': %s\n", what, text, why);
    return -1;
}

#define WORD_MAX 32

/* How many letters must be changed, added, removed or swapped with their neighbour to turn one word
 * into the other. */
static size_t distance(const char *a, const char *b) {
    size_t d[WORD_MAX + 1][WORD_MAX + 1], a_length = strlen(a), b_length = strlen(b);
    if (a_length > WORD_MAX || b_length > WORD_MAX) return SIZE_MAX;
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            size_t least = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < least) least = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < least) least = d[i][j - 1] + 1;
            int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && d[i - 2][j - 2] + 1 < least) least = d[i - 2][j - 2] + 1;
            d[i][j] = least;
        }
    }
    return d[a_length][b_length];
}

static int unknown_option(const char *given) {
    char name[64];
    size_t best = SIZE_MAX;
    const char *nearest = NULL;
    const char *start = given + strspn(given, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    for (const struct option *o = options; o->name != NULL; o++) {
        size_t d = distance(name, o->name);
        if (d < best) {
            best = d;
            nearest = o->name;
        }
    }
    if (nearest != NULL && best <= 1 + strlen(name) / 3)
        fprintf(stderr, "heapwise: unknown option '%s': did you mean --%s?\n", given, nearest);
    else
        fprintf(stderr, "heapwise: unknown option '%s': see heapwise report --help\n", given);
    return -1;
}

static int read_number(const char *option, const char *text, size_t *n) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0') return usage_error(option, text, "not a number");
    *n = value;
    return 0;
}

static int read_sort(struct report_options *o, const char *text) {
    int cost = an_cost_named(text);
    if (cost < 0)
        return usage_error("--sort", text, "must be peak, leaked, allocated, calls, temporary or failed");
    o->has_sort = 1;
    o->sort = (enum an_cost)cost;
    return 0;
}

static int read_tree(struct report_options *o, const char *text) {
    if (strcmp(text, "bottom-up") == 0)
        o->direction = AN_BOTTOM_UP;
    else if (strcmp(text, "top-down") == 0)
        o->direction = AN_TOP_DOWN;
    else
        return usage_error("--tree", text, "must be bottom-up or top-down");
    return 0;
}

static int read_colour(struct report_options *o, const char *text) {
    if (strcmp(text, "auto") == 0)
        o->colour = EX_COLOUR_AUTO;
    else if (strcmp(text, "always") == 0)
        o->colour = EX_COLOUR_ALWAYS;
    else if (strcmp(text, "never") == 0)
        o->colour = EX_COLOUR_NEVER;
    else
        return usage_error("--color", text, "must be auto, always or never");
    return 0;
}

static int add_filter(struct report_options *o, enum an_filter_subject subject, const char *text) {
    if (o->filter_count == REPORT_LIST_MAX) return usage_error("filter", text, "too many filters");
    o->filters[o->filter_count].subject = subject;
    o->filters[o->filter_count++].pattern = text;
    return 0;
}

static int add_text(const char **list, size_t *count, const char *option, const char *text) {
    if (*count == REPORT_LIST_MAX) return usage_error(option, text, "given too often");
    list[(*count)++] = text;
    return 0;
}

static int read_option(struct report_options *o, int code) {
    switch (code) {
    case OPTION_ALL_FRAMES: o->all_frames = 1; return 0;
    case OPTION_BYTES: o->sizes = EX_SIZE_EXACT; return 0;
    case OPTION_COLOR: return read_colour(o, optarg);
    case OPTION_DEBUG_DIR:
        return add_text(o->debug_directories, &o->debug_directory_count, "--debug-dir", optarg);
    case OPTION_DEBUGINFOD: o->use_debuginfod = 1; return 0;
    case OPTION_FILE: return add_filter(o, AN_FILTER_FILE, optarg);
    case OPTION_FROM: o->from = optarg; return 0;
    case OPTION_FUNCTION: return add_filter(o, AN_FILTER_FUNCTION, optarg);
    case OPTION_JSON: o->json = 1; return 0;
    case OPTION_MODULE: return add_filter(o, AN_FILTER_MODULE, optarg);
    case OPTION_NO_SYMBOLS: o->no_symbols = 1; return 0;
    case OPTION_SORT: return read_sort(o, optarg);
    case OPTION_THREAD: return add_text(o->threads, &o->thread_count, "--thread", optarg);
    case OPTION_TO: o->to = optarg; return 0;
    case OPTION_TOP: o->has_top = 1; return read_number("--top", optarg, &o->top);
    case OPTION_TREE: return read_tree(o, optarg);
    case OPTION_WIDTH: return read_number("--width", optarg, &o->width);
    default: return -1;
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
            unknown_option(argv[optind > at ? optind - 1 : at]);
            return REPORT_ARGUMENTS_BAD;
        }
        if (code == ':') {
            usage_error("option", argv[optind - 1], "needs a value; see heapwise report --help");
            return REPORT_ARGUMENTS_BAD;
        }
        if (read_option(o, code) != 0) return REPORT_ARGUMENTS_BAD;
    }
    if (optind >= argc) {
        fputs("heapwise: report: which recording? Give its file: heapwise report FILE.heapwise\n", stderr);
        return REPORT_ARGUMENTS_BAD;
    }
    if (optind + 1 < argc) {
        usage_error("report", argv[optind + 1], "one recording at a time");
        return REPORT_ARGUMENTS_BAD;
    }
    *path = argv[optind];
    return REPORT_ARGUMENTS_RUN;
}
