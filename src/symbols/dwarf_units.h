/* SPDX-License-Identifier: MIT
 * Which compilation unit holds which addresses, read once for a module.
 *
 * From the units' own address ranges; .debug_aranges serves only units that have none, since it is
 * often absent (clang) or incomplete (a program linked from objects of several compilers). */
#ifndef HEAPWISE_SYMBOLS_DWARF_UNITS_H
#define HEAPWISE_SYMBOLS_DWARF_UNITS_H

#include "symbols/dwarf_source.h"
#include "symbols/range_sweep.h"

struct sym_dwarf_units {
    struct sym_range *ranges; /* sorted; id is the offset of the unit's DIE */
    size_t count, capacity;
};

/* -1: memory is out; what is damaged in the file is left out. */
int sym_dwarf_units_read(struct sym_dwarf_units *units, Dwarf *dwarf);
void sym_dwarf_units_release(struct sym_dwarf_units *units);

/* Whether [start, end) can be code that is in the program: linkers leave the debug information of
 * functions they dropped, at address 0 or at the very end of the address space. */
static inline int sym_dwarf_range_is_real(uint64_t start, uint64_t end) {
    return start != 0 && start < end;
}

#endif
