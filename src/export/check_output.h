/* SPDX-License-Identifier: MIT
 * What a check against budgets came to: as a table for people, as Markdown for a comment, and as
 * JUnit XML for whatever shows tests. */
#ifndef HEAPWISE_EXPORT_CHECK_OUTPUT_H
#define HEAPWISE_EXPORT_CHECK_OUTPUT_H

#include <stdio.h>

#include "analysis/diff.h"
#include "export/style.h"

enum ex_outcome {
    EX_WITHIN,
    EX_EXCEEDED,
    EX_NOT_KNOWN, /* the file does not tell the figure, so the check cannot be held */
    EX_NOT_MET,   /* the budget is on processes of which there is no recording */
};

/* A stack that has a part in an exceeded figure. */
struct ex_check_stack {
    char *amount; /* "1.2 KiB", or "+1.2 KiB" against a baseline */
    char *text;   /* "make a.c:8 ← comes ← main" */
};

struct ex_verdict {
    char *file;        /* path of the recording; NULL with EX_NOT_MET */
    char *budget;      /* its name */
    const char *words; /* of the figure: "peak" */
    int is_bytes;
    uint64_t actual, limit;
    uint64_t suppressed; /* what is known and was not counted in `actual` */
    enum ex_outcome outcome;
    struct ex_check_stack *stacks;
    size_t stack_count;
};

struct ex_check {
    struct ex_verdict *verdicts; /* those of a file together */
    size_t count, capacity;
};

/* 1 when nothing was exceeded and all could be told. */
int ex_check_passed(const struct ex_check *c);
void ex_check_release(struct ex_check *c);

void ex_check_text(FILE *out, const struct ex_check *c, const struct ex_style *s);
void ex_check_markdown(FILE *out, const struct ex_check *c);
void ex_check_junit(FILE *out, const struct ex_check *c);

/* "61.2 MiB of 64.0 MiB"; "65.2 MiB of 64.0 MiB, 1.2 MiB too much"; "not known". */
struct ex_check_words {
    char text[160];
};
struct ex_check_words ex_verdict_words(const struct ex_verdict *v, enum ex_size_form form);

#endif
