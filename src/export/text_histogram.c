/* SPDX-License-Identifier: MIT
 * Sizes and lifetimes of blocks as bars of text. */
#include <string.h>

#include "export/report_views.h"

#define BAR 30 /* columns of the longest bar */

/* One line: what it counts, and how much. */
struct line {
    char label[96];
    uint64_t count, bytes;
};

struct chart {
    struct line lines[REC_HISTOGRAM_BUCKETS + 1];
    size_t line_count;
    uint64_t most, blocks;
};

static void add(struct chart *c, struct line line) {
    c->lines[c->line_count++] = line;
    c->blocks += line.count;
    if (line.count > c->most) c->most = line.count;
}

static void put_bar(FILE *out, const struct ex_style *s, uint64_t count, uint64_t most) {
    size_t columns = most > 0 ? (size_t)((double)count * BAR / (double)most + 0.5) : 0;
    if (columns == 0 && count > 0) columns = 1;
    for (size_t i = 0; i < columns; i++) ex_put(out, s, EX_PLAIN, s->unicode ? "█" : "#");
    ex_put_spaces(out, BAR - columns);
}

static void put_chart(FILE *out, const struct ex_style *s, const char *title, const struct chart *c) {
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, title);
    fprintf(out, " of %s block%s\n", ex_count(c->blocks).text, c->blocks == 1 ? "" : "s");
    for (size_t i = 0; i < c->line_count; i++) {
        const struct line *l = &c->lines[i];
        ex_put_spaces(out, strlen(l->label) < 24 ? 24 - strlen(l->label) : 0);
        fprintf(out, "%s  ", l->label);
        put_bar(out, s, l->count, c->most);
        fprintf(out, "%14s%9s  ", ex_count(l->count).text, ex_share(l->count, c->blocks).text);
        ex_put(out, s, EX_AMOUNT, ex_size(l->bytes, s->sizes).text);
        fputc('\n', out);
    }
}

/* The label of a bucket: its least and greatest value in the same words as everywhere. */
static void label(char *text, size_t size, unsigned bucket, struct ex_quantity (*show)(uint64_t value)) {
    uint64_t min = an_bucket_min(bucket), max = an_bucket_max(bucket);
    if (min == max)
        snprintf(text, size, "%s", show(min).text);
    else
        snprintf(text, size, "%s - %s", show(min).text, show(max).text);
}

static struct ex_quantity show_size(uint64_t bytes) {
    struct ex_quantity q;
    /* The greatest value of a bucket is one less than a round number. */
    if (bytes < 1024) return ex_size(bytes, EX_SIZE_EXACT);
    if ((bytes & (bytes + 1)) == 0 && bytes != UINT64_MAX) {
        q = ex_size(bytes + 1, EX_SIZE_UNITS);
        char text[sizeof q.text];
        snprintf(text, sizeof text, "<%.30s", q.text);
        memcpy(q.text, text, sizeof text);
        return q;
    }
    return ex_size(bytes, EX_SIZE_UNITS);
}

static void fill(struct chart *c, const struct rec_histogram *h,
                 struct ex_quantity (*show)(uint64_t value)) {
    unsigned first = 0, end = REC_HISTOGRAM_BUCKETS;
    while (first < end && h->count[first] == 0) first++;
    while (end > first && h->count[end - 1] == 0) end--;
    for (unsigned b = first; b < end; b++) {
        struct line line = {.count = h->count[b], .bytes = h->bytes[b]};
        label(line.label, sizeof line.label, b, show);
        add(c, line);
    }
}

void ex_text_histogram(FILE *out, const struct ex_report *r, const struct an_histogram *h,
                       const struct ex_style *s) {
    struct chart sizes = {0}, lifetimes = {0};
    if (rec_knows(r->file, REC_KNOWS_SIZES)) {
        fill(&sizes, &h->sizes, show_size);
        put_chart(out, s, "Sizes", &sizes);
    }
    if (!rec_knows(r->file, REC_KNOWS_LIFETIMES)) return;
    fill(&lifetimes, &h->lifetimes, ex_duration);
    if (h->lifetimes.count[0] > 0) 
        snprintf(lifetimes.lines[0].label, sizeof lifetimes.lines[0].label, "less than 1 ms");
    if (h->never_count > 0)
        add(&lifetimes, (struct line){.label = "never freed", .count = h->never_count,
                                      .bytes = h->never_bytes});
    put_chart(out, s, "Lifetimes", &lifetimes);
}
