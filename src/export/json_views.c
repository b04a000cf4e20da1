/* SPDX-License-Identifier: MIT
 * Threads, sizes and lifetimes, and growth in the JSON of a report. See report_views.h. */
#include <string.h>

#include "export/json_frame.h"
#include "export/report_views.h"
#include "export/site_columns.h"

static void put_threads(struct ex_json *j, const struct ex_report *r, const struct an_thread_row *rows) {
    size_t count;
    const struct rec_thread *threads = rec_threads(r->file, &count);
    ex_json_open(j, "thread_costs", '[');
    for (size_t i = 0; i < count; i++) {
        char name[sizeof threads[i].name + 1] = "";
        memcpy(name, threads[i].name, sizeof threads[i].name);
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "tid", threads[i].tid);
        ex_json_text(j, "name", name);
#define PUT(column, what)                                   \
    if (rec_knows(r->file, what))                           \
        ex_json_number(j, #column, rows[i].costs.column);   \
    else                                                    \
        ex_json_null(j, #column);
        EX_SITE_COLUMNS(PUT)
#undef PUT
        ex_json_number(j, "ended_blocks", rows[i].ended_blocks);
        ex_json_number(j, "ended_bytes", rows[i].ended_bytes);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_buckets(struct ex_json *j, const char *key, const struct rec_histogram *h) {
    ex_json_open(j, key, '[');
    for (unsigned b = 0; b < REC_HISTOGRAM_BUCKETS; b++) {
        if (h->count[b] == 0) continue;
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "min", an_bucket_min(b));
        ex_json_number(j, "max", an_bucket_max(b));
        ex_json_number(j, "blocks", h->count[b]);
        ex_json_number(j, "bytes", h->bytes[b]);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_histogram(struct ex_json *j, const struct ex_report *r, const struct an_histogram *h) {
    int lifetimes = rec_knows(r->file, REC_KNOWS_LIFETIMES);
    ex_json_open(j, "histogram", '{');
    put_buckets(j, "sizes", &h->sizes);
    if (lifetimes)
        put_buckets(j, "lifetimes_ms", &h->lifetimes);
    else
        ex_json_null(j, "lifetimes_ms");
    ex_json_number(j, "never_freed_blocks", h->never_count);
    ex_json_number(j, "never_freed_bytes", h->never_bytes);
    ex_json_close(j, '}');
}

static void put_growth(struct ex_json *j, const struct ex_report *r, const struct ex_views *v) {
    static const char *const reasons[] = {[AN_GROWTH_NEVER_FREED] = "never_freed",
                                          [AN_GROWTH_NEVER_FALLS] = "never_falls",
                                          [AN_GROWTH_UNTIL_THE_END] = "until_the_end"};
    ex_json_open(j, "growth", '[');
    for (size_t i = 0; i < v->growth_count; i++) {
        const struct an_growth *g = &v->growth[i];
        ex_json_open(j, NULL, '{');
        ex_json_open(j, "frame", '{');
        ex_json_frame(j, r->frames, g->group);
        ex_json_close(j, '}');
        ex_json_text(j, "reason", reasons[g->reason]);
        ex_json_number(j, "middle_bytes", g->middle_bytes);
        ex_json_number(j, "late_bytes", g->late_bytes);
        ex_json_number(j, "end_bytes", g->end_bytes);
        ex_json_number(j, "rises", g->rises);
        ex_json_number(j, "steps", g->steps);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

void ex_json_views(struct ex_json *j, const struct ex_report *r) {
    static const struct ex_views none = {0};
    const struct ex_views *v = r->views != NULL ? r->views : &none;
    if (v->threads != NULL)
        put_threads(j, r, v->threads);
    else
        ex_json_null(j, "thread_costs");
    if (v->histogram != NULL)
        put_histogram(j, r, v->histogram);
    else
        ex_json_null(j, "histogram");
    if (v->growth != NULL)
        put_growth(j, r, v);
    else
        ex_json_null(j, "growth");
}
