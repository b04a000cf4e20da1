/* SPDX-License-Identifier: MIT
 * The report as JSON; docs/report-json.md is the specification. */
#include <inttypes.h>
#include <string.h>

#include "export/json_sites.h"
#include "export/json_text.h"
#include "export/report_output.h"
#include "export/totals.h"

#define SCHEMA 1

/* A number that may be unknown. */
static void put_known(struct ex_json *j, const char *key, uint64_t n) {
    if (n == AN_UNKNOWN)
        ex_json_null(j, key);
    else
        ex_json_number(j, key, n);
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
    ex_json_number(j, "pid", p->pid);
    ex_json_number(j, "parent_pid", p->parent_pid);
    put_strings(j, "command", p->command);
    ex_json_text(j, "executable", p->executable);
    ex_json_text(j, "working_directory", p->working_directory);
    put_strings(j, "environment_names", p->environment_names);
    ex_json_text(j, "host", p->host);
    ex_json_text(j, "kernel", p->kernel);
    ex_json_number(j, "page_size", p->page_size);
    ex_json_number(j, "start_unix_ns", p->start_unix_ns);
    ex_json_bool(j, "forked", p->forked != 0);
    ex_json_text(j, "clock", p->clock);
    ex_json_text(j, "ended",
                 t->ended_how < sizeof ends / sizeof ends[0] ? ends[t->ended_how] : "unknown");
    put_known(j, "exit_status", t->ended_how == REC_END_EXIT ? t->exit_status : AN_UNKNOWN);
    put_known(j, "signal", t->ended_how == REC_END_SIGNAL ? t->ended_by_signal : AN_UNKNOWN);
    ex_json_close(j, '}');
}

static void put_recording(struct ex_json *j, const struct ex_report *r) {
    ex_json_open(j, "recording", '{');
    ex_json_text(j, "path", r->path);
    ex_json_text(j, "written_by", rec_version(r->file));
    ex_json_text(j, "damage", rec_damage(r->file));
    ex_json_close(j, '}');
}

static void put_question(struct ex_json *j, const struct ex_report *r) {
    ex_json_open(j, "question", '{');
    ex_json_number(j, "from_ms", r->profile->from_tick);
    put_known(j, "to_ms", r->profile->to_tick);
    ex_json_text(j, "in_words", r->question);
    ex_json_text(j, "filters", r->filters);
    ex_json_text(j, "sort", an_cost_name(r->sort < 0 ? AN_PEAK : (enum an_cost)r->sort));
    ex_json_number(j, "top", r->top);
    ex_json_close(j, '}');
}

static void put_totals(struct ex_json *j, const struct ex_report *r) {
    struct rec_totals t = ex_totals(r);
    ex_json_open(j, "totals", '{');
    ex_json_number(j, "allocations", t.allocations);
    put_known(j, "frees", t.frees);
    put_known(j, "reallocations", t.reallocations);
    ex_json_number(j, "failed", t.failed);
    ex_json_number(j, "allocated_bytes", t.allocated_bytes);
    put_known(j, "freed_bytes", t.freed_bytes);
    ex_json_number(j, "temporary", t.temporary);
    ex_json_number(j, "temporary_bytes", t.temporary_bytes);
    ex_json_number(j, "leaked_blocks", t.leaked_blocks);
    ex_json_number(j, "leaked_bytes", t.leaked_bytes);
    ex_json_number(j, "peak_bytes", t.peak_bytes);
    ex_json_number(j, "peak_blocks", t.peak_blocks);
    ex_json_number(j, "peak_time_ms", t.peak_tick);
    ex_json_number(j, "duration_ms", t.duration_ms);
    put_known(j, "peak_rss_bytes", t.peak_rss_bytes);
    put_known(j, "threads", t.threads);
    put_known(j, "events", t.events);
    put_known(j, "unknown_frees", t.unknown_frees);
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
    ex_json_number(j, "allocations", t->allocations);
    ex_json_number(j, "allocated_bytes", t->allocated_bytes);
    ex_json_number(j, "peak_bytes", t->peak_bytes);
    ex_json_number(j, "peak_blocks", t->peak_blocks);
    ex_json_number(j, "leaked_bytes", t->leaked_bytes);
    ex_json_number(j, "leaked_blocks", t->leaked_blocks);
    ex_json_number(j, "temporary", t->temporary);
    ex_json_number(j, "temporary_bytes", t->temporary_bytes);
    ex_json_number(j, "failed", t->failed);
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
    ex_json_open(j, "timeline", '[');
    for (size_t i = 0; i < count; i++) {
        const struct rec_time_point *p = &points[i];
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "time_ms", p->tick);
        ex_json_number(j, "live_bytes", p->live_bytes);
        ex_json_number(j, "live_blocks", p->live_blocks);
        ex_json_number(j, "peak_bytes", p->peak_bytes);
        ex_json_number(j, "allocations", p->allocations);
        ex_json_number(j, "allocated_bytes", p->allocated_bytes);
        ex_json_number(j, "rss_bytes", p->rss_bytes);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

int ex_json_report(FILE *out, const struct ex_report *r, struct failure *f) {
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_number(&j, "schema", SCHEMA);
    ex_json_text(&j, "generator", "heapwise " HEAPWISE_VERSION);
    put_recording(&j, r);
    put_question(&j, r);
    put_process(&j, r);
    put_totals(&j, r);
    put_filtered(&j, r);
    put_limits(&j, r);
    put_modules(&j, r);
    put_threads(&j, r);
    put_timeline(&j, r);
    if (ex_json_sites(&j, r, f) != 0) return -1;
    ex_json_close(&j, '}');
    fputc('\n', out);
    return 0;
}
