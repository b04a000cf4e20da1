/* SPDX-License-Identifier: MIT
 * The name of a function alone, of a readable name: "void ns::f<int>(int) const" is "ns::f<int>".
 * Some formats keep arguments and return types of C++ functions, and some do not. */
#ifndef HEAPWISE_ANALYSIS_BARE_NAME_H
#define HEAPWISE_ANALYSIS_BARE_NAME_H

#include <stddef.h>

/* Where the bare name is in `full`: from *start on, so many bytes; never none unless `full` is
 * empty. */
size_t an_bare_name(const char *full, size_t *start);

#endif
