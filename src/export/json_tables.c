/* SPDX-License-Identifier: MIT
 * The JSON report with its call stacks in tables, where each function, frame and stack stands once:
 * a hundredth of what the report's own sites take in a large program. docs/exports.md is the
 * specification. */
#include <inttypes.h>

#include "analysis/names.h"
#include "export/export.h"
#include "export/report_output.h"
#include "export/report_views.h"
#include "export/site_columns.h"
#include "export/told.h"

static void put_functions(struct ex_json *j, struct ex_export *e) {
    ex_json_open(j, "functions", '[');
    for (size_t i = 0; i < e->frames->function_count; i++) {
        const struct an_function *n = &e->frames->functions[i];
        fputc('\n', j->out);
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "name", an_name_full(e->frames, (uint32_t)i));
        ex_json_text(j, "symbol", n->name);
        ex_json_text(j, "file", n->file);
        ex_json_text(j, "module", an_name_module(e->frames, n->module));
        if (n->name == NULL && !n->stopped) {
            ex_json_next(j, "address");
            fprintf(j->out, "\"0x%" PRIx64 "\"", n->offset);
        }
        if (n->stopped) ex_json_bool(j, "callers_unknown", 1);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_frames(struct ex_json *j, const struct an_frames *t) {
    ex_json_open(j, "frame_columns", '[');
    ex_json_text(j, NULL, "function");
    ex_json_text(j, NULL, "line");
    ex_json_text(j, NULL, "inlined");
    ex_json_close(j, ']');
    ex_json_open(j, "frames", '[');
    for (size_t i = 0; i < t->frame_count; i++) {
        const struct an_frame *x = &t->frames[i];
        fprintf(j->out, "%s[%" PRIu32 ",", i > 0 ? "," : "", x->function);
        if (x->line > 0)
            fprintf(j->out, "%" PRIu32, x->line);
        else
            fputs("null", j->out);
        fprintf(j->out, ",%u]", x->inlined);
    }
    ex_json_close(j, ']');
}

static void put_stacks(struct ex_json *j, const struct an_stack_tree *t) {
    ex_json_open(j, "stack_columns", '[');
    ex_json_text(j, NULL, "caller");
    ex_json_text(j, NULL, "frame");
    ex_json_close(j, ']');
    ex_json_open(j, "stacks", '[');
    fputs("null", j->out);
    for (size_t i = 1; i < t->row_count; i++)
        fprintf(j->out, ",[%" PRIu32 ",%" PRIu32 "]", t->rows[i].parent, t->rows[i].frame);
    ex_json_close(j, ']');
}

static void put_sites(struct ex_json *j, struct ex_export *e) {
    const char *comma = "";
    ex_json_open(j, "site_columns", '[');
    ex_json_text(j, NULL, "stack");
#define PUT(name, what) ex_json_text(j, NULL, #name);
    EX_SITE_COLUMNS(PUT)
#undef PUT
    ex_json_close(j, ']');
    ex_json_open(j, "sites", '[');
    for (size_t i = 0; i < e->sites.count; i++) {
        const struct ex_site *x = &e->sites.list[i];
        struct an_costs t = ex_site_totals(&e->sites, x);
        if (e->cost >= 0 && an_cost_of(&t, (enum an_cost)e->cost).main == 0) continue;
        fprintf(j->out, "%s\n[%" PRIu32, comma, x->row);
        comma = ",";
#define PUT(name, what)                                                                            \
    if (rec_knows(e->file, what))                                                                  \
        fprintf(j->out, ",%" PRIu64, t.name);                                                      \
    else                                                                                           \
        fputs(",null", j->out);
        EX_SITE_COLUMNS(PUT)
#undef PUT
        fputc(']', j->out);
    }
    ex_json_close(j, ']');
}

int ex_json_tables(FILE *out, struct ex_export *e, struct failure *f) {
    struct ex_report report = {.file = e->file,
                               .path = e->path,
                               .profile = e->profile,
                               .frames = e->frames,
                               .is_part = e->is_part,
                               .question = e->range_words,
                               .filters = e->filter_words,
                               .asked = e->question,
                               .suppressions = e->suppressions,
                               .sort = e->cost};
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_facts(&j, &report);
    ex_json_views(&j, &report);
    if (ex_json_told(&j, &report, f) != 0) return -1;
    put_functions(&j, e);
    put_frames(&j, e->frames);
    put_stacks(&j, &e->sites.stacks);
    put_sites(&j, e);
    ex_json_close(&j, '}');
    fputc('\n', out);
    return 0;
}
