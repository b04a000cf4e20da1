/* SPDX-License-Identifier: MIT
 * Readable names of functions and modules. See names.h. */
#include "analysis/names.h"

#include <stdio.h>
#include <string.h>

#include "symbols/symbols.h"

const char *an_name_full(struct an_frames *t, uint32_t function) {
    const char *linkage = t->functions[function].name;
    if (linkage == NULL) return NULL;
    if (t->full_names[function] == NULL) t->full_names[function] = sym_demangle(linkage);
    return t->full_names[function] != NULL ? t->full_names[function] : linkage;
}

char *an_name_short(struct an_frames *t, uint32_t function, size_t width) {
    const struct an_function *n = &t->functions[function];
    const char *full = an_name_full(t, function);
    if (full != NULL) return sym_shorten(full, width);
    char *text = NULL;
    const char *module = an_name_module(t, n->module);
    int length;
    if (n->stopped)
        length = asprintf(&text, "(callers that could not be seen)");
    else if (module == NULL)
        length = asprintf(&text, "code without a file at 0x%llx", (unsigned long long)n->offset);
    else
        length = asprintf(&text, "%s+0x%llx", an_name_base(module), (unsigned long long)n->offset);
    return length < 0 ? NULL : text;
}

char *an_name_shortened(const char *full, size_t width) { return sym_shorten(full, width); }

const char *an_name_module(const struct an_frames *t, uint32_t module) {
    size_t count;
    const struct rec_module *modules = rec_modules(t->file, &count);
    if (module == 0 || module >= count || modules[module].path == NULL) return NULL;
    return modules[module].path[0] != '\0' ? modules[module].path : NULL;
}

const char *an_name_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
