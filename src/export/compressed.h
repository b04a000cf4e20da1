/* SPDX-License-Identifier: MIT
 * Streams that compress what is written to them into another stream. Closing one completes the
 * compressed data and leaves the other stream open; fclose tells whether all of it went well. */
#ifndef HEAPWISE_EXPORT_COMPRESSED_H
#define HEAPWISE_EXPORT_COMPRESSED_H

#include <stdio.h>

/* NULL when memory is out. */
FILE *ex_gzip_open(FILE *to);
FILE *ex_zstd_open(FILE *to);

#endif
