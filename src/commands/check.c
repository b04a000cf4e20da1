/* SPDX-License-Identifier: MIT
 * `heapwise check`: whether recordings keep to budgets, for continuous integration. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/filter.h"
#include "commands/check_recording.h"
#include "commands/commands.h"
#include "commands/option_reading.h"
#include "commands/share_argument.h"

static const char help[] =
    "Usage: heapwise check [OPTIONS] FILE...\n"
    "\n"
    "Holds recordings against budgets, and tells which budget is exceeded, by how much, and by "
    "which\n"
    "call stacks. Each FILE must keep to all of them; any format that heapwise reads will do.\n"
    "\n"
    "Budgets\n"
    "  --budget BUDGETS      a file of budgets (docs/check.md); may be repeated\n"
    "  --max-peak SIZE       bytes alive at once, as 64MiB\n"
    "  --max-peak-blocks N   blocks alive at the peak\n"
    "  --max-leaked SIZE     bytes never freed\n"
    "  --max-leaked-blocks N\n"
    "  --max-allocated SIZE  bytes of all allocations\n"
    "  --max-allocations N\n"
    "  --max-temporary N     blocks freed by the thread's very next call\n"
    "  --max-failed N        calls that returned NULL\n"
    "  --function REGEX      these options' limits are on call stacks with such a function,\n"
    "  --file REGEX          source file\n"
    "  --module REGEX        or library alone; '!' before it: on those without one\n"
    "  --suppressions FILE   leaks that do not count, in LeakSanitizer's syntax, beside those that "
    "the\n"
    "                        program itself declares; may be repeated\n"
    "  --no-suppressions     all leaks count\n"
    "  --baseline OLD        no figure may be above that of another recording\n"
    "  --tolerance SHARE     by more than this, as 5%\n"
    "\n"
    "What to print\n"
    "  --top N               call stacks of each figure that is exceeded (3; 0: all)\n"
    "  --junit OUT           write JUnit XML, too; OUT - is standard output, instead of the table\n"
    "  --markdown OUT        write Markdown, too, for a comment on a pull request\n"
    "  --quiet               print nothing when all is well\n"
    "  --bytes               exact bytes, no KiB and MiB\n"
    "  --color WHEN          auto (the default), always or never; NO_COLOR is respected\n"
    "  --width N             columns\n"
    "\n" SYMBOL_OPTIONS_HELP "\n"
    "Exit status: 0 all is within its budget, 1 something is not, or a file cannot be read, 2 "
    "wrong\n"
    "usage.\n"
    "\n"
    "Examples\n"
    "  heapwise check --max-leaked 0 --max-peak 64MiB app.heapwise\n"
    "  heapwise check --function '^Parser::' --max-allocations 300 app.heapwise\n"
    "  heapwise check --baseline main.heapwise --tolerance 5% branch.heapwise\n"
    "  heapwise run --check budgets.toml -- ctest\n";

enum option_code {
    OPTION_BASELINE = 256,
    OPTION_BUDGET,
    OPTION_BYTES,
    OPTION_COLOR,
    OPTION_FILE,
    OPTION_FUNCTION,
    OPTION_HELP,
    OPTION_JUNIT,
    OPTION_MARKDOWN,
    OPTION_MODULE,
    OPTION_QUIET,
    OPTION_TOLERANCE,
    OPTION_TOP,
    OPTION_WIDTH,
    OPTION_LIMIT /* and so on, by enum budget_figure */
};

static const struct option options[] = {
    SYMBOL_OPTIONS_LIST,
    LEAK_OPTIONS_LIST,
    {"baseline", required_argument, NULL, OPTION_BASELINE},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"bytes", no_argument, NULL, OPTION_BYTES},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"file", required_argument, NULL, OPTION_FILE},
    {"function", required_argument, NULL, OPTION_FUNCTION},
    {"help", no_argument, NULL, OPTION_HELP},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"markdown", required_argument, NULL, OPTION_MARKDOWN},
    {"max-allocated", required_argument, NULL, OPTION_LIMIT + BUDGET_ALLOCATED},
    {"max-allocations", required_argument, NULL, OPTION_LIMIT + BUDGET_ALLOCATIONS},
    {"max-failed", required_argument, NULL, OPTION_LIMIT + BUDGET_FAILED},
    {"max-leaked", required_argument, NULL, OPTION_LIMIT + BUDGET_LEAKED},
    {"max-leaked-blocks", required_argument, NULL, OPTION_LIMIT + BUDGET_LEAKED_BLOCKS},
    {"max-peak", required_argument, NULL, OPTION_LIMIT + BUDGET_PEAK},
    {"max-peak-blocks", required_argument, NULL, OPTION_LIMIT + BUDGET_PEAK_BLOCKS},
    {"max-temporary", required_argument, NULL, OPTION_LIMIT + BUDGET_TEMPORARY},
    {"module", required_argument, NULL, OPTION_MODULE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"tolerance", required_argument, NULL, OPTION_TOLERANCE},
    {"top", required_argument, NULL, OPTION_TOP},
    {"width", required_argument, NULL, OPTION_WIDTH},
    {NULL, 0, NULL, 0},
};

struct arguments {
    struct check_request request;
    struct budget_list budgets;
    struct budget own; /* of the options */
    int has_own;
};

static int read_budgets(struct arguments *a, const char *path) {
    struct failure f;
    if (budget_read(&a->budgets, path, &f) == 0) return 0;
    fprintf(stderr, "heapwise: %s\n", f.text);
    return -1;
}

static int keep(char **to, const char *text) {
    free(*to);
    *to = strdup(text);
    return *to != NULL ? 0 : option_bad("option", text, "out of memory");
}

static int read_limit(struct arguments *a, int figure, const char *text) {
    a->has_own = 1;
    if (budget_limit(&a->own, (enum budget_figure)figure, text) == 0) return 0;
    return option_bad("limit", text,
                      budget_figures[figure].is_bytes ? "must be a size, as 64MiB"
                                                      : "must be a number");
}

static int read_option(struct arguments *a, int code) {
    struct check_request *q = &a->request;
    switch (code) {
    case OPTION_BASELINE:
        return keep(&a->budgets.baseline, optarg);
    case OPTION_BUDGET:
        return read_budgets(a, optarg);
    case OPTION_BYTES:
        q->sizes = EX_SIZE_EXACT;
        return 0;
    case OPTION_COLOR:
        return option_colour(optarg, &q->colour);
    case OPTION_FILE:
        return keep(&a->own.file, optarg);
    case OPTION_FUNCTION:
        return keep(&a->own.function, optarg);
    case OPTION_JUNIT:
        q->junit = optarg;
        return 0;
    case OPTION_MARKDOWN:
        q->markdown = optarg;
        return 0;
    case OPTION_MODULE:
        return keep(&a->own.module, optarg);
    case OPTION_QUIET:
        q->is_quiet = 1;
        return 0;
    case OPTION_TOLERANCE:
        a->budgets.has_tolerance = 1;
        if (share_argument_parse(optarg, &a->budgets.tolerance) == 0) return 0;
        return option_bad("--tolerance", optarg, "must be a share, as 5%");
    case OPTION_TOP:
        return option_number("--top", optarg, &q->top);
    case OPTION_WIDTH:
        return option_number("--width", optarg, &q->width);
    default:
        if (code >= OPTION_LIMIT && code < OPTION_LIMIT + BUDGET_FIGURES)
            return read_limit(a, code - OPTION_LIMIT, optarg);
        return question_option_read(&q->options, code, optarg);
    }
}

static int usage_error(const char *what) {
    fprintf(stderr, "heapwise: check: %s\n", what);
    return 2;
}

/* What only all options together tell. */
static int complete(struct arguments *a) {
    struct budget *own = &a->own;
    if (!a->has_own && (own->function != NULL || own->file != NULL || own->module != NULL))
        return usage_error(
            "--function, --file and --module need a limit, as --max-allocations 300");
    if (a->budgets.has_tolerance && a->budgets.baseline == NULL)
        return usage_error("--tolerance needs a --baseline");
    if (a->has_own) {
        struct budget *b = budget_add(&a->budgets);
        if (b == NULL) return usage_error("out of memory");
        *b = *own;
        memset(own, 0, sizeof *own);
    }
    if (a->budgets.count == 0 && a->budgets.baseline == NULL)
        return usage_error("nothing to check against: give --budget, --max-peak and the like, or "
                           "--baseline");
    return -1;
}

/* Returns -1 to go on, or an exit status. */
static int read_arguments(struct arguments *a, int argc, char **argv) {
    opterr = 0;
    optind = 0;
    a->request.top = CHECK_STACKS_USUAL;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":h", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (code == '?') {
            option_unknown(argv[optind > at ? optind - 1 : at], options, "check");
            return 2;
        }
        if (code == ':') {
            option_bad("option", argv[optind - 1], "needs a value; see heapwise check --help");
            return 2;
        }
        if (read_option(a, code) != 0) return 2;
    }
    if (optind == argc) return usage_error("which recording? Give its file");
    return complete(a);
}

int command_check(int argc, char **argv) {
    struct arguments a;
    memset(&a, 0, sizeof a);
    int status = read_arguments(&a, argc, argv);
    a.request.budgets = &a.budgets;
    if (status < 0)
        status = check_recordings(&a.request, (const char *const *)argv + optind,
                                  (size_t)(argc - optind), stdout);
    free(a.own.function);
    free(a.own.file);
    free(a.own.module);
    budget_list_release(&a.budgets);
    return status;
}
