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

/* What is known of a function; any of it may be NULL. */
struct an_plumbing_facts {
    const char *linkage;  /* name as in the symbol table */
    const char *readable; /* demangled; looked at for Rust only */
    const char *file;     /* of the source */
    const char *module;   /* base name of the library */
};

/* The rule for one function. */
enum an_plumbing an_plumbing_of(const struct an_plumbing_facts *x);

#endif
