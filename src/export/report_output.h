/* SPDX-License-Identifier: MIT
 * The report on one recording, as text for people and as JSON for machines.
 *
 * Text is written in two steps, so that the first can be on the screen while the second is worked out:
 * the head needs nothing but the recording's summary (and, for a range, the profile's sums), the
 * trees need the profile and its frames. */
#ifndef HEAPWISE_EXPORT_REPORT_OUTPUT_H
#define HEAPWISE_EXPORT_REPORT_OUTPUT_H

#include <stdio.h>

#include "analysis/cost.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/question.h"
#include "analysis/suppressions.h"
#include "analysis/tree.h"
#include "base/failure.h"
#include "export/json_text.h"
#include "export/style.h"

struct ex_views;

/* What is reported, and how much of it. */
struct ex_report {
    struct rec_file *file;
    const char *path;              /* of the recording */
    const struct an_profile *profile;
    struct an_frames *frames;
    int is_part;                   /* 1: the question is about a range or threads, so that totals are
                                      the profile's, not the recording's */
    const char *question;          /* what was asked, in words ("from 1 s to 2 s, thread 17"), or NULL */
    const struct an_suppressions *suppressions; /* applied to the profile; NULL or empty: none */
    const char *filters;           /* the filters in words, or NULL */
    const struct an_question *asked; /* or NULL: everything */
    int sort;                      /* enum an_cost, or -1: each in its turn (text), peak (JSON) */
    size_t top;                    /* 0: all */
    enum an_direction direction;
    const struct ex_views *views;  /* report_views.h; NULL: none */
    int all_frames;                /* 1: fold no plumbing, leave no frame out */
};

void ex_text_head(FILE *out, const struct ex_report *r, const struct ex_style *s);
int ex_text_trees(FILE *out, const struct ex_report *r, const struct ex_style *s, struct failure *f);

/* docs/report-json.md is the specification. */
int ex_json_report(FILE *out, const struct ex_report *r, struct failure *f);
/* The members of that object but for the sites. */
void ex_json_facts(struct ex_json *j, const struct ex_report *r);

/* The parts of the text, each in its own file. */
void ex_text_facts(FILE *out, const struct ex_report *r, const struct ex_style *s);
void ex_text_timeline(FILE *out, const struct ex_report *r, const struct ex_style *s);
void ex_text_limits(FILE *out, const struct ex_report *r, const struct ex_style *s);

#endif
