/* SPDX-License-Identifier: MIT
 * Where an export goes: a file, which appears under its name only when it is whole, or standard
 * output. What is written is compressed where the format or the name's suffix (.gz, .zst) says so.
 */
#ifndef HEAPWISE_COMMANDS_EXPORT_OUTPUT_H
#define HEAPWISE_COMMANDS_EXPORT_OUTPUT_H

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "base/failure.h"
#include "export/export.h"

enum export_existing { EXPORT_REPLACE, EXPORT_KEEP };

struct export_output {
    const char *name;         /* "-": standard output */
    char temporary[PATH_MAX]; /* where it is made; "" when it is written in place */
    FILE *out;                /* NULL for a database, which is written to `target` by name */
    FILE *below;              /* under a compressing `out`, or NULL */
    const char *target;
    const char *input; /* the recording, which must not be written over */
    uint64_t bytes;    /* known when it has been closed */
};

/* The usual name of a format's output for this recording. */
void export_output_name(char *name, size_t bytes, const struct ex_format *format,
                        const char *recording);

int export_output_open(struct export_output *o, const struct ex_format *format, const char *name,
                       const char *input, enum export_existing existing, struct failure *f);
/* Completes the output and puts it in its place. */
int export_output_close(struct export_output *o, struct failure *f);
/* Leaves nothing behind. */
void export_output_drop(struct export_output *o);

#endif
