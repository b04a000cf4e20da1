/* SPDX-License-Identifier: MIT
 * The DWARF of one module: libdw's handle on it, with its dwz alternate file when it has one. All
 * that is done with it is guarded work (dwarf_guard.h); where that is left, the source must not
 * even be closed. */
#ifndef HEAPWISE_SYMBOLS_DWARF_SOURCE_H
#define HEAPWISE_SYMBOLS_DWARF_SOURCE_H

#include <elfutils/libdw.h>

#include "symbols/object_file.h"
#include "symbols/symbols.h"

struct sym_dwarf_source {
    const struct sym_object *object; /* where .debug_info is; must outlive this */
    Dwarf *dwarf;
    struct sym_object alternate_object;
    Dwarf *alternate;
};

/* Whether the object has DWARF of its own, so that no other file need be sought. */
int sym_dwarf_source_is_in(const struct sym_object *object);

/* -1: there is no DWARF in the object, or libdw cannot read it. */
int sym_dwarf_source_open(struct sym_dwarf_source *source, const struct sym_object *object,
                          const struct sym_options *options);

/* Forgets all that libdw has read so far: it keeps every line table that was looked at, and the
 * memory of a large program is to stay bounded. Offsets stay valid, handles do not. */
int sym_dwarf_source_reopen(struct sym_dwarf_source *source);

void sym_dwarf_source_close(struct sym_dwarf_source *source);

#endif
