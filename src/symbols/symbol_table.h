/* SPDX-License-Identifier: MIT
 * The functions of one module by its symbol tables, for addresses without DWARF.
 *
 * A symbol that has a size answers for exactly the bytes it covers; among several that cover an
 * address the one that begins last wins. A symbol without a size (hand-written assembly) answers up
 * to the next symbol or the end of its section, and only where no sized one does. Rather no name
 * than a wrong one. */
#ifndef HEAPWISE_SYMBOLS_SYMBOL_TABLE_H
#define HEAPWISE_SYMBOLS_SYMBOL_TABLE_H

#include "symbols/frame_list.h"
#include "symbols/object_file.h"
#include "symbols/range_sweep.h"

struct sym_symbol {
    uint64_t start, size;
    uint64_t section_end; /* of the executable section that holds it */
    const char *name;     /* in the object it was read from */
    uint32_t rank;        /* of several with one start the greatest is the best name */
    uint32_t lookup;      /* the first that is asked for at or behind its start */
};

/* The names live in the objects that were added, the lookups with the caller. */
struct sym_symbol_table {
    const struct sym_lookup *lookups;
    uint32_t lookup_count;
    uint64_t *nearest; /* of each lookup: the last start at or before it */
    /* The addresses in bins of 2^bin_shift bytes: the first lookup of each, and one more. */
    uint32_t *bin_first;
    unsigned bin_shift;
    struct sym_symbol *symbols; /* that may decide about one of the lookups */
    size_t count, capacity;
    struct sym_range *ranges; /* after sym_symbol_table_finish */
    size_t range_count;
};

enum sym_symbol_section { SYM_SYMTAB, SYM_DYNSYM };

/* A table for these addresses alone, which ascend: a module has hundreds of thousands of symbols, and most
 * programs ask for some tens of addresses. -1: memory is out. */
int sym_symbol_table_init(struct sym_symbol_table *table, const struct sym_lookup *lookups,
                          uint32_t count);

/* Adds the functions of the object's .symtab or .dynsym. 1: there is such a section, 0: there is
 * none, -1: memory is out. */
int sym_symbol_table_add(struct sym_symbol_table *table, const struct sym_object *object,
                         enum sym_symbol_section section);

/* Makes the table ready for a sweep over its ranges; range.id is an index into symbols. -1: memory is
 * out. */
int sym_symbol_table_finish(struct sym_symbol_table *table);

void sym_symbol_table_release(struct sym_symbol_table *table);

/* Whether a name is one that only glibc uses for its own functions: `__GI___strdup`, which the rest
 * of the world knows as strdup. */
int sym_is_inside_name(const char *name);

/* How many bytes of a symbol's name are the function's: `foo@@GLIBC_2.2.5` is foo. */
size_t sym_symbol_name_length(const char *name);

#endif
