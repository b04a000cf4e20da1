/* SPDX-License-Identifier: MIT
 * Holds recordings against budgets, for `heapwise check` and `heapwise run --check`. */
#ifndef HEAPWISE_COMMANDS_CHECK_RECORDING_H
#define HEAPWISE_COMMANDS_CHECK_RECORDING_H

#include <stdio.h>

#include "commands/budget.h"
#include "commands/question_options.h"
#include "export/style.h"

#define CHECK_STACKS_USUAL 3

struct check_request {
    struct budget_list *budgets;
    struct question_options options; /* what it says of symbols and suppressions */
    size_t top;                   /* stacks of a figure that is exceeded; 0: all */
    const char *junit, *markdown; /* files to write, "-" standard output, or NULL */
    enum ex_size_form sizes;
    enum ex_colour_choice colour;
    size_t width;
    int is_quiet; /* 1: a table only when something is wrong */
};

/* Checks all of them and prints the table to `out`. Returns the exit status: 0 when every budget is
 * kept, 1 when one is not or a file cannot be read (said on standard error). */
int check_recordings(const struct check_request *q, const char *const *paths, size_t count,
                     FILE *out);

#endif
