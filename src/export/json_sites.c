/* SPDX-License-Identifier: MIT
 * Writes the sites of the JSON report. See json_sites.h.
 *
 * Call stacks whose frames are the same are one site. A recording may have a million sites of a
 * hundred frames each, so nothing but their order is kept, and a frame's text is made once. */
#include "export/json_sites.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/stack_tree.h"

/* Entries of the profile that share a row: entries[first] .. entries[first + count - 1]. */
struct site {
    struct an_amount amount;
    uint32_t row, first, count;
};

struct sites {
    const struct ex_report *report;
    struct an_stack_tree stacks;
    uint32_t *entries; /* all entries, those of a row together */
    struct site *list;
    size_t count;
    char **frame_texts;
};

/* Counts how many entries each row has and lays the entries out row by row. */
static int group(struct sites *s, struct failure *f) {
    const struct an_profile *p = s->report->profile;
    size_t rows = s->stacks.row_count;
    uint32_t *place = calloc(rows + 1, sizeof *place);
    s->entries = malloc((p->count + 1) * sizeof *s->entries);
    if (place == NULL || s->entries == NULL) {
        free(place);
        return failure_set(f, "cannot list %zu call stacks: out of memory", p->count);
    }
    for (size_t i = 0; i < p->count; i++) place[s->stacks.row_of[i] + 1]++;
    for (size_t row = 0; row < rows; row++) s->count += place[row + 1] > 0;
    for (size_t row = 0; row < rows; row++) place[row + 1] += place[row];
    s->list = malloc((s->count + 1) * sizeof *s->list);
    if (s->list == NULL) {
        free(place);
        return failure_set(f, "cannot list %zu call stacks: out of memory", s->count);
    }
    size_t made = 0;
    for (size_t row = 0; row < rows; row++)
        if (place[row + 1] > place[row])
            s->list[made++] = (struct site){.row = (uint32_t)row, .first = place[row],
                                            .count = place[row + 1] - place[row]};
    for (size_t i = 0; i < p->count; i++) s->entries[place[s->stacks.row_of[i]]++] = (uint32_t)i;
    free(place);
    return 0;
}

static int by_amount(const void *a, const void *b) {
    const struct site *x = a, *y = b;
    if (x->amount.main != y->amount.main) return x->amount.main < y->amount.main ? 1 : -1;
    if (x->amount.second != y->amount.second) return x->amount.second < y->amount.second ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

static void sort(struct sites *s, enum an_cost cost) {
    for (size_t i = 0; i < s->count; i++) {
        struct site *x = &s->list[i];
        for (uint32_t k = 0; k < x->count; k++) {
            const struct rec_node_totals *t = &s->report->profile->entries[s->entries[x->first + k]];
            x->amount = an_amount_add(x->amount, an_cost_of(t, cost));
        }
    }
    if (s->count > 0) qsort(s->list, s->count, sizeof *s->list, by_amount);
}

/* The text of a frame, made at first use. */
static const char *frame_text(struct sites *s, uint32_t frame) {
    if (s->frame_texts[frame] != NULL) return s->frame_texts[frame];
    struct an_frames *t = s->report->frames;
    const struct an_frame *x = &t->frames[frame];
    const struct an_function *n = &t->functions[x->function];
    size_t size;
    FILE *out = open_memstream(&s->frame_texts[frame], &size);
    if (out == NULL) return NULL;
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_text(&j, "function", an_name_full(t, x->function));
    ex_json_text(&j, "file", n->file);
    if (x->line > 0)
        ex_json_number(&j, "line", x->line);
    else
        ex_json_null(&j, "line");
    ex_json_text(&j, "module", an_name_module(t, n->module));
    ex_json_bool(&j, "inlined", x->inlined);
    if (n->name == NULL && !n->stopped) {
        ex_json_next(&j, "address");
        fprintf(out, "\"0x%" PRIx64 "\"", n->offset);
    }
    if (n->stopped) ex_json_bool(&j, "callers_unknown", 1);
    ex_json_close(&j, '}');
    return fclose(out) == 0 ? s->frame_texts[frame] : NULL;
}

static int put_site(struct ex_json *j, struct sites *s, const struct site *x, struct failure *f) {
    struct rec_node_totals t = {0};
    for (uint32_t k = 0; k < x->count; k++)
        an_totals_add(&t, &s->report->profile->entries[s->entries[x->first + k]]);
    ex_json_next(j, NULL);
    fputs("\n{\"stack\":[", j->out);
    int first = 1;
    for (uint32_t row = x->row; row != 0; row = s->stacks.rows[row].parent) {
        const char *text = frame_text(s, s->stacks.rows[row].frame);
        if (text == NULL) return failure_set(f, "cannot write the call stacks: out of memory");
        if (!first) fputc(',', j->out);
        first = 0;
        fputs(text, j->out);
    }
    fprintf(j->out,
            "],\"allocations\":%" PRIu64 ",\"allocated_bytes\":%" PRIu64 ",\"peak_bytes\":%" PRIu64
            ",\"peak_blocks\":%" PRIu64 ",\"leaked_bytes\":%" PRIu64 ",\"leaked_blocks\":%" PRIu64
            ",\"temporary\":%" PRIu64 ",\"temporary_bytes\":%" PRIu64 ",\"failed\":%" PRIu64 "}",
            t.allocations, t.allocated_bytes, t.peak_bytes, t.peak_blocks, t.live_bytes,
            t.live_blocks, t.temporary, t.temporary_bytes, t.failed);
    return 0;
}

static int put_sites(struct ex_json *j, struct sites *s, struct failure *f) {
    const struct ex_report *r = s->report;
    if (group(s, f) != 0) return -1;
    sort(s, r->sort < 0 ? AN_PEAK : (enum an_cost)r->sort);
    size_t shown = r->top == 0 || r->top > s->count ? s->count : r->top;
    s->frame_texts = calloc(r->frames->frame_count + 1, sizeof *s->frame_texts);
    if (s->frame_texts == NULL) return failure_set(f, "cannot write the call stacks: out of memory");
    ex_json_number(j, "site_count", s->count);
    ex_json_open(j, "sites", '[');
    for (size_t i = 0; i < shown; i++)
        if (put_site(j, s, &s->list[i], f) != 0) return -1;
    ex_json_close(j, ']');
    return 0;
}

int ex_json_sites(struct ex_json *j, const struct ex_report *r, struct failure *f) {
    struct sites s = {.report = r};
    if (an_stack_tree_build(&s.stacks, r->file, r->frames, r->profile, AN_RECURSION_KEEP, f) != 0)
        return -1;
    int failed = put_sites(j, &s, f);
    for (size_t i = 0; s.frame_texts != NULL && i < r->frames->frame_count; i++)
        free(s.frame_texts[i]);
    free(s.frame_texts);
    free(s.entries);
    free(s.list);
    an_stack_tree_release(&s.stacks);
    return failed;
}
