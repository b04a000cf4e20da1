/* SPDX-License-Identifier: MIT
 * The names of one module. See module_symbols.h. */
#include "symbols/module_symbols.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/debug_file.h"
#include "symbols/dwarf_frames.h"
#include "symbols/dwarf_guard.h"
#include "symbols/dwarf_source.h"
#include "symbols/mini_debug.h"
#include "symbols/symbol_table.h"

static const char deleted_suffix[] = " (deleted)";

struct module_files {
    struct sym_object main;  /* closed: gone, replaced, or never a file */
    struct sym_object debug; /* separate; closed: there is none, or none is needed */
};

static struct sym_build_id recorded_id(const struct rec_module *module) {
    size_t length = module->build_id_length;
    if (length > REC_BUILD_ID_MAX) length = 0;
    return (struct sym_build_id){module->build_id, length};
}

/* Whether this is the very file that ran. A recording holds REC_BUILD_ID_MAX bytes of an id. */
static int is_same_file(const struct sym_object *object, struct sym_build_id id) {
    struct sym_build_id found = sym_object_build_id(object);
    if (id.length == REC_BUILD_ID_MAX && found.length > id.length) found.length = id.length;
    return sym_build_id_equal(found, id);
}

/* Opens the module's own file. A path that ends in " (deleted)" may name a file that has been put
 * back or replaced since; only an equal build-id tells. */
static void open_main(struct sym_object *object, const char *path, struct sym_build_id id,
                      const struct sym_options *options) {
    *object = SYM_OBJECT_CLOSED;
    int must_have_id = 0;
    if (strcmp(path, "[vdso]") == 0) {
        sym_object_open_vdso(object);
        must_have_id = 1;
    } else if (path[0] == '/' && sym_object_open(object, path) != 0) {
        size_t length = strlen(path), suffix = sizeof deleted_suffix - 1;
        if (length <= suffix || strcmp(path + length - suffix, deleted_suffix) != 0) return;
        char *without = strndup(path, length - suffix);
        if (without == NULL) return;
        sym_object_open(object, without);
        free(without);
        must_have_id = 1;
    }
    if (object->elf == NULL || (id.length == 0 && !must_have_id && options->trusts_paths)) return;
    if (!is_same_file(object, id) || (must_have_id && id.length == 0)) sym_object_close(object);
}

static int files_open(struct module_files *files, const struct rec_module *module,
                      const struct sym_options *options) {
    struct sym_build_id id = recorded_id(module);
    files->debug = SYM_OBJECT_CLOSED;
    open_main(&files->main, module->path, id, options);
    /* A file that was trusted tells by its own build-id where its debug file is. */
    if (files->main.elf != NULL && id.length == 0) id = sym_object_build_id(&files->main);
    if (files->main.elf == NULL && id.length == 0) return -1;
    if (files->main.elf == NULL || !sym_dwarf_source_is_in(&files->main))
        sym_debug_file_open(&files->debug, &files->main, module->path, id, options);
    return files->main.elf == NULL && files->debug.elf == NULL ? -1 : 0;
}

/* glibc's and musl's libraries, by file name. */
static int is_c_library(const char *path) {
    static const char *const names[] = {"libc.so.",  "libc-2.",     "libm.so.", "libpthread.so.",
                                        "ld-linux-", "ld-2.",       "ld-musl-", "libdl.so.",
                                        "librt.so.", "libgcc_s.so."};
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(base, names[i], strlen(names[i])) == 0) return 1;
    return 0;
}

struct dwarf_work {
    const struct sym_object *object;
    struct sym_lookup *lookups;
    size_t count;
    const struct sym_options *options;
    struct sym_frame_list *list;
};

static int ask_dwarf(void *context) {
    const struct dwarf_work *work = context;
    struct sym_dwarf_source source;
    if (sym_dwarf_source_open(&source, work->object, work->options) != 0) return 0;
    int result = sym_dwarf_frames(&source, work->lookups, work->count, work->list);
    sym_dwarf_source_close(&source);
    return result;
}

static int resolve_by_dwarf(struct module_files *files, struct sym_lookup *lookups, size_t count,
                            const struct sym_options *options, struct sym_frame_list *list) {
    struct sym_object *object = files->debug.elf != NULL ? &files->debug : &files->main;
    if (object->elf == NULL || !sym_dwarf_source_is_in(object)) return 0;
    struct dwarf_work work = {object, lookups, count, options, list};
    return sym_guard_call(ask_dwarf, &work);
}

static int is_mangled(const char *name) {
    return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || name[1] == 'D');
}

/* Puts the symbol's name where DWARF left a gap. */
static void apply_symbol(struct sym_lookup *lookup, const struct sym_symbol *symbol,
                         struct sym_frame_list *list) {
    size_t length = sym_symbol_name_length(symbol->name);
    if (lookup->count == 0) {
        lookup->first = (uint32_t)list->count;
        lookup->count = 1;
        sym_frame_list_push(list, sym_frame_list_name(list, symbol->name, length), NULL, 0, 0);
        return;
    }
    if (list->out_of_memory) return;
    struct rec_frame *outermost = &list->frames[lookup->first + lookup->count - 1];
    /* The symbol of a part that was split off ("work.cold") is no better name for the function. */
    int is_better = is_mangled(symbol->name) ||
                    (sym_is_inside_name(outermost->function) && strchr(symbol->name, '.') == NULL);
    if (outermost->function == NULL || is_better)
        outermost->function = sym_frame_list_name(list, symbol->name, length);
}

static int apply_symbols(const struct sym_symbol_table *table, struct sym_lookup *lookups,
                         size_t count, struct sym_frame_list *list) {
    struct sym_sweep sweep;
    if (sym_sweep_init(&sweep, table->ranges, table->range_count) != 0) return -1;
    for (size_t i = 0; i < count; i++) {
        if (lookups[i].count != 0 && !lookups[i].prefers_symbol) continue;
        size_t range = sym_sweep_at(&sweep, lookups[i].address);
        if (range != SYM_RANGE_NONE)
            apply_symbol(&lookups[i], &table->symbols[table->ranges[range].id], list);
    }
    sym_sweep_release(&sweep);
    return list->out_of_memory ? -1 : 0;
}

/* The whole table of the file or of its debug file, else the exported functions and the few local
 * ones of mini debug info. `mini` receives what the names live in. */
static int gather_symbols(struct sym_symbol_table *table, struct module_files *files,
                          struct sym_object *mini) {
    int found = 0;
    if (files->main.elf != NULL) found = sym_symbol_table_add(table, &files->main, SYM_SYMTAB);
    if (found == 0 && files->debug.elf != NULL)
        found = sym_symbol_table_add(table, &files->debug, SYM_SYMTAB);
    if (found == 0 && files->main.elf != NULL) {
        found = sym_symbol_table_add(table, &files->main, SYM_DYNSYM);
        if (found >= 0 && sym_mini_debug_open(mini, &files->main) == 0)
            found = sym_symbol_table_add(table, mini, SYM_SYMTAB);
    }
    return found < 0 ? -1 : 0;
}

static int resolve_by_symbols(struct module_files *files, struct sym_lookup *lookups, size_t count,
                              struct sym_frame_list *list) {
    size_t missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += lookups[i].count == 0 || lookups[i].prefers_symbol;
    if (missing == 0) return 0;
    struct sym_symbol_table table;
    struct sym_object mini = SYM_OBJECT_CLOSED;
    if (sym_symbol_table_init(&table, lookups, (uint32_t)count) != 0) return -1;
    int result = gather_symbols(&table, files, &mini);
    if (result == 0) result = sym_symbol_table_finish(&table);
    if (result == 0) result = apply_symbols(&table, lookups, count, list);
    sym_symbol_table_release(&table);
    sym_object_close(&mini);
    return result;
}

int sym_module_resolve(const struct rec_module *module, struct sym_lookup *lookups, size_t count,
                       const struct sym_options *options, struct sym_frame_list *list) {
    struct module_files files;
    if (module->path == NULL || files_open(&files, module, options) != 0) return 0;
    int result = 0;
    if (options->c_library_lines || !is_c_library(module->path))
        result = resolve_by_dwarf(&files, lookups, count, options, list);
    int is_broken = result == SYM_GUARD_BROKEN;
    if (result == 0 || is_broken) result = resolve_by_symbols(&files, lookups, count, list);
    if (result == 0 && is_broken) result = SYM_MODULE_BROKEN;
    sym_object_close(&files.debug);
    sym_object_close(&files.main);
    return result;
}
