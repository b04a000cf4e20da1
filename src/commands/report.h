/* SPDX-License-Identifier: MIT
 * `heapwise report`: what a recording holds, for people and for machines. */
#ifndef HEAPWISE_COMMANDS_REPORT_H
#define HEAPWISE_COMMANDS_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "analysis/cost.h"
#include "analysis/filter.h"
#include "analysis/tree.h"
#include "commands/question_options.h"
#include "export/style.h"

/* All zero is the report without options. Strings belong to the caller. */
struct report_options {
    int json;
    int has_sort;
    enum an_cost sort;
    int has_top;
    size_t top; /* 0: all */
    enum an_direction direction;
    struct question_options question;
    struct {
        enum an_hiding hiding;
        const char *pattern;
    } hidden[QUESTION_LIST_MAX]; /* frames to leave out */
    size_t hidden_count;
    int threads, histogram, growth; /* 1: show it */
    enum ex_size_form sizes;
    enum ex_colour_choice colour;
    size_t width; /* 0: find out */
    int all_frames;
};

/* Prints the report on a recording. Returns 0, or 1 after saying on standard error what went wrong. */
int report_print_summary(const char *recording_path, const struct report_options *options,
                         FILE *out);

#endif
