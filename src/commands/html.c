/* SPDX-License-Identifier: MIT
 * `heapwise html`: a recording as one HTML file that can be mailed. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/export_output.h"
#include "commands/option_reading.h"
#include "commands/progress.h"
#include "commands/question_options.h"
#include "commands/recording_argument.h"
#include "commands/recording_suppressions.h"
#include "commands/recording_symbols.h"
#include "commands/size_argument.h"
#include "export/page/html_page.h"
#include "export/quantity.h"

static const char help[] =
    "Usage: heapwise html FILE [-o OUT.html] [OPTIONS]\n"
    "\n"
    "Writes the pages of heapwise view, with the data of a recording, into one HTML file that\n"
    "opens without a network and without heapwise. It stays below 5 MB: the smallest call\n"
    "stacks are added up where there are too many, and ranges of time begin and end at one of\n"
    "33 moments or at a mark of the program. What was left out is printed, and shown by the\n"
    "page.\n"
    "\n"
    "  -o, --output OUT   the file to write, even if it exists; - is standard output. Without\n"
    "                     this option the name is made from the recording's\n"
    "  --force            write over a file of that made name\n"
    "  --diff BEFORE      compare FILE with an earlier recording, in every view\n"
    "  --max-size SIZE    keep more, or less: the size of the file at most, like 20M (MiB)\n"
    "\n"
    "Leaks\n" LEAK_OPTIONS_HELP "\n" SYMBOL_OPTIONS_HELP "\n"
    "Examples\n"
    "  heapwise html app.heapwise -o app.html\n"
    "  heapwise html after.heapwise --diff before.heapwise -o change.html --max-size 20M\n";

enum option_code { OPTION_DIFF = 256, OPTION_FORCE, OPTION_HELP, OPTION_MAX_SIZE };

static const struct option options[] = {
    SYMBOL_OPTIONS_LIST,
    LEAK_OPTIONS_LIST,
    {"diff", required_argument, NULL, OPTION_DIFF},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"max-size", required_argument, NULL, OPTION_MAX_SIZE},
    {"output", required_argument, NULL, 'o'},
    {NULL, 0, NULL, 0},
};

static const struct ex_format html_format = {
    .name = "html", .file_name = "%s.html", .medium = EX_TEXT, .costs = EX_COSTS_NONE};

#define RECORDINGS_MAX 2

struct html_options {
    struct question_options asked; /* only what it says of symbols and suppressions */
    const char *paths[RECORDINGS_MAX];
    size_t path_count;
    const char *output, *before;
    int force;
    struct html_page_options page;
};

static int read_size(struct html_options *o, const char *text) {
    uint64_t bytes;
    if (size_argument_parse(text, &bytes) != 0 || bytes == 0)
        return option_bad("--max-size", text, "not a size; write 20M, 500K or a number of bytes");
    o->page.most_bytes = bytes;
    return 0;
}

static int read_option(struct html_options *o, int code) {
    switch (code) {
    case OPTION_DIFF:
        o->before = optarg;
        return 0;
    case OPTION_FORCE:
        o->force = 1;
        return 0;
    case OPTION_MAX_SIZE:
        return read_size(o, optarg);
    case 'o':
        o->output = optarg;
        return 0;
    default:
        return question_option_read(&o->asked, code, optarg);
    }
}

/* Returns -1 to go on, or an exit status. */
static int read_arguments(struct html_options *o, int argc, char **argv) {
    memset(o, 0, sizeof *o);
    opterr = 0;
    optind = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":ho:", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') return fputs(help, stdout), 0;
        if (code == '?')
            return option_unknown(argv[optind > at ? optind - 1 : at], options, "html"), 2;
        if (code == ':')
            return option_bad("option", argv[optind - 1],
                              "needs a value; see heapwise html --help"),
                   2;
        if (read_option(o, code) != 0) return 2;
    }
    if (optind >= argc)
        return fputs("heapwise: html: which recording? Write heapwise html FILE -o OUT.html\n",
                     stderr),
               2;
    if (optind + 1 < argc)
        return option_bad("html", argv[optind + 1],
                          "one recording at a time; to compare two, --diff BEFORE"),
               2;
    o->paths[o->path_count++] = argv[optind];
    if (o->before != NULL) o->paths[o->path_count++] = o->before;
    return -1;
}

static int open_all(const struct html_options *o, struct page_source *sources,
                    struct an_suppressions *rules, size_t *count, struct failure *f) {
    for (size_t i = 0; i < o->path_count; i++) {
        sources[i].path = o->paths[i];
        sources[i].rules = &rules[i];
        if (recording_argument_open(&sources[i].file, o->paths[i], f) != 0) return -1;
        ++*count;
        if (recording_symbols_provide(sources[i].file, &o->asked, f) != 0 ||
            recording_suppressions_read(&rules[i], sources[i].file, &o->asked, f) != 0)
            return -1;
    }
    return 0;
}

static void tell(const char *name, const struct export_output *out,
                 const struct page_source *sources, const struct html_page_result *results,
                 size_t count) {
    fprintf(stderr, "heapwise: wrote %s (%s)\n", name, ex_size(out->bytes, EX_SIZE_UNITS).text);
    for (size_t i = 0; i < count; i++) {
        const struct html_page_result *r = &results[i];
        if (r->slices > 0)
            fprintf(stderr, "heapwise: %s: ranges begin and end at one of %zu moments, at most %s apart\n",
                    sources[i].path, r->slices + 1, ex_duration(r->slice_ms).text);
        else
            fprintf(stderr, "heapwise: %s: the whole run only\n", sources[i].path);
        if (r->least > 0)
            fprintf(stderr,
                    "heapwise: %s: call stacks below %g %% of every cost are added up; %zu of %zu "
                    "rows kept\n",
                    sources[i].path, r->least * 100.0 / PAGE_WHOLE, r->rows, r->all_rows);
    }
}

static int write_page(const struct html_options *o, const struct page_source *sources, size_t count,
                      struct failure *f) {
    char usual[PATH_MAX];
    struct export_output out = {0};
    struct html_page_result results[RECORDINGS_MAX];
    struct html_page_options page = o->page;
    struct progress progress;
    struct an_watch watch = {.progress = progress_tell, .progress_context = &progress};
    export_output_name(usual, sizeof usual, &html_format, o->paths[0]);
    const char *name = o->output != NULL ? o->output : usual;
    enum export_existing existing = o->output != NULL || o->force ? EXPORT_REPLACE : EXPORT_KEEP;
    if (export_output_open(&out, &html_format, name, o->paths[0], existing, f) != 0) return -1;
    page.watch = &watch;
    progress_start(&progress, "reading events");
    int failed = html_page_write(out.out, sources, count, &page, results, f);
    progress_end(&progress);
    if (!failed) failed = export_output_close(&out, f);
    if (!failed) tell(name, &out, sources, results, count);
    export_output_drop(&out);
    return failed;
}

int command_html(int argc, char **argv) {
    struct html_options o;
    struct failure f = {""};
    struct page_source sources[RECORDINGS_MAX];
    struct an_suppressions rules[RECORDINGS_MAX] = {0};
    size_t count = 0;
    int status = read_arguments(&o, argc, argv);
    if (status >= 0) return status;
    int failed =
        open_all(&o, sources, rules, &count, &f) != 0 || write_page(&o, sources, count, &f) != 0;
    while (count > 0)
        rec_close(sources[--count].file);
    for (size_t i = 0; i < RECORDINGS_MAX; i++)
        an_suppressions_release(&rules[i]);
    if (failed) fprintf(stderr, "heapwise: %s\n", f.text);
    return failed ? 1 : 0;
}
