/* SPDX-License-Identifier: MIT
 * The facts of a recording: what `report --json` tells but for the call stacks, the moments that
 * the program named, the histograms, and what the recording knows at all. */
#include "export/page/page.h"

#include "analysis/known.h"
#include "export/page/payload_text.h"
#include "export/report_output.h"
#include "export/told.h"

/* A program may name a moment a million times; a page is to stay small, and a chart readable. */
enum { MARKS_MOST = 2000 };

static void put_histogram(struct ex_json *j, const struct rec_file *r, uint32_t needs,
                          const char *key, const struct rec_histogram *h) {
    if (rec_knows(r, needs))
        page_put_histogram(j, key, h, NULL);
    else
        ex_json_null(j, key);
}

static void put_known(struct ex_json *j, const struct rec_file *r) {
    ex_json_open(j, "knows", '{');
    for (unsigned i = 0; i < REC_KNOWN_COUNT; i++)
        ex_json_bool(j, an_known_names[i], rec_knows(r, 1u << i));
    ex_json_close(j, '}');
}

int page_facts(struct rec_file *r, const char *path, struct payload *out, struct failure *f) {
    struct payload_text text;
    if (payload_text_begin(&text) != 0)
        return failure_set(f, "cannot tell the facts: out of memory");
    const struct rec_totals *t = rec_totals(r);
    struct an_profile whole = {
        .to_tick = AN_END,
        .alive_tick = AN_END,
        .all = {.alive_blocks = t->leaked_blocks, .alive_bytes = t->leaked_bytes}};
    struct ex_report report = {.file = r, .path = path, .profile = &whole, .sort = -1};
    ex_json_open(&text.json, NULL, '{');
    ex_json_facts(&text.json, &report);
    size_t mark_count;
    rec_marks(r, &mark_count);
    ex_json_marks(&text.json, &report, MARKS_MOST);
    ex_json_number(&text.json, "mark_count", mark_count);
    put_histogram(&text.json, r, REC_KNOWS_SIZES, "sizes", rec_sizes(r));
    put_histogram(&text.json, r, REC_KNOWS_LIFETIMES, "lifetimes", rec_lifetimes(r));
    put_known(&text.json, r);
    ex_json_close(&text.json, '}');
    return payload_text_finish(&text, out, f);
}
