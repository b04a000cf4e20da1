/* SPDX-License-Identifier: MIT
 * Times on the command line: 1.5s, 200ms, 2m, 1h, a plain number of milliseconds, or 30% of the run. */
#ifndef HEAPWISE_COMMANDS_TIME_ARGUMENT_H
#define HEAPWISE_COMMANDS_TIME_ARGUMENT_H

#include <stdint.h>

/* Reads a time since the start of a run that took `duration_ms`. Returns 0, or -1 when it is none. */
int time_argument_parse(const char *text, uint64_t duration_ms, uint64_t *ms);

#endif
