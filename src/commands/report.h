/* SPDX-License-Identifier: MIT
 * `heapwise report`: what a recording holds, for people and for machines. */
#ifndef HEAPWISE_COMMANDS_REPORT_H
#define HEAPWISE_COMMANDS_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "analysis/cost.h"
#include "analysis/filter.h"
#include "analysis/tree.h"
#include "export/style.h"

#define REPORT_LIST_MAX 32 /* how often an option may be given */

/* All zero is the report without options. Strings belong to the caller. */
struct report_options {
    int json;
    int has_sort;
    enum an_cost sort;
    int has_top;
    size_t top; /* 0: all */
    enum an_direction direction;
    struct {
        enum an_filter_subject subject;
        const char *pattern;
    } filters[REPORT_LIST_MAX];
    size_t filter_count;
    const char *from, *to; /* as time_argument.h reads them; NULL: start, end */
    const char *threads[REPORT_LIST_MAX];
    size_t thread_count;
    enum ex_size_form sizes;
    enum ex_colour_choice colour;
    size_t width; /* 0: find out */
    const char *debug_directories[REPORT_LIST_MAX + 1];
    size_t debug_directory_count;
    int use_debuginfod;
    int no_symbols;
    int all_frames;
};

/* Prints the report on a recording. Returns 0, or 1 after saying on standard error what went wrong. */
int report_print_summary(const char *recording_path, const struct report_options *options,
                         FILE *out);

#endif
