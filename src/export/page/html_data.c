/* SPDX-License-Identifier: MIT
 * Chooses how much of a recording an HTML file holds. See html_data.h.
 *
 * Tables, profile, slices and history grow with the number of rows. They are made with ever fewer
 * rows until they fit beside the rest. */
#include "export/page/html_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/suppressions.h"

#define HISTORY_POINTS 48
#define TIMELINE_POINTS 2000

/* What a call stack must come to at least, in parts of PAGE_WHOLE, from try to try. */
static const uint32_t tries[] = {0,      300,    1000,    3000,    10000,    30000,
                                 100000, 300000, 1000000, 3000000, 10000000, 100000000};
#define TRIES (sizeof tries / sizeof tries[0])

struct maker {
    struct html_data *data;
    size_t number;
    struct page page;
    struct an_profile whole;
    struct page_slices slices;
    struct failure *f;
};

static int keep(struct maker *m, const char *name, int failed, struct payload *payload) {
    struct html_data *d = m->data;
    if (failed) return -1;
    if (embedded_text(&d->parts[d->part_count].text, payload, m->f) != 0) return -1;
    snprintf(d->parts[d->part_count].id, sizeof d->parts[0].id, "api/%zu/%s", m->number, name);
    d->bytes += d->parts[d->part_count++].text.size;
    return 0;
}

static void forget_from(struct html_data *d, size_t part) {
    while (d->part_count > part) {
        d->bytes -= d->parts[--d->part_count].text.size;
        payload_release(&d->parts[d->part_count].text);
    }
}

static int add_rows(struct maker *m, const struct page *pruned) {
    struct payload p;
    struct an_question q = {.times = rec_knows(m->page.file, REC_KNOWS_EVENTS) ? AN_TIMES_FIND
                                                                               : AN_TIMES_SKIP};
    if (keep(m, "tables", page_tables(pruned, &p, m->f), &p) != 0 ||
        keep(m, "profile", page_profile(pruned, pruned->style, &m->whole, &q, &p, m->f), &p) != 0)
        return -1;
    if (m->slices.count == 0) return 0;
    return keep(m, "slices", page_slices(pruned, &m->slices, &p, m->f), &p);
}

/* What does not depend on the rows. */
static int add_fixed(struct maker *m, const struct page_source *source) {
    struct payload p;
    struct an_question all = {0};
    struct rec_file *r = m->page.file;
    if (keep(m, "facts", page_facts(source, &p, m->f), &p) != 0 ||
        keep(m, "timeline", page_timeline(r, 0, AN_END, TIMELINE_POINTS, &p, m->f), &p) != 0)
        return -1;
    if (!rec_knows(r, REC_KNOWS_EVENTS)) return 0;
    if (keep(m, "histogram", page_histogram(&m->page, &all, &p, m->f), &p) != 0) return -1;
    return keep(m, "threads", page_threads(&m->page, &all, &p, m->f), &p);
}

/* The history, which is small but takes a look at all events, is made when the others fit. */
static int add_history(struct maker *m, const struct page *pruned) {
    struct payload p;
    struct an_question all = {0};
    if (!rec_knows(m->page.file, REC_KNOWS_EVENTS)) return 0;
    return keep(m, "history", page_history(pruned, &all, HISTORY_POINTS, &p, m->f), &p);
}

static int add_with_least(struct maker *m, uint32_t least, size_t most, int *fits,
                          struct html_page_result *result) {
    struct page pruned;
    if (page_prune(&pruned, &m->page, &m->whole, least, m->f) != 0) return -1;
    int failed = add_rows(m, &pruned);
    if (!failed && m->data->bytes <= most) failed = add_history(m, &pruned);
    *fits = !failed && m->data->bytes <= most;
    result->rows = pruned.row_count;
    result->least = least;
    page_release(&pruned);
    return failed;
}

/* The sentences are shown by the page and by the command. */
static int tell_limits(struct maker *m, const struct html_page_result *result) {
    struct html_data *d = m->data;
    int written;
    if (m->slices.count > 0)
        written = asprintf(&d->limits[0],
                           "This file answers for ranges that begin and end at one of %zu moments, "
                           "at most about %llu ms apart; filters by size, lifetime or thread need the "
                           "recording and `heapwise view`.",
                           m->slices.count + 1, (unsigned long long)result->slice_ms);
    else
        written = asprintf(&d->limits[0], "This file answers for the whole run only.");
    if (written < 0) return d->limits[0] = NULL, failure_set(m->f, "out of memory");
    d->limit_count = 1;
    if (result->least == 0) return 0;
    written = asprintf(&d->limits[1],
                       "Call stacks that come to less than %g %% of every cost are added up as "
                       "(small call stacks): %zu of %zu rows are kept. All sums are exact.",
                       result->least * 100.0 / PAGE_WHOLE, result->rows, result->all_rows);
    if (written < 0) return d->limits[1] = NULL, failure_set(m->f, "out of memory");
    d->limit_count = 2;
    return 0;
}

static int choose(struct maker *m, const struct page_source *source, size_t most,
                  struct html_page_result *result) {
    int fits = 0;
    if (add_fixed(m, source) != 0) return -1;
    size_t fixed = m->data->part_count;
    for (size_t i = 0; !fits && i < TRIES; i++) {
        forget_from(m->data, fixed);
        if (add_with_least(m, tries[i], most, &fits, result) != 0) return -1;
    }
    if (!fits)
        return failure_set(m->f, "cannot make a page that small: its data needs more even without "
                                 "small call stacks; give a larger --max-size");
    return tell_limits(m, result);
}

static int make(struct maker *m, const struct page_source *source, size_t most,
                const struct an_watch *watch, struct html_page_result *result) {
    struct an_question q = {0};
    if (rec_knows(source->file, REC_KNOWS_EVENTS)) q.times = AN_TIMES_FIND;
    if (an_ask(&m->whole, source->file, &q, NULL, m->f) != 0) return -1;
    an_suppress(NULL, m->page.suppressed, &m->whole);
    if (page_slices_init(&m->slices, &m->page, HTML_PAGE_SLICES, watch, m->f) != 0) return -1;
    *result = (struct html_page_result){.all_rows = m->page.row_count, .slices = m->slices.count};
    if (m->slices.count > 0)
        result->slice_ms = m->slices.longest;
    return choose(m, source, most, result);
}

int html_data_init(struct html_data *d, const struct page_source *source, size_t number,
                   size_t most, const struct an_watch *watch, struct html_page_result *result,
                   struct failure *f) {
    memset(d, 0, sizeof *d);
    struct maker m = {.data = d, .number = number, .f = f};
    if (page_init(&m.page, source, f) != 0) return -1;
    int failed = make(&m, source, most, watch, result);
    an_profile_release(&m.whole);
    page_slices_release(&m.slices);
    page_release(&m.page);
    if (failed) html_data_release(d);
    return failed;
}

void html_data_release(struct html_data *d) {
    forget_from(d, 0);
    for (size_t i = 0; i < d->limit_count; i++)
        free(d->limits[i]);
    memset(d, 0, sizeof *d);
}
