/* SPDX-License-Identifier: MIT
 * Turns the options of a question into one to a recording, and into words. */
#ifndef HEAPWISE_COMMANDS_REPORT_QUESTION_H
#define HEAPWISE_COMMANDS_REPORT_QUESTION_H

#include "analysis/question.h"
#include "commands/question_options.h"

struct report_question {
    struct an_question question;
    struct an_filter filters[QUESTION_LIST_MAX];
    size_t filter_count; /* how many have been made */
    uint8_t *threads;
    struct an_bounds size, lifetime;
    char *range_words, *filter_words; /* NULL: the whole recording, no filters */
};

int report_question_init(struct report_question *q, struct rec_file *r,
                         const struct question_options *o, struct failure *f);
void report_question_release(struct report_question *q);

#endif
