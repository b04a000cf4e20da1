/* SPDX-License-Identifier: MIT
 * A sketch of the live heap and of the resident set over time, in eighths of a character. */
#include <stdlib.h>
#include <string.h>

#include "export/report_output.h"

#define COLUMNS_MAX 120
#define LABEL 12 /* columns of the scale on the left */

struct chart {
    const char *title;
    uint64_t values[COLUMNS_MAX];
    size_t columns, rows;
    uint64_t most;
};

enum series { SERIES_HEAP, SERIES_RSS };

static uint64_t value_of(const struct rec_time_point *p, enum series series) {
    return series == SERIES_HEAP ? p->peak_bytes : p->rss_bytes;
}

/* Fills each column with the most of the points that lie in it, or of the one that holds there. */
static void sample(struct chart *c, const struct rec_time_point *points, size_t count, uint64_t from,
                   uint64_t to, enum series series) {
    uint64_t span = to > from ? to - from : 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = points[i].tick, end = i + 1 < count ? points[i + 1].tick : to;
        if (end <= from && i + 1 < count) continue;
        if (start >= to) break;
        uint64_t first = (start > from ? start - from : 0) * c->columns / span;
        uint64_t last = end > from ? ((end < to ? end : to) - from) * c->columns / span : 0;
        if (last <= first) last = first + 1;
        for (uint64_t x = first; x < last && x < c->columns; x++) {
            uint64_t v = value_of(&points[i], series);
            if (v > c->values[x]) c->values[x] = v;
            if (v > c->most) c->most = v;
        }
    }
}

static void draw_row(FILE *out, const struct ex_style *s, const struct chart *c, size_t row) {
    static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {" ", ".", ".", ".", ":", ":", ":", "#", "#"};
    const char *const *levels = s->unicode ? eighths : ascii;
    struct ex_quantity top = ex_size(c->most, EX_SIZE_UNITS);
    fprintf(out, "%*s ", LABEL - 1, row + 1 == c->rows ? top.text : "");
    fputs(s->unicode ? "┤" : "|", out);
    if (s->colour) fputs("\033[36m", out);
    for (size_t x = 0; x < c->columns; x++) {
        /* Eighths of the whole height; whatever is not 0 is seen. */
        uint64_t height = c->rows * 8, filled = 0;
        if (c->most > 0)
            filled = (uint64_t)((double)c->values[x] * (double)height / (double)c->most + 0.5);
        if (filled == 0 && c->values[x] > 0) filled = 1;
        uint64_t below = row * 8;
        fputs(levels[filled <= below ? 0 : filled - below >= 8 ? 8 : filled - below], out);
    }
    if (s->colour) fputs("\033[0m", out);
    fputc('\n', out);
}

static void draw(FILE *out, const struct ex_style *s, const struct chart *c) {
    fputs("  ", out);
    ex_put(out, s, EX_BOLD, c->title);
    fputc('\n', out);
    for (size_t row = c->rows; row-- > 0;) draw_row(out, s, c, row);
}

/* A place on the axis: a time, or, of a file that has none, in its own units. */
static struct ex_quantity place(const struct ex_report *r, uint64_t tick, const char *unit) {
    if (rec_knows(r->file, REC_KNOWS_TIME)) return ex_duration(tick);
    struct ex_quantity number = ex_count(tick * rec_source(r->file)->time_scale), whole;
    snprintf(whole.text, sizeof whole.text, "%.25s%s%.12s", number.text, unit[0] != '\0' ? " " : "",
             unit);
    return whole;
}

static void draw_axis(FILE *out, const struct ex_report *r, const struct ex_style *s, size_t columns,
                      uint64_t from, uint64_t to) {
    const struct rec_source *source = rec_source(r->file);
    struct ex_quantity left = place(r, from, "");
    struct ex_quantity right = place(r, to, source != NULL ? source->time_unit : "");
    fprintf(out, "%*s%s", LABEL, "", s->unicode ? "└" : "+");
    for (size_t x = 0; x < columns; x++) fputs(s->unicode ? "─" : "-", out);
    fprintf(out, "\n%*s %s", LABEL, "", left.text);
    size_t used = strlen(left.text) + strlen(right.text);
    ex_put_spaces(out, columns > used ? columns - used : 1);
    fprintf(out, "%s\n", right.text);
}

void ex_text_timeline(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(r->file, &count);
    uint64_t from = 0, to = rec_totals(r->file)->duration_ms;
    if (r->is_part) {
        from = r->profile->from_tick;
        if (r->profile->to_tick < to) to = r->profile->to_tick;
    }
    if (count == 0 && rec_source(r->file) != NULL) return;
    fputc('\n', out);
    if (count < 2 || to < from + 10) {
        fputs("  The run was too short for a timeline.\n", out);
        return;
    }
    struct chart heap = {.title = "Live heap", .rows = 5}, rss = {.title = "Resident set (RSS)", .rows = 3};
    heap.columns = s->width - LABEL - 3 < COLUMNS_MAX ? s->width - LABEL - 3 : COLUMNS_MAX;
    rss.columns = heap.columns;
    sample(&heap, points, count, from, to, SERIES_HEAP);
    sample(&rss, points, count, from, to, SERIES_RSS);
    draw(out, s, &heap);
    if (rss.most > 0) draw(out, s, &rss);
    draw_axis(out, r, s, heap.columns, from, to);
}
