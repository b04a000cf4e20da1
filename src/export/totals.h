/* SPDX-License-Identifier: MIT
 * The totals that a report shows: the recording's own, or those of the range or threads asked about. */
#ifndef HEAPWISE_EXPORT_TOTALS_H
#define HEAPWISE_EXPORT_TOTALS_H

#include "export/report_output.h"

/* Fields that the question leaves unknown are AN_UNKNOWN. Filters do not change totals; suppressed
 * leaks are taken off. */
struct rec_totals ex_totals(const struct ex_report *r);

/* What "leaked" means here: "never freed", unless the recording or the range ended before the process. */
const char *ex_leaked_words(const struct ex_report *r);

#endif
