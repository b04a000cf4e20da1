/* SPDX-License-Identifier: MIT
 * The texts of one compilation unit: function names, source lines, call sites of inlined functions.
 */
#ifndef HEAPWISE_SYMBOLS_DWARF_NAMES_H
#define HEAPWISE_SYMBOLS_DWARF_NAMES_H

#include <elfutils/libdw.h>

#include "symbols/frame_list.h"

struct sym_unit_names {
    Dwarf_Die unit;        /* has the line table */
    const char *directory; /* where it was compiled, absolute; NULL: unknown */
    Dwarf_Files *files;    /* what DW_AT_call_file counts in; NULL: unknown */
    Dwarf_Lines *lines;
    size_t file_count, line_count;
    int has_mangled_names; /* its language mangles linkage names */
};

/* `tree` is where the functions are: the unit itself, or its split unit. */
void sym_unit_names_init(struct sym_unit_names *names, Dwarf_Die *unit, Dwarf_Die *tree);

/* A bound for the number of entries of the unit that `tree` is the root of. */
uint64_t sym_dwarf_unit_bytes(Dwarf_Die *tree);

/* The linkage name of a function or inlined function, its own or that of its declaration; or NULL.
 */
const char *sym_dwarf_linkage_name(Dwarf_Die *function);

/* The linkage name of a function or inlined function, else its plain name, else NULL. `is_plain`
 * becomes 1 when the language would have a longer one, or when there is none at all. */
const char *sym_dwarf_function_name(const struct sym_unit_names *names, Dwarf_Die *function,
                                    struct sym_frame_list *list, uint8_t *is_plain);

/* Where an inlined function was called. */
void sym_dwarf_call_site(const struct sym_unit_names *names, Dwarf_Die *inlined,
                         struct sym_frame_list *list, const char **file, uint32_t *line);

/* The source line of an address. 0: the line table does not know. */
int sym_dwarf_line(const struct sym_unit_names *names, uint64_t address,
                   struct sym_frame_list *list, const char **file, uint32_t *line);

#endif
