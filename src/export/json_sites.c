/* SPDX-License-Identifier: MIT
 * Writes the sites of the JSON report. See json_sites.h.
 *
 * Call stacks whose frames are the same are one site. A recording may have a million sites of a
 * hundred frames each, so nothing but their order is kept, and a frame's text is made once. */
#include "export/json_sites.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/json_frame.h"
#include "export/site_columns.h"
#include "export/sites.h"

struct sites {
    const struct ex_report *report;
    struct ex_sites all;
    struct ex_ordered_site *order;
    char **frame_texts;
};

/* The text of a frame, made at first use. */
static const char *frame_text(struct sites *s, uint32_t frame) {
    if (s->frame_texts[frame] != NULL) return s->frame_texts[frame];
    struct an_frames *t = s->report->frames;
    size_t size;
    FILE *out = open_memstream(&s->frame_texts[frame], &size);
    if (out == NULL) return NULL;
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_frame(&j, t, frame);
    ex_json_close(&j, '}');
    return fclose(out) == 0 ? s->frame_texts[frame] : NULL;
}

static void put_figure(FILE *out, const struct rec_file *r, uint32_t what, const char *key,
                       uint64_t n) {
    if (rec_knows(r, what))
        fprintf(out, ",\"%s\":%" PRIu64, key, n);
    else
        fprintf(out, ",\"%s\":null", key);
}

static int put_site(struct ex_json *j, struct sites *s, const struct ex_site *x,
                    struct failure *f) {
    struct an_costs t = ex_site_totals(&s->all, x);
    const struct an_row *rows = s->all.stacks.rows;
    ex_json_next(j, NULL);
    fputs("\n{\"stack\":[", j->out);
    int first = 1;
    for (uint32_t row = x->row; row != 0; row = rows[row].parent) {
        const char *text = frame_text(s, rows[row].frame);
        if (text == NULL) return failure_set(f, "cannot write the call stacks: out of memory");
        if (!first) fputc(',', j->out);
        first = 0;
        fputs(text, j->out);
    }
    fputc(']', j->out);
    const struct rec_file *file = s->report->file;
#define PUT(name, what) put_figure(j->out, file, what, #name, t.name);
    EX_SITE_COLUMNS(PUT)
#undef PUT
    if (t.first_tick <= t.last_tick)
        fprintf(j->out, ",\"first_ms\":%" PRIu32 ",\"last_ms\":%" PRIu32, t.first_tick,
                t.last_tick);
    fputc('}', j->out);
    return 0;
}

static int put_sites(struct ex_json *j, struct sites *s, struct failure *f) {
    const struct ex_report *r = s->report;
    size_t count = s->all.count;
    s->order = ex_sites_order(&s->all, r->sort < 0 ? AN_PEAK : (enum an_cost)r->sort, f);
    if (s->order == NULL) return -1;
    size_t shown = r->top == 0 || r->top > count ? count : r->top;
    s->frame_texts = calloc(r->frames->frame_count + 1, sizeof *s->frame_texts);
    if (s->frame_texts == NULL)
        return failure_set(f, "cannot write the call stacks: out of memory");
    ex_json_number(j, "site_count", count);
    ex_json_open(j, "sites", '[');
    for (size_t i = 0; i < shown; i++)
        if (put_site(j, s, s->order[i].site, f) != 0) return -1;
    ex_json_close(j, ']');
    return 0;
}

int ex_json_sites(struct ex_json *j, const struct ex_report *r, struct failure *f) {
    struct sites s = {.report = r};
    if (ex_sites_build(&s.all, r->file, r->frames, r->profile, f) != 0) return -1;
    int failed = put_sites(j, &s, f);
    for (size_t i = 0; s.frame_texts != NULL && i < r->frames->frame_count; i++)
        free(s.frame_texts[i]);
    free(s.frame_texts);
    free(s.order);
    ex_sites_release(&s.all);
    return failed;
}
