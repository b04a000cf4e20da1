/* SPDX-License-Identifier: MIT
 * Takes out of a demangled name what says nothing to a person, whatever the width: ABI tags, inline
 * namespaces, default template arguments, Rust's hashes, clone suffixes. */
#ifndef HEAPWISE_SYMBOLS_NAME_CLEAN_H
#define HEAPWISE_SYMBOLS_NAME_CLEAN_H

#include <stddef.h>

/* The cleaned name, never longer than `name`; the caller frees it. NULL: memory is out. */
char *sym_name_clean(const char *name, size_t *length);

#endif
