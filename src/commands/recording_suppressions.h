/* SPDX-License-Identifier: MIT
 * The leaks of a recording that a command is not to tell of: those of the files that its options
 * name, then those that the program itself declared. */
#ifndef HEAPWISE_COMMANDS_RECORDING_SUPPRESSIONS_H
#define HEAPWISE_COMMANDS_RECORDING_SUPPRESSIONS_H

#include "analysis/suppressions.h"
#include "commands/question_options.h"

int recording_suppressions_read(struct an_suppressions *s, const struct rec_file *r,
                                const struct question_options *o, struct failure *f);

#endif
