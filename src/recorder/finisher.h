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
/* After tracee_end: hands it over; the finisher destroys it. One whose end is to come (end_to_come)
 * is finished but for what depends on that; it stays until finisher_tell_end. */
void finisher_give(struct finisher *n, struct tracee *t);
void finisher_tell_end(struct finisher *n, struct tracee *t, enum rec_end how, uint64_t status);
/* Waits until all are finished, those whose end was not told as well, and ends the thread. */
void finisher_stop(struct finisher *n);

#endif
