/* SPDX-License-Identifier: MIT
 * The facts of a recording: what `report --json` tells but for the call stacks, the moments that
 * the program named, the histograms, and what the recording knows at all. */
#include "export/page/page.h"

#include <stdlib.h>

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

/* How much of the leaks of the whole run is suppressed; mostly there are no rules. `counted` is a
 * copy of the rules, for several may ask at once. */
static int count_suppressed(struct an_suppressions *counted, const struct page_source *source,
                            struct failure *f) {
    struct an_frames frames = {0};
    struct an_profile whole = {0};
    uint32_t *suppressed = NULL;
    struct rec_file *r = source->file;
    if (an_suppressions_add_rules(counted, source->rules, f) != 0) return -1;
    if (counted->count == 0) return 0;
    int failed = an_frames_build(&frames, r, f) != 0 ||
                 an_suppressed_nodes(&suppressed, counted, r, &frames, f) != 0 ||
                 an_answer_whole(&whole, r, f) != 0;
    if (!failed) an_suppress(counted, suppressed, &whole);
    an_profile_release(&whole);
    an_frames_release(&frames);
    free(suppressed);
    return failed ? -1 : 0;
}

int page_facts(const struct page_source *source, struct payload *out, struct failure *f) {
    struct payload_text text;
    struct an_suppressions rules = {0};
    struct rec_file *r = source->file;
    if (count_suppressed(&rules, source, f) != 0) {
        an_suppressions_release(&rules);
        return -1;
    }
    if (payload_text_begin(&text) != 0) {
        an_suppressions_release(&rules);
        return failure_set(f, "cannot tell the facts: out of memory");
    }
    const struct rec_totals *t = rec_totals(r);
    struct an_profile whole = {
        .to_tick = AN_END,
        .alive_tick = AN_END,
        .all = {.alive_blocks = t->leaked_blocks, .alive_bytes = t->leaked_bytes}};
    struct ex_report report = {
        .file = r, .path = source->path, .profile = &whole, .suppressions = &rules, .sort = -1};
    ex_json_open(&text.json, NULL, '{');
    ex_json_facts(&text.json, &report);
    size_t mark_count;
    rec_marks(r, &mark_count);
    ex_json_marks(&text.json, &report, MARKS_MOST);
    ex_json_number(&text.json, "mark_count", mark_count);
    put_histogram(&text.json, r, REC_KNOWS_SIZES, "sizes", rec_sizes(r));
    put_histogram(&text.json, r, REC_KNOWS_LIFETIMES, "lifetimes", rec_lifetimes(r));
    put_known(&text.json, r);
    ex_json_suppressed(&text.json, &report);
    ex_json_close(&text.json, '}');
    an_suppressions_release(&rules);
    return payload_text_finish(&text, out, f);
}
