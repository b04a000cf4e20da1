/* SPDX-License-Identifier: MIT
 * Chrome's trace format, for ui.perfetto.dev, chrome://tracing and speedscope: counters over time.
 * There are tracks of the whole heap, from the recording's timeline, and one track for each of the
 * functions that held most at the peak. Times are microseconds. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/history.h"
#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "export/export.h"
#include "export/json_text.h"
#include "export/live_series.h"
#include "recording/reader.h"

#define SERIES_POINTS 1000
#define FUNCTION_TRACKS 12
#define FUNCTION_POINTS 400
#define MICROSECONDS 1000

struct trace {
    FILE *out;
    struct ex_export *e;
    struct ex_json json;
};

static void put_counter(struct trace *t, uint64_t tick, const char *name, const char *what,
                        uint64_t value) {
    struct ex_json *j = &t->json;
    ex_json_next(j, NULL);
    fputs("\n{\"ph\":\"C\",\"name\":", t->out);
    ex_json_string(t->out, name);
    fprintf(t->out, ",\"pid\":%" PRIu32 ",\"ts\":%" PRIu64 ",\"args\":{\"%s\":%" PRIu64 "}}",
            rec_process(t->e->file)->pid, tick * MICROSECONDS, what, value);
}

/* Says what a process or a thread is called. */
static void put_name(struct trace *t, const char *kind, uint32_t tid, const char *name) {
    ex_json_next(&t->json, NULL);
    fprintf(t->out,
            "\n{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32
            ",\"args\":{\"name\":",
            kind, rec_process(t->e->file)->pid, tid);
    ex_json_string(t->out, name);
    fputs("}}", t->out);
}

static void put_names(struct trace *t) {
    const struct rec_process *p = rec_process(t->e->file);
    size_t count;
    const struct rec_thread *threads = rec_threads(t->e->file, &count);
    put_name(t, "process_name", p->pid, an_name_base(p->executable != NULL ? p->executable : "?"));
    for (size_t i = 0; i < count; i++) {
        char name[sizeof threads[i].name + 1] = "";
        memcpy(name, threads[i].name, sizeof threads[i].name);
        put_name(t, "thread_name", threads[i].tid, name);
    }
}

/* The heap of what is asked about, with the peak at its very moment. */
static int put_live(struct trace *t, struct failure *f) {
    const struct an_profile *p = t->e->profile;
    struct ex_live_series s;
    int peak_is_out = 0, knows_peak = rec_knows(t->e->file, REC_KNOWS_PEAK);
    if (ex_live_series(&s, t->e, SERIES_POINTS, f) != 0) return -1;
    for (size_t i = 0; i <= s.count; i++) {
        if (knows_peak && !peak_is_out && (i == s.count || p->peak_tick < s.points[i].tick)) {
            put_counter(t, p->peak_tick, "live heap", "bytes", p->sum.peak_bytes);
            ex_json_next(&t->json, NULL);
            fprintf(t->out,
                    "\n{\"ph\":\"i\",\"s\":\"p\",\"name\":\"peak\",\"pid\":%" PRIu32
                    ",\"tid\":%" PRIu32 ",\"ts\":%" PRIu64 "}",
                    rec_process(t->e->file)->pid, rec_process(t->e->file)->pid,
                    p->peak_tick * MICROSECONDS);
            peak_is_out = 1;
        }
        if (i < s.count) put_counter(t, s.points[i].tick, "live heap", "bytes", s.points[i].bytes);
    }
    ex_live_series_release(&s);
    return 0;
}

/* Marks are instants of the thread that made them. */
static void put_marks(struct trace *t) {
    size_t count, thread_count;
    const struct rec_mark *marks = rec_marks(t->e->file, &count);
    const struct rec_thread *threads = rec_threads(t->e->file, &thread_count);
    uint32_t pid = rec_process(t->e->file)->pid;
    for (size_t i = 0; i < count; i++) {
        const struct rec_mark *m = &marks[i];
        if (!ex_mark_is_asked(t->e, m)) continue;
        ex_json_next(&t->json, NULL);
        fputs("\n{\"ph\":\"i\",\"s\":\"p\",\"name\":", t->out);
        ex_json_string(t->out, m->name);
        fprintf(t->out,
                ",\"cat\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":%" PRIu64
                ",\"args\":{\"live bytes\":%" PRIu64 ",\"live blocks\":%" PRIu64 "}}",
                m->has_snapshot ? "snapshot" : "mark", pid,
                m->thread < thread_count ? threads[m->thread].tid : pid,
                m->tick * (uint64_t)MICROSECONDS, m->live_bytes, m->live_blocks);
    }
}

/* What the timeline tells of the whole process. */
static void put_process(struct trace *t) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(t->e->file, &count);
    const struct an_profile *p = t->e->profile;
    uint64_t end = rec_totals(t->e->file)->duration_ms + 1;
    int is_all = ex_asks_of_all(t->e), knows_rss = rec_knows(t->e->file, REC_KNOWS_RSS);
    for (size_t i = 0; i < count; i++) {
        uint64_t tick = i + 1 < count ? points[i + 1].tick : end;
        if (tick < p->from_tick || tick > p->to_tick) continue;
        if (knows_rss) put_counter(t, tick, "resident set", "bytes", points[i].rss_bytes);
        if (!is_all) continue;
        put_counter(t, tick, "live blocks", "blocks", points[i].live_blocks);
        if (rec_knows(t->e->file, REC_KNOWS_ALLOCATED))
            put_counter(t, tick, "allocated so far", "bytes", points[i].allocated_bytes);
        if (rec_knows(t->e->file, REC_KNOWS_CALLS))
            put_counter(t, tick, "allocations so far", "calls", points[i].allocations);
    }
}

/* The functions of the program that held most at the peak. */
struct holders {
    uint32_t functions[FUNCTION_TRACKS];
    size_t count;
    uint32_t *group_of; /* by node: which of them it belongs to; `count`: to none */
};

static void choose_holders(struct holders *h, const uint64_t *held, size_t functions) {
    for (size_t n = 0; n < functions; n++) {
        if (held[n] == 0) continue;
        size_t at = h->count < FUNCTION_TRACKS ? h->count++ : FUNCTION_TRACKS;
        for (; at > 0 && held[h->functions[at - 1]] < held[n]; at--)
            if (at < FUNCTION_TRACKS) h->functions[at] = h->functions[at - 1];
        if (at < FUNCTION_TRACKS) h->functions[at] = (uint32_t)n;
    }
}

static int find_holders(struct holders *h, struct ex_export *e, const uint8_t *plumbing,
                        struct failure *f) {
    const struct ex_sites *s = &e->sites;
    size_t node_count, functions = e->frames->function_count;
    if (rec_nodes(e->file, &node_count, f) == NULL) return -1;
    uint64_t *held = calloc(functions + 1, sizeof *held);
    uint32_t *group = calloc(functions + 1, sizeof *group);
    h->group_of = calloc(node_count + 1, sizeof *h->group_of);
    if (held != NULL && group != NULL && h->group_of != NULL) {
        for (size_t i = 0; i < s->count; i++) {
            uint32_t row = ex_site_own_row(s, plumbing, s->list[i].row);
            if (row != 0)
                held[s->stacks.rows[row].function] += ex_site_amount(s, &s->list[i], AN_PEAK).main;
        }
        choose_holders(h, held, functions);
        for (size_t n = 0; n < functions; n++)
            group[n] = (uint32_t)h->count;
        for (size_t i = 0; i < h->count; i++)
            group[h->functions[i]] = (uint32_t)i;
        for (size_t n = 0; n < node_count; n++)
            h->group_of[n] = (uint32_t)h->count;
        for (size_t i = 0; i < e->profile->count; i++) {
            uint32_t row = ex_site_own_row(s, plumbing, s->stacks.row_of[i]);
            if (row != 0)
                h->group_of[e->profile->entries[i].node] = group[s->stacks.rows[row].function];
        }
    }
    int failed = held == NULL || group == NULL || h->group_of == NULL;
    free(held);
    free(group);
    return failed ? failure_set(f, "cannot list functions: out of memory") : 0;
}

static int put_holders(struct trace *t, const struct holders *h, struct failure *f) {
    struct an_history_wish wish = {
        .points = FUNCTION_POINTS, .group_of = h->group_of, .group_count = h->count + 1};
    struct an_history history;
    if (an_history_ask(&history, t->e->file, t->e->question, &wish, t->e->frames, f) != 0)
        return -1;
    for (size_t i = 0; i < history.group_count; i++) {
        uint32_t group = history.groups[i];
        char *name = NULL;
        const char *who =
            group < h->count ? ex_function_label(t->e, h->functions[group]) : "all other functions";
        if (asprintf(&name, "held by %s", who) < 0) break;
        for (size_t k = 0; k < history.point_count; k++)
            put_counter(t, history.ticks[k], name, "bytes",
                        history.bytes[i * history.point_count + k]);
        free(name);
    }
    an_history_release(&history);
    return 0;
}

static int put_functions(struct trace *t, struct failure *f) {
    struct holders h = {.count = 0};
    if (!rec_knows(t->e->file, REC_KNOWS_EVENTS)) return 0;
    uint8_t *plumbing = an_plumbing_build(t->e->frames);
    if (plumbing == NULL) return failure_set(f, "cannot list functions: out of memory");
    int failed = find_holders(&h, t->e, plumbing, f);
    if (!failed) failed = put_holders(t, &h, f);
    free(plumbing);
    free(h.group_of);
    return failed;
}

int ex_trace(FILE *out, struct ex_export *e, struct failure *f) {
    struct trace t = {.out = out, .e = e, .json = {.out = out, .first = 1}};
    ex_json_open(&t.json, NULL, '{');
    ex_json_text(&t.json, "displayTimeUnit", "ms");
    ex_json_open(&t.json, "otherData", '{');
    ex_json_text(&t.json, "exporter", "heapwise " HEAPWISE_VERSION);
    ex_json_text(&t.json, "recording", e->path);
    ex_json_text(&t.json, "range", e->range_words);
    ex_json_text(&t.json, "filters", e->filter_words);
    ex_json_close(&t.json, '}');
    ex_json_open(&t.json, "traceEvents", '[');
    put_names(&t);
    if (put_live(&t, f) != 0) return -1;
    put_process(&t);
    put_marks(&t);
    if (put_functions(&t, f) != 0) return -1;
    ex_json_close(&t.json, ']');
    ex_json_close(&t.json, '}');
    fputc('\n', out);
    return 0;
}
