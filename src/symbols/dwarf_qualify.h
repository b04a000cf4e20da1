/* SPDX-License-Identifier: MIT
 * `outer::Box::total` for functions that DWARF calls just `total`.
 *
 * GCC gives no linkage name to functions that only one file can see (static ones, those in
 * anonymous namespaces, lambdas), and an inlined one has no symbol either; what is left is where it
 * is declared. Entries know their children but not their parent, so the tree is searched from its
 * root: an entry's children lie between it and its next sibling, which leads straight down. */
#ifndef HEAPWISE_SYMBOLS_DWARF_QUALIFY_H
#define HEAPWISE_SYMBOLS_DWARF_QUALIFY_H

#include <elfutils/libdw.h>

#include "symbols/frame_list.h"

struct sym_dwarf_plain {
    Dwarf_Die die;         /* where the function is declared */
    const char *plain;     /* its plain name */
    const char *qualified; /* the answer, in the list's pool; the plain name when none was found */
    size_t owner;          /* the caller's own */
};

/* Where the function of `die` is declared: the end of its abstract origins and specifications. */
Dwarf_Die sym_dwarf_declaration(Dwarf_Die die);

/* Reorders the entries and fills `qualified` of each; one search serves those of one unit. */
void sym_dwarf_qualify(struct sym_dwarf_plain *plain, size_t count, struct sym_frame_list *list);

#endif
