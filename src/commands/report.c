/* SPDX-License-Identifier: MIT
 * `heapwise report`. See report.h. */
#include "commands/commands.h"
#include "commands/report.h"

#include <stdio.h>

#include "commands/recording_answer.h"
#include "commands/recording_argument.h"
#include "commands/report_usage.h"
#include "commands/report_views.h"
#include "export/report_output.h"

static int hide_frames(struct recording_answer *a, const struct report_options *o, struct failure *f) {
    for (size_t i = 0; i < o->hidden_count; i++) {
        struct an_filter x;
        struct failure why;
        if (an_filter_init(&x, AN_FILTER_ANY, o->hidden[i].pattern, &why) != 0)
            return failure_set(f, "--%s: %s", o->hidden[i].hiding == AN_HIDE_MATCHES ? "hide" : "show",
                               why.text);
        enum an_hiding hiding = o->hidden[i].hiding;
        if (x.negated) hiding = hiding == AN_HIDE_MATCHES ? AN_SHOW_MATCHES : AN_HIDE_MATCHES;
        int failed = an_filter_hide(&a->frames, &x, hiding, f);
        an_filter_release(&x);
        if (failed) return -1;
    }
    return 0;
}

/* The head of a report on a whole recording is printed before anything is worked out. */
static int print(struct rec_file *r, const char *path, const struct report_options *o, FILE *out,
                 struct recording_answer *a, struct report_views *v, struct failure *f) {
    if (recording_answer_prepare(a, r, &o->question, f) != 0) return -1;
    struct ex_report report = {.file = r,
                               .path = path,
                               .profile = &a->profile,
                               .frames = &a->frames,
                               .is_part = a->question.range_words != NULL,
                               .question = a->question.range_words,
                               .filters = a->question.filter_words,
                               .asked = &a->question.question,
                               .views = &v->views,
                               .suppressions = &a->suppressions,
                               .sort = o->has_sort ? (int)o->sort : -1,
                               .top = o->has_top ? o->top
                                      : o->json  ? 0
                                                 : SIZE_MAX,
                               .direction = o->direction,
                               .all_frames = o->all_frames};
    struct ex_style style;
    ex_style_detect(&style, out, o->colour, o->width);
    style.sizes = o->sizes;
    int head_waits = report.is_part || a->suppressions.count > 0;
    if (!o->json && !head_waits) {
        ex_text_head(out, &report, &style);
        fflush(out);
    }
    if (recording_answer_get(a, r, &o->question, f) != 0) return -1;
    if (hide_frames(a, o, f) != 0 || report_views_get(v, r, o, a, f) != 0) return -1;
    if (o->json) return ex_json_report(out, &report, f);
    if (head_waits) ex_text_head(out, &report, &style);
    return ex_text_trees(out, &report, &style, f);
}

int report_print_summary(const char *path, const struct report_options *options, FILE *out) {
    struct failure f = {""};
    struct rec_file *r;
    if (recording_argument_open(&r, path, &f) != 0) {
        fprintf(stderr, "heapwise: %s\n", f.text);
        return 1;
    }
    struct recording_answer a = {0};
    struct report_views v = {0};
    int failed = print(r, path, options, out, &a, &v, &f);
    report_views_release(&v);
    recording_answer_release(&a);
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
