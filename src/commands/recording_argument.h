/* SPDX-License-Identifier: MIT
 * A recording as it is named on the command line: a file, or "-" for standard input. */
#ifndef HEAPWISE_COMMANDS_RECORDING_ARGUMENT_H
#define HEAPWISE_COMMANDS_RECORDING_ARGUMENT_H

#include "base/failure.h"
#include "recording/reader.h"

/* Standard input is copied to a file without a name in TMPDIR first, for a recording is read in any
 * order. */
int recording_argument_open(struct rec_file **out, const char *name, struct failure *f);

#endif
