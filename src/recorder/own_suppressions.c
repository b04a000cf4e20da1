/* SPDX-License-Identifier: MIT
 * What the program declares to LeakSanitizer by a function __lsan_default_suppressions, into the
 * recording.
 *
 * It is read from the program's files after its end, and never called: programs without a sanitizer
 * do not expect that anybody calls it. */
#include <stdlib.h>
#include <string.h>

#include "recorder/tracee.h"
#include "symbols/constant_text.h"

/* The system's libraries declare none, and are large. */
static bool is_systems(const char *path) {
    static const char *const places[] = {"/lib/",       "/lib64/", "/usr/lib/",
                                         "/usr/lib64/", "[",       "/memfd:"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0) return true;
    return path[0] != '/';
}

/* True when the file declares some. */
static bool learn_from(struct tracee *t, const char *path) {
    char *text = NULL;
    switch (sym_constant_text(path, "__lsan_default_suppressions", &text)) {
    case SYM_TEXT_NONE:
        return false;
    case SYM_TEXT_UNKNOWN:
        rec_writer_suppressions(t->writer, "", path);
        return true;
    case SYM_TEXT_FOUND:
        break;
    }
    if (text[0] != '\0') rec_writer_suppressions(t->writer, text, path);
    free(text);
    return true;
}

void tracee_learn_suppressions(struct tracee *t) {
    size_t count;
    if (learn_from(t, t->facts->process.executable)) return;
    const struct rec_module *modules = rec_writer_modules(t->writer, &count);
    for (size_t i = 1; i < count; i++)
        if (!is_systems(modules[i].path) &&
            strcmp(modules[i].path, t->facts->process.executable) != 0 &&
            learn_from(t, modules[i].path))
            return;
}
