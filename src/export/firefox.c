/* SPDX-License-Identifier: MIT
 * The processed format of the Firefox Profiler (profiler.firefox.com), version 48: every allocation
 * and every free of the range in a table of native allocations, and the heap as a memory counter.
 *
 * An allocation and its free have one address in common, by which the profiler knows what is
 * retained of any part of the time. Here that is the number of the block, which is never used
 * again. Tables are columns; those of the events are kept in temporary files until their turn
 * comes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/event_walk.h"
#include "export/firefox_tables.h"
#include "export/json_text.h"
#include "export/live_series.h"
#include "recording/reader.h"

#define FORMAT_VERSION 48
#define GECKO_VERSION 27
#define COUNTER_POINTS 2000
/* The page of the profiler keeps all of it in memory, as text first. */
#define EVENTS_MAX 16000000

enum column { COLUMN_TIME, COLUMN_WEIGHT, COLUMN_STACK, COLUMN_ADDRESS, COLUMN_THREAD, COLUMNS };

struct firefox {
    FILE *out;
    struct ex_export *e;
    struct ex_json json;
    FILE *columns[COLUMNS];
    uint64_t events;
    uint32_t *row_of; /* by node */
    const struct rec_thread *threads;
    size_t thread_count;
};

static void put_event(struct firefox *x, const struct ex_event *event, int is_birth) {
    const char *comma = x->events++ > 0 ? "," : "";
    uint32_t row = x->row_of[event->node];
    fprintf(x->columns[COLUMN_TIME], "%s%" PRIu64, comma, event->tick);
    fprintf(x->columns[COLUMN_WEIGHT], "%s%s%" PRIu64, comma,
            is_birth || event->size == 0 ? "" : "-", event->size);
    if (is_birth && row != 0)
        fprintf(x->columns[COLUMN_STACK], "%s%" PRIu32, comma, row - 1);
    else
        fprintf(x->columns[COLUMN_STACK], "%snull", comma);
    fprintf(x->columns[COLUMN_ADDRESS], "%s%" PRIu64, comma, event->block + 1);
    fprintf(x->columns[COLUMN_THREAD], "%s%" PRIu32, comma,
            event->thread < x->thread_count ? x->threads[event->thread].tid : 0);
}

static int birth(void *context, const struct ex_event *event, uint32_t *tag, struct failure *f) {
    (void)tag;
    (void)f;
    put_event(context, event, 1);
    return 0;
}

static int end(void *context, const struct ex_event *event, struct failure *f) {
    (void)f;
    put_event(context, event, 0);
    return 0;
}

static int put_column(struct firefox *x, const char *key, enum column column, struct failure *f) {
    char buffer[1 << 14];
    size_t got;
    FILE *from = x->columns[column];
    if (fflush(from) != 0 || ferror(from))
        return failure_set(f, "cannot keep events in a temporary file: is /tmp full?");
    rewind(from);
    ex_json_open(&x->json, key, '[');
    while ((got = fread(buffer, 1, sizeof buffer, from)) > 0)
        fwrite(buffer, 1, got, x->out);
    ex_json_close(&x->json, ']');
    return 0;
}

static int put_allocations(struct firefox *x, struct failure *f) {
    struct ex_json *j = &x->json;
    ex_json_open(j, "nativeAllocations", '{');
    ex_json_number(j, "length", x->events);
    ex_json_text(j, "weightType", "bytes");
    if (put_column(x, "time", COLUMN_TIME, f) || put_column(x, "weight", COLUMN_WEIGHT, f) ||
        put_column(x, "stack", COLUMN_STACK, f) ||
        put_column(x, "memoryAddress", COLUMN_ADDRESS, f) ||
        put_column(x, "threadId", COLUMN_THREAD, f))
        return -1;
    ex_json_close(j, '}');
    return 0;
}

static void put_meta(struct firefox *x) {
    struct ex_json *j = &x->json;
    const struct rec_process *p = rec_process(x->e->file);
    ex_json_open(j, "meta", '{');
    ex_json_number(j, "version", GECKO_VERSION);
    ex_json_number(j, "preprocessedProfileVersion", FORMAT_VERSION);
    ex_json_number(j, "interval", 1);
    ex_json_next(j, "startTime");
    fprintf(j->out, "%" PRIu64 ".%06" PRIu64, p->start_unix_ns / 1000000,
            p->start_unix_ns % 1000000);
    ex_json_number(j, "processType", 0);
    ex_json_number(j, "stackwalk", 1);
    ex_json_bool(j, "symbolicated", 1);
    ex_json_bool(j, "symbolicationNotSupported", 1);
    /* No JavaScript to tell apart, no sources of Firefox, and the one thread is what there is to see. */
    ex_json_bool(j, "usesOnlyOneStackType", 1);
    ex_json_bool(j, "sourceCodeIsNotOnSearchfox", 1);
    ex_json_next(j, "initialVisibleThreads");
    fputs("[0]", j->out);
    ex_json_next(j, "initialSelectedThreads");
    fputs("[0]", j->out);
    ex_json_text(j, "product", an_name_base(p->executable != NULL ? p->executable : "?"));
    ex_json_text(j, "importedFrom", "heapwise " HEAPWISE_VERSION);
    ex_json_text(j, "oscpu", p->kernel);
    ex_json_next(j, "categories");
    fputs("[{\"name\":\"Other\",\"color\":\"grey\",\"subcategories\":[\"Other\"]}]", j->out);
    ex_firefox_marker_schema(j);
    ex_json_close(j, '}');
}

static void put_thread_head(struct firefox *x) {
    struct ex_json *j = &x->json;
    const struct rec_process *p = rec_process(x->e->file);
    char pid[16];
    snprintf(pid, sizeof pid, "%" PRIu32, p->pid);
    ex_json_text(j, "processType", "default");
    ex_json_text(j, "processName", an_name_base(p->executable != NULL ? p->executable : "?"));
    ex_json_number(j, "processStartupTime", 0);
    ex_json_null(j, "processShutdownTime");
    ex_json_number(j, "registerTime", 0);
    ex_json_null(j, "unregisterTime");
    ex_json_next(j, "pausedRanges");
    fputs("[]", j->out);
    ex_json_text(j, "name", "heap of all threads");
    ex_json_bool(j, "isMainThread", 1);
    ex_json_text(j, "pid", pid);
    ex_json_number(j, "tid", p->pid);
    ex_json_next(j, "samples");
    fputs("{\"length\":0,\"stack\":[],\"time\":[],\"weight\":null,\"weightType\":\"samples\"}",
          j->out);
    ex_firefox_markers(j, x->e);
    ex_json_next(j, "nativeSymbols");
    fputs("{\"length\":0,\"libIndex\":[],\"address\":[],\"name\":[],\"functionSize\":[]}", j->out);
}

/* A counter tells by how much it changed at each of its times. */
static int put_counter(struct firefox *x, struct failure *f) {
    struct ex_json *j = &x->json;
    struct ex_live_series s;
    char pid[16];
    if (ex_live_series(&s, x->e, COUNTER_POINTS, f) != 0) return -1;
    snprintf(pid, sizeof pid, "%" PRIu32, rec_process(x->e->file)->pid);
    ex_json_open(j, "counters", '[');
    ex_json_open(j, NULL, '{');
    ex_json_text(j, "name", "malloc");
    ex_json_text(j, "category", "Memory");
    ex_json_text(j, "description", "Bytes alive");
    ex_json_text(j, "pid", pid);
    ex_json_number(j, "mainThreadIndex", 0);
    ex_json_open(j, "samples", '{');
    ex_json_number(j, "length", s.count);
    ex_json_open(j, "time", '[');
    for (size_t i = 0; i < s.count; i++)
        ex_firefox_item(j, i, (int64_t)s.points[i].tick);
    ex_json_close(j, ']');
    ex_json_open(j, "count", '[');
    for (size_t i = 0; i < s.count; i++)
        ex_firefox_item(j, i, (int64_t)(s.points[i].bytes - (i > 0 ? s.points[i - 1].bytes : 0)));
    ex_json_close(j, ']');
    ex_json_close(j, '}');
    ex_json_close(j, '}');
    ex_json_close(j, ']');
    ex_live_series_release(&s);
    return 0;
}

static int put_profile(struct firefox *x, struct failure *f) {
    struct ex_json *j = &x->json;
    ex_json_open(j, NULL, '{');
    put_meta(x);
    ex_firefox_libs(j, x->e);
    ex_json_next(j, "pages");
    fputs("[]", j->out);
    ex_json_next(j, "profilerOverhead");
    fputs("[]", j->out);
    if (put_counter(x, f) != 0) return -1;
    ex_json_open(j, "threads", '[');
    ex_json_open(j, NULL, '{');
    put_thread_head(x);
    if (put_allocations(x, f) != 0) return -1;
    ex_firefox_stacks(j, x->e);
    ex_firefox_frames(j, x->e);
    ex_firefox_resources(j, x->e);
    if (ex_firefox_functions(j, x->e, f) != 0) return -1;
    ex_json_close(j, '}');
    ex_json_close(j, ']');
    ex_json_close(j, '}');
    fputc('\n', j->out);
    return 0;
}

static int prepare(struct firefox *x, struct failure *f) {
    const struct an_profile *p = x->e->profile;
    size_t node_count;
    if (p->sum.allocations > EVENTS_MAX / 2)
        return failure_set(f,
                           "%" PRIu64 " allocations are more than the Firefox Profiler can open: "
                           "ask for a part with --from, --until, --function or --thread, or export "
                           "to pprof or speedscope",
                           p->sum.allocations);
    if (rec_nodes(x->e->file, &node_count, f) == NULL) return -1;
    x->threads = rec_threads(x->e->file, &x->thread_count);
    x->row_of = calloc(node_count + 1, sizeof *x->row_of);
    if (x->row_of == NULL) return failure_set(f, "cannot number call stacks: out of memory");
    for (size_t i = 0; i < p->count; i++)
        x->row_of[p->entries[i].node] = x->e->sites.stacks.row_of[i];
    for (int c = 0; c < COLUMNS; c++)
        if ((x->columns[c] = tmpfile()) == NULL)
            return failure_set(f, "cannot make a temporary file");
    return 0;
}

int ex_firefox(FILE *out, struct ex_export *e, struct failure *f) {
    struct firefox x = {.out = out, .e = e, .json = {.out = out, .first = 1}};
    struct ex_event_walk walk = {&x, REC_KNOWS_EVENTS | REC_KNOWS_LIFETIMES, birth, end};
    int failed = prepare(&x, f) || ex_event_walk(e, &walk, f) || put_profile(&x, f);
    for (int c = 0; c < COLUMNS; c++)
        if (x.columns[c] != NULL) fclose(x.columns[c]);
    free(x.row_of);
    return failed ? -1 : 0;
}
