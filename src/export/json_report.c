/* SPDX-License-Identifier: MIT
 * The report as JSON; docs/report-json.md is the specification. */
#include <inttypes.h>
#include <string.h>

#include "analysis/known.h"
#include "export/json_sites.h"
#include "export/json_text.h"
#include "export/report_output.h"
#include "export/report_views.h"
#include "export/told.h"
#include "export/totals.h"

#define SCHEMA 1

/* A number that may be unknown. */
static void put_known(struct ex_json *j, const char *key, uint64_t n) {
    if (n == AN_UNKNOWN)
        ex_json_null(j, key);
    else
        ex_json_number(j, key, n);
}

/* Facts that a recording of heapwise's own always has; other tools' files leave many of them out. */
static void put_fact(struct ex_json *j, const char *key, uint64_t n,
                     const struct rec_source *source) {
    put_known(j, key, source != NULL && n == 0 ? AN_UNKNOWN : n);
}

static const char *known_text(const char *text, const struct rec_source *source) {
    return source != NULL && text[0] == '\0' ? NULL : text;
}

static void put_strings(struct ex_json *j, const char *key, const char *const *list) {
    ex_json_open(j, key, '[');
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) ex_json_text(j, NULL, list[i]);
    ex_json_close(j, ']');
}

static void put_process(struct ex_json *j, const struct ex_report *r) {
    static const char *const ends[] = {
        [REC_END_UNKNOWN] = "unknown", [REC_END_EXIT] = "exit",         [REC_END_SIGNAL] = "signal",
        [REC_END_EXEC] = "exec",       [REC_END_DETACHED] = "detached",
    };
    const struct rec_process *p = rec_process(r->file);
    const struct rec_totals *t = rec_totals(r->file);
    ex_json_open(j, "process", '{');
    put_fact(j, "pid", p->pid, p->source);
    put_fact(j, "parent_pid", p->parent_pid, p->source);
    put_strings(j, "command", p->command);
    ex_json_text(j, "executable", known_text(p->executable, p->source));
    ex_json_text(j, "working_directory", known_text(p->working_directory, p->source));
    put_strings(j, "environment_names", p->environment_names);
    ex_json_text(j, "host", known_text(p->host, p->source));
    ex_json_text(j, "kernel", known_text(p->kernel, p->source));
    put_fact(j, "page_size", p->page_size, p->source);
    put_fact(j, "start_unix_ns", p->start_unix_ns, p->source);
    ex_json_bool(j, "forked", p->forked != 0);
    ex_json_text(j, "clock", known_text(p->clock, p->source));
    ex_json_text(j, "ended",
                 t->ended_how < sizeof ends / sizeof ends[0] ? ends[t->ended_how] : "unknown");
    put_known(j, "exit_status", t->ended_how == REC_END_EXIT ? t->exit_status : AN_UNKNOWN);
    put_known(j, "signal", t->ended_how == REC_END_SIGNAL ? t->ended_by_signal : AN_UNKNOWN);
    ex_json_close(j, '}');
}

/* The file of another tool that this was made from, or null. */
static void put_source(struct ex_json *j, const struct rec_source *source) {
    if (source == NULL) {
        ex_json_null(j, "source");
        return;
    }
    ex_json_open(j, "source", '{');
    ex_json_text(j, "format", source->format);
    ex_json_text(j, "generator", source->generator[0] != '\0' ? source->generator : NULL);
    ex_json_bool(j, "sampled", source->is_sampled != 0);
    ex_json_text(j, "time_unit", source->time_unit[0] != '\0' ? source->time_unit : NULL);
    ex_json_open(j, "known", '[');
    for (int i = 0; i < REC_KNOWN_COUNT; i++)
        if (source->known >> i & 1) ex_json_text(j, NULL, an_known_names[i]);
    ex_json_close(j, ']');
    ex_json_close(j, '}');
}

static void put_recording(struct ex_json *j, const struct ex_report *r) {
    ex_json_open(j, "recording", '{');
    ex_json_text(j, "path", r->path);
    ex_json_text(j, "written_by", rec_version(r->file));
    ex_json_text(j, "damage", rec_damage(r->file));
    put_source(j, rec_source(r->file));
    ex_json_close(j, '}');
}

static void put_bounds(struct ex_json *j, const char *min, const char *max, const struct an_bounds *b) {
    put_known(j, min, b != NULL ? b->min : AN_UNKNOWN);
    put_known(j, max, b != NULL ? b->max : AN_UNKNOWN);
}

/* Moments of marks, which lie between two events. */
static void put_moments(struct ex_json *j, const struct an_question *q) {
    const struct {
        const char *key;
        uint64_t event;
    } moments[] = {{"from_event", q != NULL ? q->from_event : 0},
                   {"to_event", q != NULL ? q->to_event : 0},
                   {"alive_at_event", q != NULL ? q->alive_event : 0}};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        put_known(j, moments[i].key, moments[i].event != 0 ? moments[i].event : AN_UNKNOWN);
}

static void put_question(struct ex_json *j, const struct ex_report *r) {
    ex_json_open(j, "question", '{');
    ex_json_number(j, "from_ms", r->profile->from_tick);
    put_known(j, "to_ms", r->profile->to_tick);
    put_known(j, "alive_at_ms", r->profile->alive_tick);
    put_moments(j, r->asked);
    put_bounds(j, "size_min", "size_max", r->asked != NULL ? r->asked->size : NULL);
    put_bounds(j, "lifetime_min_ms", "lifetime_max_ms", r->asked != NULL ? r->asked->lifetime : NULL);
    ex_json_bool(j, "whole_group_leaks", r->asked != NULL && r->asked->group == AN_GROUP_LEAKED);
    ex_json_text(j, "in_words", r->question);
    ex_json_text(j, "filters", r->filters);
    ex_json_text(j, "sort", an_cost_name(r->sort < 0 ? AN_PEAK : (enum an_cost)r->sort));
    ex_json_number(j, "top", r->top);
    ex_json_close(j, '}');
}

static void put_if(struct ex_json *j, const struct rec_file *r, uint32_t what, const char *key,
                   uint64_t n) {
    put_known(j, key, rec_knows(r, what) ? n : AN_UNKNOWN);
}

/* What was alive at the moment asked about, and what was freed after the range. */
static void put_moment_costs(struct ex_json *j, const struct rec_file *r, const struct an_costs *t) {
    put_if(j, r, REC_KNOWS_LEAKED, "alive_bytes", t->alive_bytes);
    put_if(j, r, REC_KNOWS_LEAKED_BLOCKS, "alive_blocks", t->alive_blocks);
    put_if(j, r, REC_KNOWS_EVENTS, "later_bytes", t->later_bytes);
    put_if(j, r, REC_KNOWS_EVENTS, "later_blocks", t->later_blocks);
}

static void put_totals(struct ex_json *j, const struct ex_report *r) {
    struct rec_totals t = ex_totals(r);
    ex_json_open(j, "totals", '{');
    put_known(j, "allocations", t.allocations);
    put_known(j, "frees", t.frees);
    put_known(j, "reallocations", t.reallocations);
    put_known(j, "failed", t.failed);
    put_known(j, "allocated_bytes", t.allocated_bytes);
    put_known(j, "freed_bytes", t.freed_bytes);
    put_known(j, "temporary", t.temporary);
    put_known(j, "temporary_bytes", t.temporary_bytes);
    put_known(j, "leaked_blocks", t.leaked_blocks);
    put_known(j, "leaked_bytes", t.leaked_bytes);
    put_known(j, "peak_bytes", t.peak_bytes);
    put_known(j, "peak_blocks", t.peak_blocks);
    put_known(j, "peak_time_ms", t.peak_tick);
    put_known(j, "duration_ms", t.duration_ms);
    put_known(j, "peak_rss_bytes", t.peak_rss_bytes);
    put_known(j, "threads", t.threads);
    put_known(j, "events", t.events);
    put_known(j, "unknown_frees", t.unknown_frees);
    put_moment_costs(j, r->file, &r->profile->all);
    ex_json_close(j, '}');
}

/* The sums of the stacks that pass the filters; null without filters. */
static void put_filtered(struct ex_json *j, const struct ex_report *r) {
    const struct an_costs *t = &r->profile->sum;
    if (r->filters == NULL) {
        ex_json_null(j, "filtered");
        return;
    }
    ex_json_open(j, "filtered", '{');
    put_if(j, r->file, REC_KNOWS_CALLS, "allocations", t->allocations);
    put_if(j, r->file, REC_KNOWS_ALLOCATED, "allocated_bytes", t->allocated_bytes);
    put_if(j, r->file, REC_KNOWS_PEAK, "peak_bytes", t->peak_bytes);
    put_if(j, r->file, REC_KNOWS_PEAK_BLOCKS, "peak_blocks", t->peak_blocks);
    put_if(j, r->file, REC_KNOWS_LEAKED, "leaked_bytes", t->leaked_bytes);
    put_if(j, r->file, REC_KNOWS_LEAKED_BLOCKS, "leaked_blocks", t->leaked_blocks);
    put_if(j, r->file, REC_KNOWS_TEMPORARY, "temporary", t->temporary);
    put_if(j, r->file, REC_KNOWS_TEMPORARY, "temporary_bytes", t->temporary_bytes);
    put_if(j, r->file, REC_KNOWS_FAILED, "failed", t->failed);
    put_if(j, r->file, REC_KNOWS_FREES, "freed_bytes", t->freed_bytes);
    put_if(j, r->file, REC_KNOWS_FREES, "freed_blocks", t->freed_blocks);
    put_moment_costs(j, r->file, t);
    ex_json_close(j, '}');
}

static void put_limits(struct ex_json *j, const struct ex_report *r) {
    const struct rec_totals *t = rec_totals(r->file);
    ex_json_open(j, "limits", '{');
    ex_json_number(j, "stacks_truncated", t->stacks_truncated);
    ex_json_number(j, "stacks_guessed", t->stacks_guessed);
    ex_json_number(j, "order_repairs", t->order_repairs);
    ex_json_number(j, "lost_events", t->lost_events);
    ex_json_number(j, "agent_bytes", t->region_bytes);
    ex_json_close(j, '}');
}

static void put_modules(struct ex_json *j, const struct ex_report *r) {
    size_t count;
    const struct rec_module *modules = rec_modules(r->file, &count);
    ex_json_open(j, "modules", '[');
    for (size_t i = 1; i < count; i++) {
        const struct rec_module *m = &modules[i];
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "path", m->path);
        ex_json_next(j, "build_id");
        if (m->build_id_length == 0) fputs("null", j->out);
        for (uint32_t k = 0; k < m->build_id_length && k < REC_BUILD_ID_MAX; k++)
            fprintf(j->out, "%s%02x%s", k == 0 ? "\"" : "", m->build_id[k],
                    k + 1 == m->build_id_length || k + 1 == REC_BUILD_ID_MAX ? "\"" : "");
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_threads(struct ex_json *j, const struct ex_report *r) {
    size_t count;
    const struct rec_thread *threads = rec_threads(r->file, &count);
    if (!rec_knows(r->file, REC_KNOWS_THREADS)) {
        ex_json_null(j, "threads");
        return;
    }
    ex_json_open(j, "threads", '[');
    for (size_t i = 0; i < count; i++) {
        char name[sizeof threads[i].name + 1] = "";
        memcpy(name, threads[i].name, sizeof threads[i].name);
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "tid", threads[i].tid);
        ex_json_text(j, "name", name);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_timeline(struct ex_json *j, const struct ex_report *r) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(r->file, &count);
    const struct rec_source *source = rec_source(r->file);
    ex_json_open(j, "timeline", '[');
    for (size_t i = 0; i < count; i++) {
        const struct rec_time_point *p = &points[i];
        ex_json_open(j, NULL, '{');
        put_if(j, r->file, REC_KNOWS_TIME, "time_ms", p->tick);
        if (source != NULL && source->time_unit[0] != '\0')
            ex_json_number(j, "time", p->tick * source->time_scale);
        put_if(j, r->file, REC_KNOWS_LEAKED, "live_bytes", p->live_bytes);
        put_if(j, r->file, REC_KNOWS_LEAKED_BLOCKS, "live_blocks", p->live_blocks);
        put_if(j, r->file, REC_KNOWS_PEAK, "peak_bytes", p->peak_bytes);
        put_if(j, r->file, REC_KNOWS_CALLS, "allocations", p->allocations);
        put_if(j, r->file, REC_KNOWS_ALLOCATED, "allocated_bytes", p->allocated_bytes);
        put_if(j, r->file, REC_KNOWS_RSS, "rss_bytes", p->rss_bytes);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

void ex_json_facts(struct ex_json *j, const struct ex_report *r) {
    ex_json_number(j, "schema", SCHEMA);
    ex_json_text(j, "generator", "heapwise " HEAPWISE_VERSION);
    put_recording(j, r);
    put_question(j, r);
    put_process(j, r);
    put_totals(j, r);
    put_filtered(j, r);
    put_limits(j, r);
    put_modules(j, r);
    put_threads(j, r);
    put_timeline(j, r);
}

int ex_json_report(FILE *out, const struct ex_report *r, struct failure *f) {
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_facts(&j, r);
    ex_json_views(&j, r);
    if (ex_json_told(&j, r, f) != 0) return -1;
    if (ex_json_sites(&j, r, f) != 0) return -1;
    ex_json_close(&j, '}');
    fputc('\n', out);
    return 0;
}
