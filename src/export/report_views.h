/* SPDX-License-Identifier: MIT
 * What a report shows beside totals and call stacks when it is asked to: threads, sizes and lifetimes,
 * and what seems to grow. */
#ifndef HEAPWISE_EXPORT_REPORT_VIEWS_H
#define HEAPWISE_EXPORT_REPORT_VIEWS_H

#include <stdio.h>

#include "analysis/growth.h"
#include "analysis/histogram.h"
#include "analysis/thread_table.h"
#include "export/json_text.h"
#include "export/report_output.h"

/* NULL: not asked for. */
struct ex_views {
    const struct an_thread_row *threads; /* one for each thread of the recording */
    const struct an_histogram *histogram;
    const struct an_growth *growth; /* a group is a frame, the site of its stacks (site_frames.h) */
    size_t growth_count;
};

/* Each in its own file. */
int ex_text_threads(FILE *out, const struct ex_report *r, const struct an_thread_row *rows,
                    const struct ex_style *s, struct failure *f);
void ex_text_histogram(FILE *out, const struct ex_report *r, const struct an_histogram *h,
                       const struct ex_style *s);
int ex_text_growth(FILE *out, const struct ex_report *r, const struct ex_views *v,
                   const struct ex_style *s, struct failure *f);

/* The members "thread_costs", "histogram" and "growth" of the JSON report; null where not asked for. */
void ex_json_views(struct ex_json *j, const struct ex_report *r);

#endif
