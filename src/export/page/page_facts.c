/* SPDX-License-Identifier: MIT
 * The facts of a recording: what `report --json` tells but for the call stacks, the histograms, and
 * what the recording knows at all. */
#include "export/page/page.h"

#include "export/page/payload_text.h"
#include "export/report_output.h"

static void put_histogram(struct ex_json *j, const char *key, const struct rec_histogram *h) {
    ex_json_open(j, key, '[');
    for (size_t b = 0; b < REC_HISTOGRAM_BUCKETS; b++) {
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "min", b == 0 ? 0 : 1ull << (b - 1));
        ex_json_number(j, "max", b == 0 ? 0 : (1ull << (b - 1)) - 1 + (1ull << (b - 1)));
        ex_json_number(j, "count", h->count[b]);
        ex_json_number(j, "bytes", h->bytes[b]);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_known(struct ex_json *j) {
    ex_json_open(j, "knows", '{');
    ex_json_bool(j, "time", 1);
    ex_json_bool(j, "lifetimes", 1);
    ex_json_bool(j, "threads", 1);
    ex_json_bool(j, "events", 1);
    ex_json_bool(j, "frees", 1);
    ex_json_close(j, '}');
}

int page_facts(struct rec_file *r, const char *path, struct payload *out, struct failure *f) {
    struct payload_text text;
    if (payload_text_begin(&text) != 0)
        return failure_set(f, "cannot tell the facts: out of memory");
    struct an_profile whole = {.to_tick = AN_END, .alive_tick = AN_END};
    struct ex_report report = {.file = r, .path = path, .profile = &whole, .sort = -1};
    ex_json_open(&text.json, NULL, '{');
    ex_json_facts(&text.json, &report);
    put_histogram(&text.json, "sizes", rec_sizes(r));
    put_histogram(&text.json, "lifetimes", rec_lifetimes(r));
    put_known(&text.json);
    ex_json_close(&text.json, '}');
    return payload_text_finish(&text, out, f);
}
