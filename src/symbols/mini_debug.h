/* SPDX-License-Identifier: MIT
 * "Mini debug info": a small symbol table, xz-compressed in .gnu_debugdata, which some
 * distributions (Fedora) leave in stripped programs. */
#ifndef HEAPWISE_SYMBOLS_MINI_DEBUG_H
#define HEAPWISE_SYMBOLS_MINI_DEBUG_H

#include "symbols/object_file.h"

/* Opens the ELF image inside `module`'s .gnu_debugdata. -1: there is none, it is damaged, or this
 * build has no liblzma. */
int sym_mini_debug_open(struct sym_object *image, const struct sym_object *module);

#endif
