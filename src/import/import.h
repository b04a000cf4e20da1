/* SPDX-License-Identifier: MIT
 * Opens files of other heap profilers as recordings: told by content, turned into a recording in a
 * temporary file without a name, which every command then reads as any other. docs/import.md tells
 * what each format keeps. */
#ifndef HEAPWISE_IMPORT_IMPORT_H
#define HEAPWISE_IMPORT_IMPORT_H

#include "base/failure.h"
#include "import/input.h"
#include "recording/reader.h"

/* Opens `path`, heapwise's own or another tool's; "-" is standard input. `progress` may be NULL. */
int im_open(struct rec_file **out, const char *path, const struct im_progress *progress,
            struct failure *f);

/* Opens a file that holds the difference of two profiles as those two, as far as it tells them
 * apart: what the first had more, and what the second had. */
int im_open_difference(struct rec_file **before, struct rec_file **after, const char *path,
                       const struct im_progress *progress, struct failure *f);

/* Checks everything in a file: of a recording as rec_check does, of another tool's file the
 * recording that it makes. Returns what rec_check does. */
int im_check(const char *path, const struct im_progress *progress, struct failure *f);

/* Writes to `out` the recording that another tool's file makes. Returns 1 without writing when the
 * file is a recording already. */
int im_convert(const char *path, const char *out, const struct im_progress *progress,
               struct failure *f);

#endif
