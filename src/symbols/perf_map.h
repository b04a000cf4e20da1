/* SPDX-License-Identifier: MIT
 * Names of code made at run time, from the /tmp/perf-PID.map that node, java, python -X perf and
 * others write.
 *
 * A line is "START SIZE NAME" with hexadecimal numbers. Code is moved and thrown away without a
 * word, so where entries overlap the later one is right; a line that makes no sense is skipped. */
#ifndef HEAPWISE_SYMBOLS_PERF_MAP_H
#define HEAPWISE_SYMBOLS_PERF_MAP_H

#include <stddef.h>

#include "symbols/frame_list.h"

/* Answers the lookups (ascending addresses) that the map's text knows. -1: memory is out. */
int sym_perf_map_text(const char *text, size_t length, struct sym_lookup *lookups, size_t count,
                      struct sym_frame_list *list);

/* The same from the process's file. Where there is none, or it belongs to another user, who could
 * have written anything there, nothing is answered. */
int sym_perf_map_file(uint32_t pid, struct sym_lookup *lookups, size_t count,
                      struct sym_frame_list *list);

#endif
