/* SPDX-License-Identifier: MIT
 * `heapwise export`: a recording in other programs' formats. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/export_output.h"
#include "commands/option_reading.h"
#include "commands/question_options.h"
#include "commands/recording_answer.h"
#include "commands/recording_argument.h"
#include "commands/time_argument.h"
#include "export/export.h"
#include "export/quantity.h"

static const char help[] =
    "Usage: heapwise export FILE --to FORMAT [-o OUT] [OPTIONS]\n"
    "\n"
    "Writes a recording in another program's format. docs/exports.md tells what each format\n"
    "keeps and loses, and how to open it.\n"
    "\n"
    "  --to FORMAT        which one; --list shows them all\n"
    "  -o, --output OUT   the file to write, even if it exists; - is standard output. A name\n"
    "                     that ends in .gz or .zst is compressed. Without this option the name\n"
    "                     is made from the recording's\n"
    "  --force            write over a file of that made name\n"
    "  --cost COST        only this cost: peak, leaked, allocated (bytes), calls, temporary\n"
    "                     (blocks freed by the thread's very next call), failed, alive (bytes at\n"
    "                     the end, however old), freed, or later (bytes freed after the range).\n"
    "                     Usually all where the format can hold several, else peak\n"
    "  --list             the formats, a line each\n"
    "\n" QUESTION_OPTIONS_HELP "\n" SYMBOL_OPTIONS_HELP "\n"
    "Examples\n"
    "  heapwise export app.heapwise --to pprof && go tool pprof -http : app.pb.gz\n"
    "  heapwise export app.heapwise --to collapsed -o - | flamegraph.pl > app.svg\n"
    "  heapwise export app.heapwise --to speedscope --cost leaked --from 50%\n";

enum option_code { OPTION_COST = 256, OPTION_FORCE, OPTION_HELP, OPTION_LIST, OPTION_TO };

static const struct option options[] = {
    QUESTION_OPTIONS_LIST,
    {"cost", required_argument, NULL, OPTION_COST},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"list", no_argument, NULL, OPTION_LIST},
    {"output", required_argument, NULL, 'o'},
    {"to", required_argument, NULL, OPTION_TO},
    {NULL, 0, NULL, 0},
};

#define FORMATS_MAX 32

struct export_options {
    struct question_options question;
    const char *path, *output; /* output NULL: the usual name */
    const struct ex_format *format;
    int cost, force;
};

static void list(FILE *out) {
    for (const struct ex_format *x = ex_formats; x->name != NULL; x++)
        fprintf(out, "%-10s  %s\n", x->name, x->summary);
}

static int read_format(struct export_options *o, const char *text) {
    uint64_t ms;
    o->format = ex_format_named(text);
    if (o->format != NULL) return 0;
    if (time_argument_parse(text, 1, &ms) == 0)
        return option_bad("--to", text, "not a format; the end of a range is --until");
    const char *names[FORMATS_MAX + 1] = {NULL}, *nearest;
    for (size_t i = 0; i < FORMATS_MAX && ex_formats[i].name != NULL; i++)
        names[i] = ex_formats[i].name;
    nearest = option_nearest(text, names);
    if (nearest == NULL)
        return option_bad("--to", text,
                          "not a format; heapwise export --list shows those that are");
    char why[100];
    snprintf(why, sizeof why, "not a format; did you mean %s? (heapwise export --list)", nearest);
    return option_bad("--to", text, why);
}

static int read_cost(struct export_options *o, const char *text) {
    o->cost = an_cost_named(text);
    if (o->cost >= 0) return 0;
    return option_bad(
        "--cost", text,
        "must be peak, leaked, allocated, calls, temporary, failed, alive, freed or later");
}

static int read_option(struct export_options *o, int code) {
    switch (code) {
    case OPTION_COST:
        return read_cost(o, optarg);
    case OPTION_FORCE:
        o->force = 1;
        return 0;
    case OPTION_TO:
        return read_format(o, optarg);
    case 'o':
        o->output = optarg;
        return 0;
    default:
        return question_option_read(&o->question, code, optarg);
    }
}

static int read_rest(struct export_options *o, int argc, char **argv) {
    if (optind >= argc) {
        fputs("heapwise: export: which recording? Write heapwise export FILE --to FORMAT\n",
              stderr);
        return -1;
    }
    if (optind + 1 < argc) return option_bad("export", argv[optind + 1], "one recording at a time");
    o->path = argv[optind];
    if (o->format == NULL) {
        fputs("heapwise: export: to which format? Give --to with one of these:\n", stderr);
        list(stderr);
        return -1;
    }
    if (o->cost >= 0 && o->format->costs == EX_COSTS_NONE)
        return option_bad("--cost", an_cost_name((enum an_cost)o->cost),
                          "this format holds no costs to choose from");
    return 0;
}

/* Returns -1 to go on, or an exit status. */
static int read_arguments(struct export_options *o, int argc, char **argv) {
    memset(o, 0, sizeof *o);
    o->cost = -1;
    opterr = 0;
    optind = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":ho:", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') return fputs(help, stdout), 0;
        if (code == OPTION_LIST) return list(stdout), 0;
        if (code == '?')
            return option_unknown(argv[optind > at ? optind - 1 : at], options, "export"), 2;
        if (code == ':')
            return option_bad("option", argv[optind - 1],
                              "needs a value; see heapwise export --help"),
                   2;
        if (read_option(o, code) != 0) return 2;
    }
    return read_rest(o, argc, argv) != 0 ? 2 : -1;
}

static int write_answer(const struct export_options *o, struct rec_file *r,
                        struct recording_answer *a, struct export_output *out, struct failure *f) {
    struct ex_export e = {.file = r,
                          .path = o->path,
                          .question = &a->question.question,
                          .profile = &a->profile,
                          .frames = &a->frames,
                          .suppressions = &a->suppressions,
                          .is_part = a->question.range_words != NULL,
                          .range_words = a->question.range_words,
                          .filter_words = a->question.filter_words,
                          .cost = o->cost};
    if (recording_answer_get(a, r, &o->question, f) != 0) return -1;
    return ex_export_write(o->format, out->out, out->target, &e, f);
}

static int export_recording(const struct export_options *o, struct rec_file *r, const char *name,
                            struct failure *f) {
    struct recording_answer a = {0};
    struct export_output out = {0};
    if (recording_answer_prepare(&a, r, &o->question, f) != 0) return -1;
    int may_replace = o->output != NULL || o->force;
    int failed = export_output_open(&out, o->format, name, o->path,
                                    may_replace ? EXPORT_REPLACE : EXPORT_KEEP, f) ||
                 write_answer(o, r, &a, &out, f) || export_output_close(&out, f);
    if (!failed && o->output == NULL)
        fprintf(stderr, "heapwise: wrote %s (%s)\n", name, ex_size(out.bytes, EX_SIZE_UNITS).text);
    export_output_drop(&out);
    recording_answer_release(&a);
    return failed ? -1 : 0;
}

int command_export(int argc, char **argv) {
    struct export_options o;
    struct failure f = {""};
    struct rec_file *r;
    char usual[PATH_MAX];
    int status = read_arguments(&o, argc, argv);
    if (status >= 0) return status;
    int failed = recording_argument_open(&r, o.path, &f);
    if (!failed) {
        export_output_name(usual, sizeof usual, o.format, o.path);
        failed = export_recording(&o, r, o.output != NULL ? o.output : usual, &f);
        rec_close(r);
    }
    if (failed) fprintf(stderr, "heapwise: %s\n", f.text);
    return failed ? 1 : 0;
}
