/* SPDX-License-Identifier: MIT
 * The arguments of `heapwise run`. */
#ifndef HEAPWISE_COMMANDS_RUN_USAGE_H
#define HEAPWISE_COMMANDS_RUN_USAGE_H

#include <stdbool.h>

#include "commands/budget.h"
#include "commands/report.h"
#include "recorder/recorder.h"

enum { DEBUG_DIRECTORIES_MAX = 32 };

/* All zero is the run without options. */
struct run_options {
    struct recorder_options recorder;
    bool quiet;
    struct report_options summary;
    struct budget_list budgets;
    const char *junit, *markdown; /* files for the result of the check, or NULL */
    const char *debug_directories[DEBUG_DIRECTORIES_MAX + 1];
};

/* Returns -1 to go on, or an exit status, after saying on standard error what is wrong. */
int run_options_read(struct run_options *o, int argc, char **argv);
void run_options_release(struct run_options *o);
/* Whether recordings are to be held against budgets. */
int run_is_checked(const struct run_options *o);

#endif
