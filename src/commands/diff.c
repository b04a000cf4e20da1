/* SPDX-License-Identifier: MIT
 * `heapwise diff`: what changed between two recordings. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/option_reading.h"
#include "commands/question_options.h"
#include "commands/recording_answer.h"
#include "commands/recording_argument.h"
#include "commands/share_argument.h"
#include "commands/size_argument.h"
#include "export/diff_output.h"

#define TOP_OF_EACH 5
#define TOP_OF_ONE 20

static const char help[] =
    "Usage: heapwise diff [OPTIONS] BEFORE AFTER\n"
    "       heapwise diff [OPTIONS] DIFFERENCE\n"
    "\n"
    "Shows what changed between two recordings, call stack by call stack: new, gone, grown and\n"
    "shrunk. Stacks are compared by their functions, whatever the addresses, the builds and the\n"
    "formats of the files (docs/import.md). FILE - is standard input. DIFFERENCE is a profile of\n"
    "pprof that holds a difference itself (go tool pprof -proto -diff_base).\n"
    "\n"
    "What to show\n"
    "  --sort COST        only this cost: peak, leaked, allocated (bytes), calls, temporary, "
    "failed\n"
    "  --top N            how many stacks of each cost (0: all)\n"
    "  --by WHAT          function (the default), or line: the same function at another line of "
    "its\n"
    "                     source is then another stack\n"
    "  --threshold N      only changes of at least so much: 64KiB, 1000, or 1% of the greater sum; "
    "a\n"
    "                     number counts bytes or calls, as the cost does. May be given twice\n"
    "\n"
    "In which form\n"
    "  --json             for programs (docs/diff.md); there --top defaults to all\n"
    "  --markdown         for a comment on a pull request\n"
    "  --collapsed        \"stack BEFORE AFTER\" of --sort (peak), for differential flame graphs\n"
    "\n" QUESTION_OPTIONS_HELP "\n"
    "How to show it\n"
    "  --bytes            exact bytes, no KiB and MiB\n"
    "  --color WHEN       auto (the default), always or never; NO_COLOR is respected\n"
    "  --width N          columns (default: the terminal's, or COLUMNS)\n"
    "\n" SYMBOL_OPTIONS_HELP "\n"
    "Examples\n"
    "  heapwise diff old.heapwise new.heapwise\n"
    "  heapwise diff --sort leaked --threshold 1KiB heaptrack.old.zst new.heapwise\n"
    "  heapwise diff --markdown main.heapwise branch.heapwise > comment.md\n"
    "  heapwise diff --collapsed old.heapwise new.heapwise | flamegraph.pl > diff.svg\n";

enum option_code {
    OPTION_BY = 256,
    OPTION_BYTES,
    OPTION_COLLAPSED,
    OPTION_COLOR,
    OPTION_HELP,
    OPTION_JSON,
    OPTION_MARKDOWN,
    OPTION_SORT,
    OPTION_THRESHOLD,
    OPTION_TOP,
    OPTION_WIDTH
};

static const struct option options[] = {
    QUESTION_OPTIONS_LIST,
    {"by", required_argument, NULL, OPTION_BY},
    {"bytes", no_argument, NULL, OPTION_BYTES},
    {"collapsed", no_argument, NULL, OPTION_COLLAPSED},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"help", no_argument, NULL, OPTION_HELP},
    {"json", no_argument, NULL, OPTION_JSON},
    {"markdown", no_argument, NULL, OPTION_MARKDOWN},
    {"sort", required_argument, NULL, OPTION_SORT},
    {"threshold", required_argument, NULL, OPTION_THRESHOLD},
    {"top", required_argument, NULL, OPTION_TOP},
    {"width", required_argument, NULL, OPTION_WIDTH},
    {NULL, 0, NULL, 0},
};

enum form { FORM_TEXT, FORM_JSON, FORM_MARKDOWN, FORM_COLLAPSED };

struct diff_options {
    struct question_options question;
    enum form form;
    int sort, has_top;
    size_t top, width;
    enum an_diff_by by;
    uint64_t least_amount;
    double least_share;
    enum ex_size_form sizes;
    enum ex_colour_choice colour;
    const char *paths[AN_SIDES];
    int is_difference; /* 1: one file holds both */
};

static int read_sort(struct diff_options *o, const char *text) {
    int cost = an_cost_named(text);
    if (cost < 0 || cost > AN_FAILED)
        return option_bad("--sort", text,
                          "must be peak, leaked, allocated, calls, temporary or failed");
    o->sort = cost;
    return 0;
}

static int read_threshold(struct diff_options *o, const char *text) {
    if (share_argument_parse(text, &o->least_share) == 0) return 0;
    if (size_argument_parse(text, &o->least_amount) == 0) return 0;
    return option_bad("--threshold", text, "must be a size as 64KiB, a number, or a share as 1%");
}

static int read_by(struct diff_options *o, const char *text) {
    if (strcmp(text, "function") == 0)
        o->by = AN_DIFF_FUNCTIONS;
    else if (strcmp(text, "line") == 0)
        o->by = AN_DIFF_LINES;
    else
        return option_bad("--by", text, "must be function or line");
    return 0;
}

static int read_option(struct diff_options *o, int code) {
    switch (code) {
    case OPTION_BY:
        return read_by(o, optarg);
    case OPTION_BYTES:
        o->sizes = EX_SIZE_EXACT;
        return 0;
    case OPTION_COLLAPSED:
        o->form = FORM_COLLAPSED;
        return 0;
    case OPTION_COLOR:
        return option_colour(optarg, &o->colour);
    case OPTION_JSON:
        o->form = FORM_JSON;
        return 0;
    case OPTION_MARKDOWN:
        o->form = FORM_MARKDOWN;
        return 0;
    case OPTION_SORT:
        return read_sort(o, optarg);
    case OPTION_THRESHOLD:
        return read_threshold(o, optarg);
    case OPTION_TOP:
        o->has_top = 1;
        return option_number("--top", optarg, &o->top);
    case OPTION_WIDTH:
        return option_number("--width", optarg, &o->width);
    default:
        return question_option_read(&o->question, code, optarg);
    }
}

/* Returns -1 to go on, or an exit status. */
static int read_arguments(struct diff_options *o, int argc, char **argv) {
    opterr = 0;
    optind = 0;
    for (;;) {
        int at = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":h", options, NULL);
        if (code == -1) break;
        if (code == OPTION_HELP || code == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (code == '?') {
            option_unknown(argv[optind > at ? optind - 1 : at], options, "diff");
            return 2;
        }
        if (code == ':') {
            option_bad("option", argv[optind - 1], "needs a value; see heapwise diff --help");
            return 2;
        }
        if (read_option(o, code) != 0) return 2;
    }
    if (optind == argc || optind + 2 < argc) {
        fputs("heapwise: diff: give two recordings: heapwise diff BEFORE AFTER\n", stderr);
        return 2;
    }
    o->paths[AN_BEFORE] = argv[optind];
    o->paths[AN_AFTER] = argv[argc - 1];
    o->is_difference = optind + 1 == argc;
    return -1;
}

struct sides {
    struct rec_file *files[AN_SIDES];
    struct recording_answer answers[AN_SIDES];
    struct an_diff diff;
};

static int open_sides(struct sides *x, const struct diff_options *o, struct failure *f) {
    if (o->is_difference)
        return recording_argument_open_difference(&x->files[AN_BEFORE], &x->files[AN_AFTER],
                                                  o->paths[AN_BEFORE], f);
    for (int side = 0; side < AN_SIDES; side++)
        if (recording_argument_open(&x->files[side], o->paths[side], f) != 0) return -1;
    return 0;
}

static int compare(struct sides *x, const struct diff_options *o, struct failure *f) {
    if (open_sides(x, o, f) != 0) return -1;
    if (an_diff_init(&x->diff, o->by, an_diff_names_for(x->files[AN_BEFORE], x->files[AN_AFTER]),
                     f) != 0)
        return -1;
    for (int side = 0; side < AN_SIDES; side++) {
        struct recording_answer *a = &x->answers[side];
        struct failure why;
        if (recording_answer_prepare(a, x->files[side], &o->question, &why) != 0)
            return failure_set(f, "%s: %s", o->paths[side], why.text);
        if (recording_answer_get(a, x->files[side], &o->question, f) != 0 ||
            an_diff_add(&x->diff, (enum an_side)side, x->files[side], &a->frames, &a->profile, f) !=
                0)
            return -1;
    }
    return 0;
}

static int print(struct sides *x, const struct diff_options *o, struct failure *f) {
    struct ex_diff d = {.diff = &x->diff,
                        .sort = o->sort,
                        .least_amount = o->least_amount,
                        .least_share = o->least_share,
                        .question = x->answers[AN_AFTER].question.range_words,
                        .filters = x->answers[AN_AFTER].question.filter_words};
    d.top = o->has_top             ? o->top
            : o->form == FORM_JSON ? 0
            : o->sort >= 0         ? TOP_OF_ONE
                                   : TOP_OF_EACH;
    for (int side = 0; side < AN_SIDES; side++)
        d.sides[side] =
            (struct ex_diff_side){x->files[side], o->paths[side], &x->answers[side].profile.sum};
    struct ex_style style;
    ex_style_detect(&style, stdout, o->colour, o->width);
    style.sizes = o->sizes;
    switch (o->form) {
    case FORM_TEXT:
        return ex_diff_text(stdout, &d, &style, f);
    case FORM_JSON:
        return ex_diff_json(stdout, &d, f);
    case FORM_MARKDOWN:
        return ex_diff_markdown(stdout, &d, f);
    case FORM_COLLAPSED:
        return ex_diff_collapsed(stdout, &d, f);
    }
    return 0;
}

int command_diff(int argc, char **argv) {
    struct diff_options o = {.sort = -1};
    int status = read_arguments(&o, argc, argv);
    if (status >= 0) return status;
    struct sides x;
    struct failure f = {""};
    memset(&x, 0, sizeof x);
    int failed = compare(&x, &o, &f) != 0 || print(&x, &o, &f) != 0;
    if (!failed && (fflush(stdout) != 0 || ferror(stdout)))
        failed = failure_set(&f, "cannot write the difference: the output is full or closed") != 0;
    an_diff_release(&x.diff);
    for (int side = 0; side < AN_SIDES; side++) {
        recording_answer_release(&x.answers[side]);
        rec_close(x.files[side]);
    }
    if (!failed) return 0;
    fprintf(stderr, "heapwise: %s\n", f.text);
    return 1;
}
