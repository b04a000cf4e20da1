/* SPDX-License-Identifier: MIT
 * The list of formats, and how one is written. See export.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/export.h"

const struct ex_format ex_formats[] = {
    {"pprof", "%s.pb.gz", "gzip protobuf, for go tool pprof, Pyroscope, Parca, speedscope and clouds",
     EX_GZIP, EX_COSTS_ALL, EX_WITHOUT_STACKS, ex_pprof, NULL},
    {"collapsed", "%s.folded", "a line for each call stack, for flame graph scripts", EX_TEXT,
     EX_COST_ONE, EX_WITH_STACKS, ex_collapsed, NULL},
    {.name = NULL},
};

const struct ex_format *ex_format_named(const char *name) {
    for (const struct ex_format *x = ex_formats; x->name != NULL; x++)
        if (strcmp(x->name, name) == 0) return x;
    return NULL;
}

const char *ex_function_label(struct ex_export *e, uint32_t function) {
    if (function == REC_NONE) return "(call stack not known)";
    const char *name = an_name_full(e->frames, function);
    if (name != NULL) return name;
    if (e->labels[function] == NULL) e->labels[function] = an_name_short(e->frames, function, 0);
    return e->labels[function] != NULL ? e->labels[function] : "(out of memory)";
}

static int write_format(const struct ex_format *format, FILE *out, const char *path,
                        struct ex_export *e, struct failure *f) {
    e->labels = calloc(e->frames->function_count + 1, sizeof *e->labels);
    if (e->labels == NULL) return failure_set(f, "cannot name functions: out of memory");
    if (format->stacks == EX_WITH_STACKS &&
        ex_sites_build(&e->sites, e->file, e->frames, e->profile, f) != 0)
        return -1;
    return format->medium == EX_DATABASE ? format->write_file(path, e, f)
                                         : format->write(out, e, f);
}

int ex_export_write(const struct ex_format *format, FILE *out, const char *path,
                    struct ex_export *e, struct failure *f) {
    int failed = write_format(format, out, path, e, f);
    for (size_t i = 0; e->labels != NULL && i < e->frames->function_count; i++)
        free(e->labels[i]);
    free(e->labels);
    e->labels = NULL;
    ex_sites_release(&e->sites);
    return failed;
}
