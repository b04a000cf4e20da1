/* SPDX-License-Identifier: MIT
 * Takes out of a demangled name what says nothing to a person, whatever the width: ABI tags, inline
 * namespaces, default template arguments, Rust's hashes, clone suffixes. */
#ifndef HEAPWISE_SYMBOLS_NAME_CLEAN_H
#define HEAPWISE_SYMBOLS_NAME_CLEAN_H

#include <stddef.h>

/* The cleaned name, never longer than `name`; the caller frees it. NULL: memory is out. */
char *sym_name_clean(const char *name, size_t *length);

/* Inside of brackets leaves of each path its last name, in place: `<core::ops::Range<usize>>::next`
 * becomes `<Range<usize>>::next`. For languages whose types stand before the function (Rust). */
void sym_name_strip_paths(char *name, size_t *length);

#endif
