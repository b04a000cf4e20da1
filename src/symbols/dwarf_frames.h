/* SPDX-License-Identifier: MIT
 * Functions, inlined functions, files and lines by DWARF, one compilation unit at a time.
 *
 * A unit's tree is walked once for all addresses that are asked of it, and only into functions that
 * hold one of them, so the cost follows what was asked for, not the size of the program. */
#ifndef HEAPWISE_SYMBOLS_DWARF_FRAMES_H
#define HEAPWISE_SYMBOLS_DWARF_FRAMES_H

#include "symbols/dwarf_source.h"
#include "symbols/frame_list.h"

/* Fills first and count of the lookups (ascending addresses) that DWARF knows; the others keep a
 * count of 0. The outermost frame of an address may lack a function where only its line is known.
 * -1: memory is out. */
int sym_dwarf_frames(struct sym_dwarf_source *source, struct sym_lookup *lookups, size_t count,
                     struct sym_frame_list *list);

#endif
