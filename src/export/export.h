/* SPDX-License-Identifier: MIT
 * The answer to a question in other programs' formats: one file a format, all of them in the list
 * in formats.c. docs/exports.md says what each format keeps and loses. */
#ifndef HEAPWISE_EXPORT_EXPORT_H
#define HEAPWISE_EXPORT_EXPORT_H

#include <stdio.h>

#include "analysis/cost.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/question.h"
#include "analysis/suppressions.h"
#include "base/failure.h"
#include "export/sites.h"

/* What is exported. */
struct ex_export {
    struct rec_file *file;
    const char *path; /* of the recording */
    const struct an_question *question;
    const struct an_profile *profile; /* its answer */
    struct an_frames *frames;
    const struct an_suppressions *suppressions; /* applied to the answer; NULL or empty: none */
    int is_part;              /* 1: the question is about a range or threads */
    const char *range_words;  /* "only from 1 s to 2 s", or NULL */
    const char *filter_words; /* or NULL */
    int cost;                 /* enum an_cost, or -1: all that the format can hold, else the peak */
    /* Made by ex_export_write for the formats that need them. */
    struct ex_sites sites;
    char **labels;
};

enum ex_medium {
    EX_TEXT,
    EX_BINARY,
    EX_GZIP,     /* always compressed; whoever opens the output does it */
    EX_DATABASE, /* written to a file by its name */
};

enum ex_costs { EX_COST_ONE, EX_COSTS_ALL, EX_COSTS_NONE };

/* What makes two call stacks one. */
enum ex_stacks {
    EX_STACKS_NONE,         /* no stacks are needed, or they are made from the recording's nodes */
    EX_STACKS_OF_LINES,     /* the same lines of the same functions */
    EX_STACKS_OF_FUNCTIONS, /* the same functions; lines mean nothing */
};

struct ex_format {
    const char *name;
    const char *file_name; /* %s stands for the recording's name */
    const char *summary;   /* what it is, and what opens it */
    enum ex_medium medium;
    enum ex_costs costs; /* what --cost chooses from; EX_COSTS_NONE: there is nothing to choose */
    enum ex_stacks stacks;
    int (*write)(FILE *out, struct ex_export *e, struct failure *f);
    int (*write_file)(const char *path, struct ex_export *e, struct failure *f); /* EX_DATABASE */
};

extern const struct ex_format ex_formats[]; /* ends with a NULL name */
const struct ex_format *ex_format_named(const char *name);

/* `out` is NULL and `path` is given if and only if the format is a database. */
int ex_export_write(const struct ex_format *format, FILE *out, const char *path,
                    struct ex_export *e, struct failure *f);

/* The cost that is asked for; without --cost the peak, or the first cost that is known. */
enum an_cost ex_main_cost(const struct ex_export *e);
/* Whether a format that holds several costs is to hold this one: the one asked for; without --cost
 * those that are known, up to temporary. */
int ex_cost_is_asked(const struct ex_export *e, enum an_cost cost);

/* Whether a mark of the program lies in the range asked about. */
int ex_mark_is_asked(const struct ex_export *e, const struct rec_mark *m);

/* What a function is called: its whole demangled name; without one "libx.so+0x12ab". Owned by the
 * export. REC_NONE is the function of stacks that are not known. */
const char *ex_function_label(struct ex_export *e, uint32_t function);

/* The formats, each in its own file. */
int ex_pprof(FILE *out, struct ex_export *e, struct failure *f);
int ex_speedscope(FILE *out, struct ex_export *e, struct failure *f);
int ex_collapsed(FILE *out, struct ex_export *e, struct failure *f);
int ex_massif(FILE *out, struct ex_export *e, struct failure *f);
int ex_firefox(FILE *out, struct ex_export *e, struct failure *f);
int ex_trace(FILE *out, struct ex_export *e, struct failure *f);
int ex_heaptrack(FILE *out, struct ex_export *e, struct failure *f);
int ex_callgrind(FILE *out, struct ex_export *e, struct failure *f);
int ex_dot(FILE *out, struct ex_export *e, struct failure *f);
int ex_sqlite(const char *path, struct ex_export *e, struct failure *f);
int ex_csv(FILE *out, struct ex_export *e, struct failure *f);
int ex_json_tables(FILE *out, struct ex_export *e, struct failure *f);

#endif
