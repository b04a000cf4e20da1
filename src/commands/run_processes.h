/* SPDX-License-Identifier: MIT
 * The table of the processes of a run. */
#ifndef HEAPWISE_COMMANDS_RUN_PROCESSES_H
#define HEAPWISE_COMMANDS_RUN_PROCESSES_H

#include "commands/question_options.h"
#include "recorder/recorder.h"

/* Prints it to standard error. Leaks that are suppressed (`options`, and the programs' own rules)
 * do not count. */
void run_processes_print(const struct recorder_result *r, const struct question_options *options);

#endif
