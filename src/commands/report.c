/* SPDX-License-Identifier: MIT
 * `heapwise report`. See report.h. */
#include "commands/commands.h"
#include "commands/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/progress.h"
#include "commands/report_question.h"
#include "commands/report_usage.h"
#include "export/report_output.h"
#include "symbols/symbols.h"

/* Gives every address one frame without a function. */
static int forget_symbols(struct rec_file *r, size_t count, struct failure *f) {
    uint32_t *first = malloc((count + 1) * sizeof *first);
    struct rec_frame *frames = calloc(count + 1, sizeof *frames);
    int failed = first == NULL || frames == NULL ? failure_set(f, "cannot list addresses: out of memory")
                                                 : 0;
    for (size_t i = 0; !failed && i <= count; i++) first[i] = (uint32_t)i;
    if (!failed) failed = rec_set_symbols(r, first, frames, count, f);
    free(first);
    free(frames);
    return failed;
}

static int resolve_symbols(struct rec_file *r, const struct rec_address *addresses, size_t count,
                           const struct report_options *o, struct failure *f) {
    size_t module_count;
    const struct rec_module *modules = rec_modules(r, &module_count);
    struct progress progress;
    struct sym_result result;
    struct sym_options options = {
        .debug_directories = o->debug_directory_count > 0 ? o->debug_directories : NULL,
        .use_debuginfod = o->use_debuginfod,
        .pid = rec_process(r)->pid,
        .progress = progress_tell,
        .progress_context = &progress};
    progress_start(&progress, "resolving function names");
    int failed = sym_resolve(&result, modules, module_count, addresses, count, &options, f);
    progress_end(&progress);
    if (failed) return -1;
    failed = rec_set_symbols(r, result.first, result.frames, result.address_count, f);
    sym_result_release(&result);
    return failed;
}

/* Symbols are stored in most recordings; else, or when asked for, they are resolved here and now. */
static int provide_symbols(struct rec_file *r, const struct report_options *o, struct failure *f) {
    int anew = o->debug_directory_count > 0 || o->use_debuginfod;
    if (rec_has_symbols(r) && !anew && !o->no_symbols) return 0;
    size_t count = 0;
    const struct rec_address *addresses = rec_addresses(r, &count, f);
    if (addresses == NULL) return -1;
    return o->no_symbols ? forget_symbols(r, count, f) : resolve_symbols(r, addresses, count, o, f);
}

struct answer {
    struct report_question question;
    struct an_frames frames;
    struct an_profile profile;
};

static void answer_release(struct answer *a) {
    an_profile_release(&a->profile);
    an_frames_release(&a->frames);
    report_question_release(&a->question);
}

static int ask(struct answer *a, struct rec_file *r, struct failure *f) {
    struct progress progress;
    progress_start(&progress, "reading events");
    a->question.question.progress = progress_tell;
    a->question.question.progress_context = &progress;
    int failed = an_ask(&a->profile, r, &a->question.question, &a->frames, f);
    progress_end(&progress);
    return failed;
}

/* The head of a report on a whole recording is printed before anything is worked out. */
static int print(struct rec_file *r, const char *path, const struct report_options *o, FILE *out,
                 struct answer *a, struct failure *f) {
    if (report_question_init(&a->question, r, o, f) != 0) return -1;
    struct ex_report report = {.file = r, .path = path, .profile = &a->profile, .frames = &a->frames,
                               .is_part = a->question.range_words != NULL,
                               .question = a->question.range_words,
                               .filters = a->question.filter_words,
                               .sort = o->has_sort ? (int)o->sort : -1,
                               .top = o->has_top ? o->top : o->json ? 0 : SIZE_MAX,
                               .direction = o->direction,
                               .all_frames = o->all_frames};
    struct ex_style style;
    ex_style_detect(&style, out, o->colour, o->width);
    style.sizes = o->sizes;
    if (!o->json && !report.is_part) {
        ex_text_head(out, &report, &style);
        fflush(out);
    }
    if (provide_symbols(r, o, f) != 0 || an_frames_build(&a->frames, r, f) != 0 ||
        ask(a, r, f) != 0)
        return -1;
    if (o->json) return ex_json_report(out, &report, f);
    if (report.is_part) ex_text_head(out, &report, &style);
    return ex_text_trees(out, &report, &style, f);
}

int report_print_summary(const char *path, const struct report_options *options, FILE *out) {
    struct failure f = {""};
    struct rec_file *r;
    if (rec_open(&r, path, &f) != 0) {
        fprintf(stderr, "heapwise: %s\n", f.text);
        return 1;
    }
    struct answer a;
    memset(&a, 0, sizeof a);
    int failed = print(r, path, options, out, &a, &f);
    answer_release(&a);
    rec_close(r);
    if (!failed && (fflush(out) != 0 || ferror(out)))
        failed = failure_set(&f, "cannot write the report: its output is full or closed");
    if (!failed) return 0;
    fflush(out);
    fprintf(stderr, "heapwise: %s\n", f.text);
    return 1;
}

int command_report(int argc, char **argv) {
    struct report_options options;
    const char *path;
    switch (report_arguments_read(argc, argv, &options, &path)) {
    case REPORT_ARGUMENTS_HELP: return 0;
    case REPORT_ARGUMENTS_BAD: return 2;
    case REPORT_ARGUMENTS_RUN: break;
    }
    return report_print_summary(path, &options, stdout);
}
