/* SPDX-License-Identifier: MIT
 * The finisher: a thread that ends recordings (symbols, summary), so that a process that has ended
 * does not make those wait that still run. */
#ifndef HEAPWISE_RECORDER_FINISHER_H
#define HEAPWISE_RECORDER_FINISHER_H

#include "recorder/recorder.h"
#include "recorder/tracee.h"

struct finisher;

/* `result` receives a recorded_process for each tracee. */
int finisher_start(struct finisher **out, const struct finish_options *options,
                   struct recorder_result *result, struct failure *f);
/* After tracee_end: hands it over; the finisher destroys it. */
void finisher_give(struct finisher *n, struct tracee *t, bool first);
/* Waits until all are finished and ends the thread. */
void finisher_stop(struct finisher *n);

#endif
