/* SPDX-License-Identifier: MIT
 * Readable names of functions and modules. */
#ifndef HEAPWISE_ANALYSIS_NAMES_H
#define HEAPWISE_ANALYSIS_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/frames.h"

/* The whole demangled name of a function; NULL when it has none. Owned by the table. */
const char *an_name_full(struct an_frames *t, uint32_t function);

/* What to call a function where a person reads: its demangled name shortened to `width` columns where
 * that can be done, "libx.so+0x12ab" when it has no name. The caller frees it; NULL when memory is
 * out. */
char *an_name_short(struct an_frames *t, uint32_t function, size_t width);

/* The same of a readable name: as short as can be without losing the function's own name. */
char *an_name_shortened(const char *full, size_t width);

/* The path of a module, or NULL for module 0 ("no file"). */
const char *an_name_module(const struct an_frames *t, uint32_t module);

/* The part of a path after its last slash. */
const char *an_name_base(const char *path);

#endif
