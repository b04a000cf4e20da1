/* SPDX-License-Identifier: MIT
 * The options that say which part of a recording is asked about: the same words in every command that
 * asks. A command puts QUESTION_OPTIONS_LIST into its own list for getopt_long, both helps into its
 * help, and hands on the codes that are not its own. */
#ifndef HEAPWISE_COMMANDS_QUESTION_OPTIONS_H
#define HEAPWISE_COMMANDS_QUESTION_OPTIONS_H

#include <getopt.h>
#include <stddef.h>

#include "analysis/question.h"

#define QUESTION_LIST_MAX 32 /* how often an option may be given */

/* All zero asks about everything. Strings belong to the caller. */
struct question_options {
    struct {
        enum an_filter_subject subject;
        const char *pattern;
        int ignores; /* 1: call stacks without a match */
    } filters[QUESTION_LIST_MAX];
    size_t filter_count;
    const char *from, *until; /* as moment_argument.h reads them; NULL: start, end */
    const char *alive_at;     /* likewise; NULL: the end of the range */
    const char *size, *lifetime; /* MIN-MAX, as size_argument.h and time_argument.h read them */
    int whole_group_leaks;
    enum an_times times; /* no option of its own here: few commands show times */
    const char *threads[QUESTION_LIST_MAX];
    size_t thread_count;
    const char *debug_directories[QUESTION_LIST_MAX + 1];
    size_t debug_directory_count;
    int use_debuginfod;
    int no_symbols;
    const char *suppressions[QUESTION_LIST_MAX + 1]; /* files (suppressions.h) */
    size_t suppression_count;
    int no_suppressions; /* 1: not those that the program itself declares, either */
};

enum question_option_code {
    QUESTION_OPTION_ALIVE_AT = 512,
    QUESTION_OPTION_DEBUG_DIR,
    QUESTION_OPTION_DEBUGINFOD,
    QUESTION_OPTION_FILE,
    QUESTION_OPTION_FOCUS,
    QUESTION_OPTION_FROM,
    QUESTION_OPTION_FUNCTION,
    QUESTION_OPTION_IGNORE,
    QUESTION_OPTION_LIFETIME,
    QUESTION_OPTION_MODULE,
    QUESTION_OPTION_NO_SUPPRESSIONS,
    QUESTION_OPTION_NO_SYMBOLS,
    QUESTION_OPTION_SIZE,
    QUESTION_OPTION_SUPPRESSIONS,
    QUESTION_OPTION_THREAD,
    QUESTION_OPTION_UNTIL,
    QUESTION_OPTION_WHOLE_GROUP_LEAKS
};

/* For a command that asks no question but shows names. */
#define SYMBOL_OPTIONS_LIST                                             \
    {"debug-dir", required_argument, NULL, QUESTION_OPTION_DEBUG_DIR},  \
    {"debuginfod", no_argument, NULL, QUESTION_OPTION_DEBUGINFOD},      \
    {"no-symbols", no_argument, NULL, QUESTION_OPTION_NO_SYMBOLS}

/* For a command that tells of leaks. */
#define LEAK_OPTIONS_LIST                                                                          \
    {"no-suppressions", no_argument, NULL, QUESTION_OPTION_NO_SUPPRESSIONS}, {                     \
        "suppressions", required_argument, NULL, QUESTION_OPTION_SUPPRESSIONS                      \
    }

#define QUESTION_OPTIONS_LIST                                                                      \
    SYMBOL_OPTIONS_LIST, LEAK_OPTIONS_LIST,                                                        \
        {"alive-at", required_argument, NULL, QUESTION_OPTION_ALIVE_AT},                           \
        {"file", required_argument, NULL, QUESTION_OPTION_FILE},                                   \
        {"focus", required_argument, NULL, QUESTION_OPTION_FOCUS},                                 \
        {"from", required_argument, NULL, QUESTION_OPTION_FROM},                                   \
        {"function", required_argument, NULL, QUESTION_OPTION_FUNCTION},                           \
        {"ignore", required_argument, NULL, QUESTION_OPTION_IGNORE},                               \
        {"lifetime", required_argument, NULL, QUESTION_OPTION_LIFETIME},                           \
        {"module", required_argument, NULL, QUESTION_OPTION_MODULE},                               \
        {"size", required_argument, NULL, QUESTION_OPTION_SIZE},                                   \
        {"thread", required_argument, NULL, QUESTION_OPTION_THREAD},                               \
        {"until", required_argument, NULL, QUESTION_OPTION_UNTIL}, {                               \
        "whole-group-leaks", no_argument, NULL, QUESTION_OPTION_WHOLE_GROUP_LEAKS                  \
    }

#define QUESTION_OPTIONS_HELP                                                                      \
    "Which part of it\n"                                                                           \
    "  --from T           only this part of the run: 1.5s, 200ms, 2m, 30% of it; a plain number "  \
    "is\n"                                                                                         \
    "  --until T          milliseconds; or a mark of the program by its name (NAME#2: the second " \
    "one of\n"                                                                                     \
    "                     the name). Leaks are then blocks allocated in the range and alive at "   \
    "its end\n"                                                                                    \
    "  --alive-at T       what was alive at this moment; leaks are then blocks allocated in the "  \
    "range and\n"                                                                                  \
    "                     alive at this moment: what grew between the two\n"                       \
    "  --thread X         only what this thread allocated: its number or its name; may be "        \
    "repeated\n"                                                                                   \
    "  --size MIN-MAX     only blocks of these sizes: 100-200, 64K-, -1M, or 4096 for exactly "    \
    "that\n"                                                                                       \
    "  --lifetime MIN-MAX only blocks that lived so long: 0-1ms, 2s-; what was never freed lived " \
    "longer\n"                                                                                     \
    "                     than any bound\n"                                                        \
    "  --function REGEX   only call stacks with such a function (a POSIX extended regular "        \
    "expression\n"                                                                                 \
    "  --file REGEX       on its readable name), source file or module (library). With '!' "       \
    "before it:\n"                                                                                 \
    "  --module REGEX     only stacks without one. May be repeated; all must hold\n"               \
    "  --focus REGEX      only stacks with a function, file or module that matches\n"              \
    "  --ignore REGEX     only stacks without one\n"                                               \
    "  --whole-group-leaks  only stacks none of whose blocks was ever freed\n" LEAK_OPTIONS_HELP

#define LEAK_OPTIONS_HELP                                                                          \
    "  --suppressions FILE  leaks that are known and not to be told of, in LeakSanitizer's "       \
    "syntax, beside\n"                                                                             \
    "                     those that the program declares itself; may be repeated\n"               \
    "  --no-suppressions  tell of all leaks\n"

#define SYMBOL_OPTIONS_HELP \
    "Names of functions (they are usually stored in the recording)\n" \
    "  --debug-dir DIR    look for separate debug files here, too, and resolve all names anew\n" \
    "  --debuginfod       ask the servers of DEBUGINFOD_URLS, and resolve all names anew\n" \
    "  --no-symbols       show addresses\n"

/* Takes one option. Returns 0, or -1 after saying on standard error what is wrong. */
int question_option_read(struct question_options *o, int code, const char *value);

#endif
