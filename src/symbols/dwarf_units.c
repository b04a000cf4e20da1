/* SPDX-License-Identifier: MIT
 * The address ranges of compilation units. See dwarf_units.h. */
#include "symbols/dwarf_units.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

static int append(struct sym_dwarf_units *units, uint64_t start, uint64_t end, uint64_t unit) {
    if (!sym_dwarf_range_is_real(start, end)) return 0;
    if (units->count == units->capacity) {
        size_t capacity = units->capacity == 0 ? 256 : units->capacity * 2;
        struct sym_range *grown = realloc(units->ranges, capacity * sizeof *grown);
        if (grown == NULL) return -1;
        units->ranges = grown;
        units->capacity = capacity;
    }
    units->ranges[units->count++] = (struct sym_range){.start = start, .end = end, .id = unit};
    return 0;
}

/* 1: the unit had ranges, 0: none, -1: memory is out. */
static int add_unit(struct sym_dwarf_units *units, Dwarf_Die *unit) {
    Dwarf_Addr base = 0, start = 0, end = 0;
    int had = 0;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(unit, at, &base, &start, &end)) > 0; had = 1)
        if (append(units, start, end, dwarf_dieoffset(unit)) != 0) return -1;
    return had;
}

static int compare_offsets(const void *a, const void *b) {
    const Dwarf_Off x = *(const Dwarf_Off *)a, y = *(const Dwarf_Off *)b;
    return x < y ? -1 : x > y;
}

/* For the units at `bare` (ascending offsets), which say nothing about their addresses. */
static int add_from_aranges(struct sym_dwarf_units *units, Dwarf *dwarf, const Dwarf_Off *bare,
                            size_t bare_count) {
    Dwarf_Aranges *aranges = NULL;
    size_t count = 0;
    if (bare_count == 0 || dwarf_getaranges(dwarf, &aranges, &count) != 0) return 0;
    for (size_t i = 0; i < count; i++) {
        Dwarf_Addr start;
        Dwarf_Word length;
        Dwarf_Off unit;
        if (dwarf_getarangeinfo(dwarf_onearange(aranges, i), &start, &length, &unit) != 0) continue;
        if (bsearch(&unit, bare, bare_count, sizeof *bare, compare_offsets) == NULL) continue;
        if (append(units, start, start + length, unit) != 0) return -1;
    }
    return 0;
}

static int read_units(struct sym_dwarf_units *units, Dwarf *dwarf, Dwarf_Off **bare,
                      size_t *bare_count) {
    size_t bare_capacity = 0;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    uint8_t type = 0;
    while (dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
        if (type == DW_UT_type || type == DW_UT_split_type || type == DW_UT_partial) continue;
        if (dwarf_tag(&die) == DW_TAG_partial_unit) continue;
        int had = add_unit(units, &die);
        if (had < 0) return -1;
        if (had > 0) continue;
        if (*bare_count == bare_capacity) {
            bare_capacity = bare_capacity == 0 ? 64 : bare_capacity * 2;
            Dwarf_Off *grown = realloc(*bare, bare_capacity * sizeof *grown);
            if (grown == NULL) return -1;
            *bare = grown;
        }
        (*bare)[(*bare_count)++] = dwarf_dieoffset(&die);
    }
    return 0;
}

int sym_dwarf_units_read(struct sym_dwarf_units *units, Dwarf *dwarf) {
    memset(units, 0, sizeof *units);
    Dwarf_Off *bare = NULL;
    size_t bare_count = 0;
    int result = read_units(units, dwarf, &bare, &bare_count);
    if (result == 0) result = add_from_aranges(units, dwarf, bare, bare_count);
    free(bare);
    /* Ranges of two units should not overlap; where they do the one that begins last is the nearer.
     */
    sym_ranges_sort(units->ranges, units->count);
    for (size_t i = 0; i < units->count; i++)
        units->ranges[i].priority = i;
    if (result != 0) sym_dwarf_units_release(units);
    return result;
}

void sym_dwarf_units_release(struct sym_dwarf_units *units) {
    free(units->ranges);
    memset(units, 0, sizeof *units);
}
