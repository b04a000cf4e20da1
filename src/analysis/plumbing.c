/* SPDX-License-Identifier: MIT
 * Tells plumbing by name. See plumbing.h.
 *
 * C++ is judged by its mangled names, where a namespace is certain and cheap to see: std:: is St, Sa,
 * Sb, Ss or a nested name that begins with St; operator new is Znw or Zna. Rust is judged by the
 * readable name, whose crate comes first, and by the place of its library's sources. */
#include "analysis/plumbing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bare_name.h"
#include "analysis/names.h"

static int begins(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int is_cpp_runtime(const char *linkage) {
    if (!begins(linkage, "_Z")) return 0;
    const char *s = linkage + 2;
    if (begins(s, "nw") || begins(s, "na")) return 1;
    if (*s == 'N') s++;
    while (*s == 'r' || *s == 'V' || *s == 'K' || *s == 'R' || *s == 'O') s++;
    return begins(s, "St") || begins(s, "Sa") || begins(s, "Sb") || begins(s, "Ss") ||
           begins(s, "9__gnu_cxx");
}

/* The same by a readable name, which is all that other tools' files keep. */
static int is_cpp_runtime_readable(const char *readable) {
    size_t start;
    an_bare_name(readable, &start);
    const char *name = readable + start;
    return begins(name, "std::") || begins(name, "__gnu_cxx::") || begins(name, "operator new");
}

static int is_rust(const char *linkage) {
    if (begins(linkage, "_R")) return 1;
    size_t length = strlen(linkage);
    return begins(linkage, "_ZN") && length > 20 && strstr(linkage, "17h") != NULL &&
           linkage[length - 1] == 'E';
}

static int is_rust_library_file(const char *file) {
    return strstr(file, "/library/") != NULL &&
           (begins(file, "/rustc/") || strstr(file, "/rustlib/src/rust/") != NULL);
}

static int is_rust_runtime(const char *readable) {
    static const char *const crates[] = {"alloc::", "core::", "std::", "hashbrown::", "<alloc::",
                                         "<core::", "<std::", "<hashbrown::"};
    for (size_t i = 0; i < sizeof crates / sizeof crates[0]; i++)
        if (begins(readable, crates[i])) return 1;
    return 0;
}

/* A C function that wraps the allocator and says so: xmalloc, g_malloc0, PyMem_RawRealloc, strdup, … */
static int is_c_wrapper(const char *name) {
    static const char *const words[] = {"malloc", "calloc", "realloc", "strdup", "strndup", "memdup",
                                        "memalign", "mem_alloc", "memalloc", "__rust_", "__rdl_",
                                        "__rg_"};
    char lower[64];
    size_t length = 0;
    for (; name[length] != '\0' && length < sizeof lower - 1; length++)
        lower[length] = (char)tolower((unsigned char)name[length]);
    lower[length] = '\0';
    if (length == sizeof lower - 1) return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(lower, words[i]) != NULL) return 1;
    return 0;
}

static int is_runtime_library(const char *module) {
    static const char *const libraries[] = {"libc.so",      "libstdc++.so", "libc++.so",
                                            "libc++abi.so", "ld-linux",     "libgcc_s.so",
                                            "libm.so",      "libpthread.so", "libjemalloc.so",
                                            "libtcmalloc",  "libmimalloc.so"};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
        if (begins(module, libraries[i])) return 1;
    return 0;
}

enum an_plumbing an_plumbing_of(const struct an_plumbing_facts *x) {
    if (x->module != NULL && is_runtime_library(x->module)) return AN_PLUMBING_RUNTIME;
    if (x->linkage == NULL) return AN_PLUMBING_NONE;
    /* What calls main, by name: not every format tells of modules. */
    if (strcmp(x->linkage, "_start") == 0 || begins(x->linkage, "__libc_start_") ||
        strcmp(x->linkage, "(below main)") == 0)
        return AN_PLUMBING_RUNTIME;
    int wrapper;
    if (is_rust(x->linkage))
        wrapper = (x->file != NULL && is_rust_library_file(x->file)) ||
                  (x->readable != NULL && is_rust_runtime(x->readable));
    else if (begins(x->linkage, "_Z"))
        wrapper = is_cpp_runtime(x->linkage);
    else if (strchr(x->linkage, '(') != NULL || strchr(x->linkage, ':') != NULL)
        wrapper = is_cpp_runtime_readable(x->linkage);
    else
        wrapper = is_c_wrapper(x->linkage);
    return wrapper ? AN_PLUMBING_WRAPPER : AN_PLUMBING_NONE;
}

uint8_t *an_plumbing_build(struct an_frames *t) {
    uint8_t *is = malloc(t->function_count + 1);
    if (is == NULL) return NULL;
    for (size_t i = 0; i < t->function_count; i++) {
        const struct an_function *n = &t->functions[i];
        const char *module = an_name_module(t, n->module);
        int rust = n->name != NULL && is_rust(n->name);
        if (n->stopped) {
            is[i] = AN_PLUMBING_WRAPPER;
            continue;
        }
        struct an_plumbing_facts facts = {
            .linkage = n->name, .readable = rust ? an_name_full(t, (uint32_t)i) : NULL,
            .file = n->file, .module = module != NULL ? an_name_base(module) : NULL};
        is[i] = (uint8_t)an_plumbing_of(&facts);
    }
    return is;
}
