/* SPDX-License-Identifier: MIT
 * Moments of a run on the command line: a time (time_argument.h), or a moment that the program
 * named by heapwise_mark. Of several marks of one name NAME#2 is the second; mark:NAME is never a
 * time. */
#ifndef HEAPWISE_COMMANDS_MOMENT_ARGUMENT_H
#define HEAPWISE_COMMANDS_MOMENT_ARGUMENT_H

#include <stdint.h>

#include "base/failure.h"
#include "recording/reader.h"

struct moment_argument {
    uint64_t tick;
    const struct rec_mark *mark; /* NULL: the text is a time */
    char words[160];             /* "1.5 s", or "'loaded' (1.5 s)" */
};

/* Reads the value of `option`. */
int moment_argument_read(struct moment_argument *out, const struct rec_file *r, const char *option,
                         const char *text, struct failure *f);

#endif
