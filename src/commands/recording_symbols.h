/* SPDX-License-Identifier: MIT
 * The names of a recording's functions, as the options of a command want them. */
#ifndef HEAPWISE_COMMANDS_RECORDING_SYMBOLS_H
#define HEAPWISE_COMMANDS_RECORDING_SYMBOLS_H

#include "base/failure.h"
#include "commands/question_options.h"
#include "recording/reader.h"

/* They are stored in most recordings; else, or when the options ask for it, they are resolved here
 * and now, which a terminal is told. */
int recording_symbols_provide(struct rec_file *r, const struct question_options *o,
                              struct failure *f);

#endif
