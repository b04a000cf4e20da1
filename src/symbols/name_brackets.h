/* SPDX-License-Identifier: MIT
 * The brackets of a demangled name: which belong together, and which are part of an operator's
 * name.
 *
 * `operator<`, `operator->` and `operator()` are names; `->` and a `<` inside parentheses are no
 * template brackets. Names come from files, so nothing is taken for granted: a bracket without its
 * partner is an ordinary character, and depth costs memory but no stack. */
#ifndef HEAPWISE_SYMBOLS_NAME_BRACKETS_H
#define HEAPWISE_SYMBOLS_NAME_BRACKETS_H

#include <stddef.h>
#include <stdint.h>

#define SYM_BRACKET_NONE SIZE_MAX

struct sym_bracket {
    size_t open, close; /* where the two characters are; open < close */
    size_t parent;      /* the pair around this one, or SYM_BRACKET_NONE */
    size_t depth;       /* 1: no pair around it */
};

/* Pairs in the order of their opening. */
struct sym_brackets {
    struct sym_bracket *pairs;
    size_t count;
};

/* -1: memory is out. */
int sym_brackets_read(struct sym_brackets *brackets, const char *name, size_t length);
void sym_brackets_release(struct sym_brackets *brackets);

/* If an operator's name begins at `at`, its length ("operator<<" is 10), else 0. `operator new` and
 * conversions have no brackets and count as the bare word. */
size_t sym_operator_length(const char *name, size_t length, size_t at);

#endif
