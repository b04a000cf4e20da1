/* SPDX-License-Identifier: MIT
 * Reads the arguments of `heapwise run`. See run_usage.h. */
#include "commands/run_usage.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: heapwise [run] [OPTION…] [--] PROGRAM [ARGUMENT…]\n"
    "\n"
    "Runs PROGRAM as ever, records each of its allocations with its whole call stack, and prints "
    "where\n"
    "the memory went. Programs that it starts are recorded too, each into a file of its own. The "
    "exit\n"
    "status is the program's.\n"
    "\n"
    "Options:\n"
    "  -o, --output FILE    name of the recording; %p stands for the pid, %n for the program's "
    "name.\n"
    "                       Children get FILE with .PID before the suffix. Default:\n"
    "                       heapwise.%n.%p.heapwise\n"
    "  -q, --quiet          print nothing of our own when all went well\n"
    "      --no-follow      record the first process only, not what it starts\n"
    "      --no-symbols     leave addresses unresolved (report resolves them when it is asked)\n"
    "      --debug-dir DIR  look for separate debug files in DIR first; may be given again\n"
    "      --debuginfod     ask the servers of DEBUGINFOD_URLS for debug files\n"
    "      --libc-lines     source lines of the C library too, if its debug files are there "
    "(slower)\n"
    "      --suppressions FILE  leaks that are not told of (LeakSanitizer's syntax); may be given "
    "again\n"
    "      --no-suppressions  tell of those, too, that the program itself suppresses\n"
    "      --abort-on-alloc abort the program at an allocation inside HEAPWISE_NO_ALLOC (C API)\n"
    "      --check BUDGETS  afterwards hold each recording against the budgets of this file "
    "(heapwise\n"
    "                       check --help); exit status 1 when one is exceeded and the program's "
    "was "
    "0\n"
    "      --junit OUT      write the result of --check as JUnit XML, too\n"
    "      --markdown OUT   write it as Markdown, too, for a comment on a pull request\n"
    "      --clock CLOCK    what orders events between threads: tsc, counter, or auto (the "
    "default)\n"
    "      --help           this text\n"
    "\n"
    "Examples:\n"
    "  heapwise ./app --its-option\n"
    "  heapwise run -o app.heapwise ./app\n"
    "  heapwise run -o 'build-%n.%p.heapwise' make -j2\n";

static int clock_parse(const char *text, enum recorder_clock *clock) {
    if (strcmp(text, "auto") == 0)
        *clock = RECORDER_CLOCK_AUTO;
    else if (strcmp(text, "tsc") == 0)
        *clock = RECORDER_CLOCK_TSC;
    else if (strcmp(text, "counter") == 0)
        *clock = RECORDER_CLOCK_COUNTER;
    else
        return -1;
    return 0;
}

/* For tests, which cannot wait a minute (docs/testing.md). */
static int silence_read(uint32_t *milliseconds) {
    const char *text = getenv("HEAPWISE_SILENCE_MS");
    char *end;
    if (text == NULL) return 0;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || value == 0 || value > UINT32_MAX) {
        fprintf(stderr, "heapwise: HEAPWISE_SILENCE_MS=%s: not a number of milliseconds\n", text);
        return -1;
    }
    *milliseconds = (uint32_t)value;
    return 0;
}

static int budgets_read(struct run_options *o, const char *path) {
    struct failure f;
    if (budget_read(&o->budgets, path, &f) == 0) return 0;
    fprintf(stderr, "heapwise: %s\n", f.text);
    return -1;
}

int run_is_checked(const struct run_options *o) {
    return o->budgets.count > 0 || o->budgets.baseline != NULL;
}

/* What would be found out after a long run is found out before it. */
static int result_files_check(const char *option, const char *path, const struct run_options *o) {
    if (path == NULL) return 0;
    if (!run_is_checked(o)) {
        fprintf(stderr, "heapwise: %s %s: needs --check BUDGETS, whose result it writes\n", option,
                path);
        return -1;
    }
    if (strcmp(path, "-") == 0) {
        fprintf(stderr, "heapwise: %s -: standard output is the program's; name a file\n", option);
        return -1;
    }
    FILE *file = fopen(path, "ae");
    if (file != NULL) return fclose(file);
    fprintf(stderr, "heapwise: %s %s: cannot write it: %s\n", option, path, strerror(errno));
    return -1;
}

int run_options_read(struct run_options *o, int argc, char **argv) {
    enum {
        NO_FOLLOW = 256,
        NO_SYMBOLS,
        DEBUG_DIR,
        DEBUGINFOD,
        LIBC_LINES,
        CLOCK,
        SUPPRESSIONS,
        NO_SUPPRESSIONS,
        ABORT_ON_ALLOC,
        CHECK,
        JUNIT,
        MARKDOWN,
        HELP
    };
    static const struct option known[] = {{"output", required_argument, NULL, 'o'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"no-follow", no_argument, NULL, NO_FOLLOW},
                                          {"no-symbols", no_argument, NULL, NO_SYMBOLS},
                                          {"debug-dir", required_argument, NULL, DEBUG_DIR},
                                          {"debuginfod", no_argument, NULL, DEBUGINFOD},
                                          {"libc-lines", no_argument, NULL, LIBC_LINES},
                                          {"suppressions", required_argument, NULL, SUPPRESSIONS},
                                          {"no-suppressions", no_argument, NULL, NO_SUPPRESSIONS},
                                          {"abort-on-alloc", no_argument, NULL, ABORT_ON_ALLOC},
                                          {"clock", required_argument, NULL, CLOCK},
                                          {"check", required_argument, NULL, CHECK},
                                          {"junit", required_argument, NULL, JUNIT},
                                          {"markdown", required_argument, NULL, MARKDOWN},
                                          {"help", no_argument, NULL, HELP},
                                          {NULL, 0, NULL, 0}};
    size_t directories = 0;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "+:o:qh", known, NULL)) != -1;) {
        switch (c) {
        case 'o':
            o->recorder.output = optarg;
            break;
        case 'q':
            o->quiet = true;
            break;
        case NO_FOLLOW:
            o->recorder.no_follow = true;
            break;
        case NO_SYMBOLS:
            o->recorder.no_symbols = true;
            break;
        case DEBUGINFOD:
            o->recorder.use_debuginfod = true;
            break;
        case ABORT_ON_ALLOC:
            o->recorder.abort_where_forbidden = true;
            break;
        case SUPPRESSIONS:
            if (access(optarg, R_OK) != 0) {
                fprintf(stderr, "heapwise: cannot read the suppressions in %s: %s\n", optarg,
                        strerror(errno));
                return 2;
            }
            if (o->summary.question.suppression_count == QUESTION_LIST_MAX) {
                fprintf(stderr, "heapwise: more than %d --suppressions\n", QUESTION_LIST_MAX);
                return 2;
            }
            o->summary.question.suppressions[o->summary.question.suppression_count++] = optarg;
            break;
        case NO_SUPPRESSIONS:
            o->summary.question.no_suppressions = 1;
            break;
        case LIBC_LINES:
            o->recorder.c_library_lines = true;
            break;
        case DEBUG_DIR:
            if (directories == DEBUG_DIRECTORIES_MAX) {
                fprintf(stderr, "heapwise: more than %d --debug-dir\n", DEBUG_DIRECTORIES_MAX);
                return 2;
            }
            o->debug_directories[directories++] = optarg;
            break;
        case CHECK:
            if (budgets_read(o, optarg) != 0) return 2;
            break;
        case JUNIT:
            o->junit = optarg;
            break;
        case MARKDOWN:
            o->markdown = optarg;
            break;
        case CLOCK:
            if (clock_parse(optarg, &o->recorder.clock) == 0) break;
            fprintf(stderr, "heapwise: --clock %s: not a clock; choose auto, tsc or counter\n",
                    optarg);
            return 2;
        case 'h':
        case HELP:
            fputs(usage, stdout);
            return 0;
        case ':':
            fprintf(stderr, "heapwise: %s: needs a value (heapwise run --help)\n",
                    argv[optind - 1]);
            return 2;
        default:
            fprintf(stderr, "heapwise: %s: no such option or command (heapwise --help)\n",
                    argv[optind - 1]);
            return 2;
        }
    }
    if (result_files_check("--junit", o->junit, o) != 0 ||
        result_files_check("--markdown", o->markdown, o) != 0)
        return 2;
    if (optind == argc) {
        fprintf(stderr, "heapwise: no program to run: name one, as in heapwise ./app\n");
        return 2;
    }
    if (silence_read(&o->recorder.silence_ms) != 0) return 2;
    o->recorder.command = argv + optind;
    o->recorder.debug_directories = o->debug_directories;
    return -1;
}

void run_options_release(struct run_options *o) {
    budget_list_release(&o->budgets);
}
