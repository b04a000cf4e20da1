/* SPDX-License-Identifier: MIT
 * Finds embedded files and tells their types. See ui_files.h. */
#include "export/page/ui_files.h"

#include <string.h>

const struct ui_file *ui_file_named(const char *name) {
    for (const struct ui_file *u = ui_files; u->name != NULL; u++)
        if (strcmp(u->name, name) == 0) return u;
    return NULL;
}

const char *ui_file_type(const char *name) {
    static const struct {
        const char *suffix, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".woff2", "font/woff2"},
                 {".map", "application/json; charset=utf-8"}};
    const char *suffix = strrchr(name, '.');
    for (size_t i = 0; suffix != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].suffix, suffix) == 0) return types[i].type;
    return NULL;
}
