/* SPDX-License-Identifier: MIT
 * Sizes and lifetimes of the blocks of a question. */
#include "export/page/page.h"

#include "analysis/histogram.h"
#include "export/page/payload_text.h"

static void put_bucket(struct ex_json *j, unsigned bucket, uint64_t count, uint64_t bytes) {
    ex_json_open(j, NULL, '{');
    ex_json_number(j, "min", an_bucket_min(bucket));
    ex_json_number(j, "max", an_bucket_max(bucket));
    ex_json_number(j, "count", count);
    ex_json_number(j, "bytes", bytes);
    ex_json_close(j, '}');
}

void page_put_histogram(struct ex_json *j, const char *key, const struct rec_histogram *h,
                        const struct page_never *never) {
    ex_json_open(j, key, '[');
    for (unsigned b = 0; b < REC_HISTOGRAM_BUCKETS; b++)
        put_bucket(j, b, h->count[b], h->bytes[b]);
    if (never != NULL) {
        ex_json_open(j, NULL, '{');
        ex_json_number(j, "min", 0);
        ex_json_null(j, "max");
        ex_json_number(j, "count", never->count);
        ex_json_number(j, "bytes", never->bytes);
        ex_json_bool(j, "never", 1);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

int page_histogram(const struct page *p, const struct an_question *question, struct payload *out,
                   struct failure *f) {
    struct an_histogram h;
    struct payload_text text;
    struct an_frames *frames = (struct an_frames *)&p->frames; /* all names are made */
    if (an_histogram_ask(&h, p->file, question, frames, f) != 0) return -1;
    if (payload_text_begin(&text) != 0)
        return failure_set(f, "cannot write the histogram: out of memory");
    struct page_never never = {h.never_count, h.never_bytes};
    ex_json_open(&text.json, NULL, '{');
    if (rec_knows(p->file, REC_KNOWS_SIZES))
        page_put_histogram(&text.json, "sizes", &h.sizes, NULL);
    else
        ex_json_null(&text.json, "sizes");
    if (rec_knows(p->file, REC_KNOWS_LIFETIMES))
        page_put_histogram(&text.json, "lifetimes", &h.lifetimes, &never);
    else
        ex_json_null(&text.json, "lifetimes");
    ex_json_close(&text.json, '}');
    return payload_text_finish(&text, out, f);
}
