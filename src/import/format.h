/* SPDX-License-Identifier: MIT
 * The formats that are read: one file each, all of them in the list in import.c. */
#ifndef HEAPWISE_IMPORT_FORMAT_H
#define HEAPWISE_IMPORT_FORMAT_H

#include "base/failure.h"
#include "import/input.h"
#include "import/target.h"

struct im_format {
    const char *name; /* for messages: "heaptrack" */
    /* Whether a file that begins with these bytes (decompressed; at most IM_SNIFF_BYTES, and a NUL
     * behind them) is of this format. */
    int (*sniff)(const char *start, size_t length);
    /* Turns the input, which stands at its start, into a recording at `path`. */
    int (*read)(struct im_input *in, const char *path, struct failure *f);
};
#define IM_SNIFF_BYTES 4096

extern const struct im_format im_heaptrack, im_massif, im_dhat, im_heap_dump, im_pprof,
    im_collapsed;

#endif
