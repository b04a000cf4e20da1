/* SPDX-License-Identifier: MIT
 * The texts of a compilation unit. See dwarf_names.h. */
#include "symbols/dwarf_names.h"

#include <dwarf.h>
#include <limits.h>
#include <string.h>

static int language_mangles(int language) {
    switch (language) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case DW_LANG_Rust:
    case DW_LANG_D:
    case DW_LANG_Swift:
    case DW_LANG_ObjC_plus_plus:
        return 1;
    default:
        return 0;
    }
}

void sym_unit_names_init(struct sym_unit_names *names, Dwarf_Die *unit, Dwarf_Die *tree) {
    memset(names, 0, sizeof *names);
    names->unit = *unit;
    if (dwarf_getsrclines(unit, &names->lines, &names->line_count) != 0) {
        names->lines = NULL;
        names->line_count = 0;
    }
    if (dwarf_getsrcfiles(tree, &names->files, &names->file_count) != 0 &&
        dwarf_getsrcfiles(unit, &names->files, &names->file_count) != 0) {
        names->files = NULL;
        names->file_count = 0;
    }
    Dwarf_Attribute attribute;
    names->directory = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (names->directory == NULL)
        names->directory = dwarf_formstring(dwarf_attr(tree, DW_AT_comp_dir, &attribute));
    if (names->directory != NULL && names->directory[0] != '/') names->directory = NULL;
    names->has_mangled_names = language_mangles(dwarf_srclang(tree));
}

uint64_t sym_dwarf_unit_bytes(Dwarf_Die *tree) {
    Dwarf_Off unit = dwarf_dieoffset(tree) - dwarf_cuoffset(tree), next = 0;
    size_t header = 0;
    Dwarf *dwarf = dwarf_cu_getdwarf(tree->cu);
    if (dwarf_nextcu(dwarf, unit, &next, &header, NULL, NULL, NULL) != 0 || next <= unit) return 0;
    return next - unit;
}

/* Appends `path` without "/./" and "//", which say nothing; ".." stays, since what is before it may
 * be a symbolic link. 0: it does not fit. */
static size_t append_path(char clean[static PATH_MAX], size_t length, const char *path) {
    for (const char *at = path; *at != '\0'; at++) {
        int after_slash = length > 0 && clean[length - 1] == '/';
        if (*at == '/' && after_slash) continue;
        if (at[0] == '.' && at[1] == '/' && after_slash) {
            at++;
            continue;
        }
        if (length == PATH_MAX - 1) return 0;
        clean[length++] = *at;
    }
    return length;
}

static const char *add_path(const struct sym_unit_names *names, struct sym_frame_list *list,
                            const char *path) {
    if (path == NULL || path[0] == '\0') return NULL;
    char clean[PATH_MAX];
    size_t length = 0;
    if (path[0] != '/' && names->directory != NULL) {
        length = append_path(clean, 0, names->directory);
        if (length > 0) clean[length++] = '/';
        if (length > 1 && clean[length - 2] == '/') length--;
    }
    length = append_path(clean, length, path);
    return length > 0 ? sym_frame_list_name(list, clean, length)
                      : sym_frame_list_name(list, path, strlen(path));
}

const char *sym_dwarf_linkage_name(Dwarf_Die *function) {
    Dwarf_Attribute attribute;
    Dwarf_Attribute *found = dwarf_attr_integrate(function, DW_AT_linkage_name, &attribute);
    if (found == NULL) found = dwarf_attr_integrate(function, DW_AT_MIPS_linkage_name, &attribute);
    return found == NULL ? NULL : dwarf_formstring(found);
}

const char *sym_dwarf_function_name(const struct sym_unit_names *names, Dwarf_Die *function,
                                    struct sym_frame_list *list, uint8_t *is_plain) {
    const char *name = sym_dwarf_linkage_name(function);
    if (name == NULL) {
        Dwarf_Attribute attribute;
        name = dwarf_formstring(dwarf_attr_integrate(function, DW_AT_name, &attribute));
        *is_plain = name == NULL || names->has_mangled_names;
    }
    return name == NULL ? NULL : sym_frame_list_name(list, name, strlen(name));
}

void sym_dwarf_call_site(const struct sym_unit_names *names, Dwarf_Die *inlined,
                         struct sym_frame_list *list, const char **file, uint32_t *line) {
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    *file = NULL;
    *line = 0;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &value) == 0 &&
        value <= UINT32_MAX)
        *line = (uint32_t)value;
    if (names->files != NULL &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &value) == 0 &&
        value < names->file_count)
        *file = add_path(names, list, dwarf_filesrc(names->files, value, NULL, NULL));
}

int sym_dwarf_line(const struct sym_unit_names *names, uint64_t address,
                   struct sym_frame_list *list, const char **file, uint32_t *line) {
    if (names->lines == NULL) return 0;
    Dwarf_Die unit = names->unit;
    Dwarf_Line *row = dwarf_getsrc_die(&unit, address);
    int number = 0;
    if (row == NULL || dwarf_lineno(row, &number) != 0) return 0;
    *file = add_path(names, list, dwarf_linesrc(row, NULL, NULL));
    *line = number > 0 ? (uint32_t)number : 0;
    return 1;
}
