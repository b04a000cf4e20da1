/* SPDX-License-Identifier: MIT
 * Which functions are plumbing: the allocator's own wrappers and the language's run-time library, which
 * stand between a program's function and its allocation and are seldom what a person looks for. */
#ifndef HEAPWISE_ANALYSIS_PLUMBING_H
#define HEAPWISE_ANALYSIS_PLUMBING_H

#include <stdint.h>

#include "analysis/frames.h"

enum an_plumbing {
    AN_PLUMBING_NONE = 0,
    AN_PLUMBING_WRAPPER = 1, /* of an allocator or a language's library, by its name */
    AN_PLUMBING_RUNTIME = 2, /* the C or C++ run time itself, and what calls main */
};

/* One byte (enum an_plumbing) for each function. The caller frees it; NULL when memory is out. */
uint8_t *an_plumbing_build(struct an_frames *t);

/* The rule for one function, by its linkage name, demangled name (each may be NULL) and the base name
 * of its module. */
enum an_plumbing an_plumbing_of(const char *linkage, const char *readable, const char *module);

#endif
