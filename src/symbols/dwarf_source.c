/* SPDX-License-Identifier: MIT
 * libdw's handles on one module. See dwarf_source.h. */
#include "symbols/dwarf_source.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "symbols/debug_file.h"
#include "symbols/dwarf_guard.h"

int sym_dwarf_source_is_in(const struct sym_object *object) {
    return sym_object_has_section(object, ".debug_info") ||
           sym_object_has_section(object, ".zdebug_info");
}

static int open_alternate_path(struct sym_object *object, const char *path,
                               struct sym_build_id id) {
    if (sym_object_open(object, path) != 0) return -1;
    if (sym_build_id_equal(sym_object_build_id(object), id)) return 0;
    sym_object_close(object);
    return -1;
}

/* By its build-id, else by the name in .gnu_debugaltlink, which is relative to the debug file. */
static void open_alternate(struct sym_dwarf_source *source, const struct sym_options *options) {
    const char *name = NULL;
    const void *bytes = NULL;
    ssize_t length = dwelf_dwarf_gnu_debugaltlink(source->dwarf, &name, &bytes);
    if (length <= 0) return;
    struct sym_build_id id = {bytes, (size_t)length};
    struct sym_object *object = &source->alternate_object;
    if (sym_debug_file_open_by_id(object, id, options) != 0 && name != NULL) {
        const char *base = source->object->path;
        const char *slash = base == NULL ? NULL : strrchr(base, '/');
        char path[PATH_MAX];
        int folder = name[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - base);
        int size = snprintf(path, sizeof path, "%.*s%s", folder, folder > 0 ? base : "", name);
        if (size >= (int)sizeof path || open_alternate_path(object, path, id) != 0) return;
    }
    if (object->elf != NULL) source->alternate = sym_guard_dwarf(object->elf);
}

int sym_dwarf_source_open(struct sym_dwarf_source *source, const struct sym_object *object,
                          const struct sym_options *options) {
    memset(source, 0, sizeof *source);
    source->object = object;
    source->alternate_object = SYM_OBJECT_CLOSED;
    source->dwarf = sym_guard_dwarf(object->elf);
    if (source->dwarf == NULL) return -1;
    open_alternate(source, options);
    if (source->alternate != NULL) dwarf_setalt(source->dwarf, source->alternate);
    return 0;
}

int sym_dwarf_source_reopen(struct sym_dwarf_source *source) {
    if (source->dwarf != NULL) dwarf_end(source->dwarf);
    if (source->alternate != NULL) dwarf_end(source->alternate);
    source->alternate = NULL;
    source->dwarf = sym_guard_dwarf(source->object->elf);
    if (source->dwarf == NULL) return -1;
    if (source->alternate_object.elf != NULL) {
        source->alternate = sym_guard_dwarf(source->alternate_object.elf);
        if (source->alternate != NULL) dwarf_setalt(source->dwarf, source->alternate);
    }
    return 0;
}

void sym_dwarf_source_close(struct sym_dwarf_source *source) {
    if (source->dwarf != NULL) dwarf_end(source->dwarf);
    if (source->alternate != NULL) dwarf_end(source->alternate);
    sym_object_close(&source->alternate_object);
    memset(source, 0, sizeof *source);
    source->alternate_object = SYM_OBJECT_CLOSED;
}
