/* SPDX-License-Identifier: MIT
 * Code addresses into functions, files and lines, inlined frames included.
 *
 * DWARF through elfutils' libdw (separate debug files by build-id and .gnu_debuglink, --debug-dir,
 * debuginfod when asked for), the symbol tables where there is no DWARF, and /tmp/perf-PID.map for
 * code made at run time. Nothing is ever run or loaded from the profiled program. */
#ifndef HEAPWISE_SYMBOLS_SYMBOLS_H
#define HEAPWISE_SYMBOLS_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/tables.h"

struct sym_options {
    const char *const
        *debug_directories; /* NULL-terminated, searched first; NULL: only the system's */
    int use_debuginfod;     /* 1: ask the servers of DEBUGINFOD_URLS */
    uint32_t pid;           /* for /tmp/perf-PID.map; 0: none */
    /* 0: of the C library and its loader only the functions are named, because reading their debug
     * files costs more than many a run and hardly anyone asks for their lines. 1: all there is. */
    int c_library_lines;
    /* 1: a module of unknown build-id is the file that has its path now. Recordings made from other
     * tools' files do not know build-ids; in our own, a module without one has none. */
    int trusts_paths;
    /* Called now and then with how far the work is; NULL: never. */
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
};

/* The result, in the form that rec_writer_symbols takes: address a has the frames
 * frames[first[a] .. first[a + 1]). Strings belong to the result. */
struct sym_result {
    uint32_t *first; /* address_count + 1 */
    struct rec_frame *frames;
    size_t address_count;
    void *strings; /* private */
    /* Path, the caller's own, of a module whose debug information libdw failed on, for lack of
     * memory or because it is damaged: its functions have names from its symbol table alone. NULL:
     * none. */
    const char *broken_module;
};

/* What to say of such a module, whose path it takes. */
#define SYM_BROKEN_MODULE                                                                          \
    "the debug information of %s cannot be read, because memory is out or it is damaged: names "   \
    "are those of its symbol table, without lines"

/* Resolves all addresses. A module that cannot be read (deleted, replaced: its build-id differs)
 * gives frames without a function; that is no failure. */
int sym_resolve(struct sym_result *out, const struct rec_module *modules, size_t module_count,
                const struct rec_address *addresses, size_t address_count,
                const struct sym_options *options, struct failure *f);
void sym_result_release(struct sym_result *r);

/* The readable form of a linkage name: C++, Rust (legacy and v0), D. The caller frees it. A name
 * that is not mangled comes back as it is; never NULL unless memory is out. */
char *sym_demangle(const char *linkage_name);

/* A shorter form of a demangled name for people: long template arguments become <…>, ABI tags and
 * default allocators go, Rust hashes go. At most `width` columns where that is possible without
 * losing the function's own name. The caller frees it. */
char *sym_shorten(const char *demangled, size_t width);

#endif
