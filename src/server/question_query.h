/* SPDX-License-Identifier: MIT
 * The question that a request's parameters ask: from, to, alive_at, function, file, module, size,
 * lifetime, thread, whole_group. docs/http-api.md is the specification. */
#ifndef HEAPWISE_SERVER_QUESTION_QUERY_H
#define HEAPWISE_SERVER_QUESTION_QUERY_H

#include <stdint.h>

#include "analysis/question.h"
#include "server/target.h"

struct question_query {
    struct an_question question;
    struct an_filter filters[AN_FILTERS_MAX];
    size_t filter_count; /* how many have been made */
    struct an_bounds size, lifetime;
    uint8_t *threads;
};

/* The names of the parameters above, for target_allow. */
#define QUESTION_QUERY_NAMES                                                                       \
    "from", "to", "alive_at", "function", "file", "module", "size", "lifetime", "thread",          \
        "whole_group"

/* Points into itself, so it must not be copied. Fails with a sentence for whoever asked. */
int question_query_init(struct question_query *q, const struct target *t, struct rec_file *r,
                        struct failure *f);
void question_query_release(struct question_query *q);

/* The number of a parameter; `absent` when it is not there or empty. */
int question_query_number(const struct target *t, const char *name, uint64_t absent, uint64_t *n,
                          struct failure *f);

#endif
