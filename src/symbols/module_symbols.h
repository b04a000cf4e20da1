/* SPDX-License-Identifier: MIT
 * All the names of one module: finds its files, asks DWARF, then the symbol tables. */
#ifndef HEAPWISE_SYMBOLS_MODULE_SYMBOLS_H
#define HEAPWISE_SYMBOLS_MODULE_SYMBOLS_H

#include "symbols/frame_list.h"
#include "symbols/symbols.h"

#define SYM_MODULE_BROKEN 1

/* Answers the lookups (ascending addresses in the file's own terms) as far as the module's files
 * know them. Its files are open during the call only. -1: memory is out. SYM_MODULE_BROKEN: its
 * debug information broke off where libdw failed; names from there on are those of its symbol
 * table. */
int sym_module_resolve(const struct rec_module *module, struct sym_lookup *lookups, size_t count,
                       const struct sym_options *options, struct sym_frame_list *list);

#endif
