/* SPDX-License-Identifier: MIT
 * Names for a recording's addresses. See recording_symbols.h. */
#include "commands/recording_symbols.h"

#include <stdio.h>
#include <stdlib.h>

#include "commands/progress.h"
#include "symbols/symbols.h"

/* Gives every address one frame without a function. */
static int forget_symbols(struct rec_file *r, size_t count, struct failure *f) {
    uint32_t *first = malloc((count + 1) * sizeof *first);
    struct rec_frame *frames = calloc(count + 1, sizeof *frames);
    int failed = first == NULL || frames == NULL
                     ? failure_set(f, "cannot list addresses: out of memory")
                     : 0;
    for (size_t i = 0; !failed && i <= count; i++)
        first[i] = (uint32_t)i;
    if (!failed) failed = rec_set_symbols(r, first, frames, count, f);
    free(first);
    free(frames);
    return failed;
}

static int resolve_symbols(struct rec_file *r, const struct rec_address *addresses, size_t count,
                           const struct question_options *o, struct failure *f) {
    size_t module_count;
    const struct rec_module *modules = rec_modules(r, &module_count);
    struct progress progress;
    struct sym_result result;
    struct sym_options options = {.debug_directories =
                                      o->debug_directory_count > 0 ? o->debug_directories : NULL,
                                  .use_debuginfod = o->use_debuginfod,
                                  .pid = rec_process(r)->pid,
                                  .trusts_paths = rec_source(r) != NULL,
                                  .progress = progress_tell,
                                  .progress_context = &progress};
    progress_start(&progress, "resolving function names");
    int failed = sym_resolve(&result, modules, module_count, addresses, count, &options, f);
    progress_end(&progress);
    if (failed) return -1;
    if (result.broken_module != NULL)
        fprintf(stderr, "heapwise: " SYM_BROKEN_MODULE "\n", result.broken_module);
    failed = rec_set_symbols(r, result.first, result.frames, result.address_count, f);
    sym_result_release(&result);
    return failed;
}

int recording_symbols_provide(struct rec_file *r, const struct question_options *o,
                              struct failure *f) {
    /* Names that come with another tool's file are all there is: where its modules lay is unknown.
     */
    int anew = (o->debug_directory_count > 0 || o->use_debuginfod) && rec_source(r) == NULL;
    if (rec_has_symbols(r) && !anew && !o->no_symbols) return 0;
    size_t count = 0;
    const struct rec_address *addresses = rec_addresses(r, &count, f);
    if (addresses == NULL) return -1;
    return o->no_symbols ? forget_symbols(r, count, f) : resolve_symbols(r, addresses, count, o, f);
}
