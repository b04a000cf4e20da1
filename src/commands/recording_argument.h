/* SPDX-License-Identifier: MIT
 * A recording as it is named on the command line: heapwise's own file or another tool's (import.h), or
 * "-" for standard input. */
#ifndef HEAPWISE_COMMANDS_RECORDING_ARGUMENT_H
#define HEAPWISE_COMMANDS_RECORDING_ARGUMENT_H

#include "base/failure.h"
#include "recording/reader.h"

/* Tells on a terminal how far it is where that takes long. */
int recording_argument_open(struct rec_file **out, const char *name, struct failure *f);
/* A file that holds the difference of two profiles, as those two (import.h). */
int recording_argument_open_difference(struct rec_file **before, struct rec_file **after,
                                       const char *name, struct failure *f);

#endif
