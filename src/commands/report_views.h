/* SPDX-License-Identifier: MIT
 * Asks for what a report shows beside totals and call stacks: threads, histograms, growth. */
#ifndef HEAPWISE_COMMANDS_REPORT_VIEWS_H
#define HEAPWISE_COMMANDS_REPORT_VIEWS_H

#include "commands/recording_answer.h"
#include "commands/report.h"
#include "export/report_views.h"

/* All zero may be released. */
struct report_views {
    struct ex_views views; /* points to what follows */
    struct an_thread_row *threads;
    struct an_histogram histogram;
    struct an_growth *growth;
};

int report_views_get(struct report_views *v, struct rec_file *r, const struct report_options *o,
                     struct recording_answer *a, struct failure *f);
void report_views_release(struct report_views *v);

#endif
