/* SPDX-License-Identifier: MIT
 * The list of formats, and how one is written. See export.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/names.h"
#include "export/export.h"
#include "recording/reader.h"

const struct ex_format ex_formats[] = {
    {"pprof", "%s.pb.gz",
     "gzip protobuf, for go tool pprof, Pyroscope, Parca, speedscope and clouds", EX_GZIP,
     EX_COSTS_ALL, EX_STACKS_NONE, ex_pprof, NULL},
    {"speedscope", "%s.speedscope.json", "call trees of each cost, for speedscope.app", EX_TEXT,
     EX_COSTS_ALL, EX_STACKS_OF_FUNCTIONS, ex_speedscope, NULL},
    {"collapsed", "%s.folded", "a line for each call stack, for flame graph scripts", EX_TEXT,
     EX_COST_ONE, EX_STACKS_OF_FUNCTIONS, ex_collapsed, NULL},
    {"massif", "massif.out.%s", "the heap over time with trees, for ms_print and massif-visualizer",
     EX_TEXT, EX_COSTS_NONE, EX_STACKS_OF_LINES, ex_massif, NULL},
    {"heaptrack", "heaptrack.%s.zst", "all events, for heaptrack_gui and heaptrack_print", EX_TEXT,
     EX_COSTS_NONE, EX_STACKS_NONE, ex_heaptrack, NULL},
    {"firefox", "%s.profile.json.gz", "all events, for profiler.firefox.com (native allocations)",
     EX_TEXT, EX_COSTS_NONE, EX_STACKS_OF_LINES, ex_firefox, NULL},
    {"trace", "%s.trace.json", "counters over time, for ui.perfetto.dev and chrome://tracing",
     EX_TEXT, EX_COSTS_NONE, EX_STACKS_OF_LINES, ex_trace, NULL},
    {"callgrind", "callgrind.out.%s", "calls and lines, for kcachegrind and callgrind_annotate",
     EX_TEXT, EX_COSTS_ALL, EX_STACKS_OF_LINES, ex_callgrind, NULL},
    {"dot", "%s.dot", "a call graph, for Graphviz", EX_TEXT, EX_COST_ONE, EX_STACKS_OF_FUNCTIONS,
     ex_dot, NULL},
    {"sqlite", "%s.sqlite", "a database with views for the usual questions", EX_DATABASE,
     EX_COSTS_ALL, EX_STACKS_OF_LINES, NULL, ex_sqlite},
    {"csv", "%s.csv",
     "a row for each call stack with all figures, for spreadsheets and data frames", EX_TEXT,
     EX_COSTS_ALL, EX_STACKS_OF_LINES, ex_csv, NULL},
    {"json", "%s.json", "everything in compact tables of functions, frames and stacks", EX_TEXT,
     EX_COSTS_ALL, EX_STACKS_OF_LINES, ex_json_tables, NULL},
    {.name = NULL},
};

const struct ex_format *ex_format_named(const char *name) {
    for (const struct ex_format *x = ex_formats; x->name != NULL; x++)
        if (strcmp(x->name, name) == 0) return x;
    return NULL;
}

const char *ex_function_label(struct ex_export *e, uint32_t function) {
    if (function == REC_NONE) return "(call stack not known)";
    const char *name = an_name_full(e->frames, function);
    if (name != NULL) return name;
    if (e->labels[function] == NULL) e->labels[function] = an_name_short(e->frames, function, 0);
    return e->labels[function] != NULL ? e->labels[function] : "(out of memory)";
}

enum an_cost ex_main_cost(const struct ex_export *e) {
    if (e->cost >= 0) return (enum an_cost)e->cost;
    for (int cost = 0; cost < AN_COSTS; cost++)
        if (an_cost_known(e->file, (enum an_cost)cost)) return (enum an_cost)cost;
    return AN_PEAK;
}

int ex_cost_is_asked(const struct ex_export *e, enum an_cost cost) {
    if (e->cost >= 0) return e->cost == (int)cost;
    return cost <= AN_TEMPORARY && an_cost_known(e->file, cost);
}

int ex_mark_is_asked(const struct ex_export *e, const struct rec_mark *m) {
    struct an_question q = *e->question;
    struct failure why;
    /* A mark behind as many events as a bound is at the bound, and so belongs to the range. */
    return an_question_settle(&q, e->file, &why) == 0 && m->tick >= q.from_tick &&
           m->tick < q.to_tick && m->event >= q.from_event && m->event <= q.to_event;
}

/* The frames, but with one frame for each function. */
static uint32_t *frames_of_functions(const struct an_frames *t) {
    uint32_t *ids = malloc((t->id_count + 1) * sizeof *ids);
    uint32_t *frame_of = malloc((t->function_count + 1) * sizeof *frame_of);
    for (size_t i = t->frame_count; ids != NULL && frame_of != NULL && i-- > 0;)
        frame_of[t->frames[i].function] = (uint32_t)i;
    for (size_t i = 0; ids != NULL && frame_of != NULL && i < t->id_count; i++)
        ids[i] = frame_of[t->frames[t->ids[i]].function];
    if (frame_of == NULL) {
        free(ids);
        ids = NULL;
    }
    free(frame_of);
    return ids;
}

static int build_sites(enum ex_stacks stacks, struct ex_export *e, struct failure *f) {
    if (stacks == EX_STACKS_NONE) return 0;
    struct an_frames frames = *e->frames;
    if (stacks == EX_STACKS_OF_FUNCTIONS) {
        frames.ids = frames_of_functions(e->frames);
        if (frames.ids == NULL) return failure_set(f, "cannot merge call stacks: out of memory");
    }
    int failed = ex_sites_build(&e->sites, e->file, &frames, e->profile, f);
    if (stacks == EX_STACKS_OF_FUNCTIONS) free(frames.ids);
    return failed;
}

static int write_format(const struct ex_format *format, FILE *out, const char *path,
                        struct ex_export *e, struct failure *f) {
    e->labels = calloc(e->frames->function_count + 1, sizeof *e->labels);
    if (e->labels == NULL) return failure_set(f, "cannot name functions: out of memory");
    if (e->cost >= 0 && !an_cost_known(e->file, (enum an_cost)e->cost))
        return failure_set(
            f, "a file of %s does not tell what --cost %s asks for: choose another cost",
            rec_source(e->file)->format, an_cost_name((enum an_cost)e->cost));
    if (build_sites(format->stacks, e, f) != 0) return -1;
    return format->medium == EX_DATABASE ? format->write_file(path, e, f)
                                         : format->write(out, e, f);
}

int ex_export_write(const struct ex_format *format, FILE *out, const char *path,
                    struct ex_export *e, struct failure *f) {
    int failed = write_format(format, out, path, e, f);
    for (size_t i = 0; e->labels != NULL && i < e->frames->function_count; i++)
        free(e->labels[i]);
    free(e->labels);
    e->labels = NULL;
    ex_sites_release(&e->sites);
    return failed;
}
