/* SPDX-License-Identifier: MIT
 * Live bytes by row over time, and which rows seem to grow without bound. */
#include "export/page/page.h"

#include <stdlib.h>

#include "analysis/growth.h"

/* Rows that never held more than this part of the recording's peak are added up into the rest. */
#define LEAST_PART_OF_PEAK 10000

static void add_points(struct container *c, const struct an_history *h) {
    uint32_t *ms = malloc((h->point_count + 1) * sizeof *ms);
    for (size_t i = 0; ms != NULL && i < h->point_count; i++)
        ms[i] = h->ticks[i] < UINT32_MAX ? (uint32_t)h->ticks[i] : UINT32_MAX;
    container_add(c, "point_ms", CONTAINER_U32, ms, h->point_count);
    uint64_t *rest = malloc((h->point_count + 1) * sizeof *rest);
    for (size_t i = 0; rest != NULL && i < h->point_count; i++)
        rest[i] = h->rest[i];
    container_add_figures(c, "rest", rest, h->point_count);
}

/* What is not 0, sorted by row, then by point. */
static void add_entries(struct container *c, const struct an_history *h) {
    size_t cells = h->group_count * h->point_count, count = 0, at = 0;
    for (size_t i = 0; i < cells; i++)
        count += h->bytes[i] != 0;
    uint32_t *row = malloc((count + 1) * sizeof *row);
    uint8_t *point = malloc(count + 1);
    uint64_t *bytes = malloc((count + 1) * sizeof *bytes);
    for (size_t i = 0; row != NULL && point != NULL && bytes != NULL && i < cells; i++) {
        if (h->bytes[i] == 0) continue;
        row[at] = h->groups[i / h->point_count];
        point[at] = (uint8_t)(i % h->point_count);
        bytes[at++] = h->bytes[i];
    }
    container_add_ascending(c, "row", row, count);
    container_add(c, "point", CONTAINER_U8, point, count);
    container_add_figures(c, "bytes", bytes, count);
}

static void add_growth(struct container *c, const struct an_growth *hints, size_t count) {
    uint32_t *row = malloc((count + 1) * sizeof *row), *rises = malloc((count + 1) * sizeof *rises);
    uint32_t *steps = malloc((count + 1) * sizeof *steps);
    uint8_t *reason = malloc(count + 1);
    uint64_t *middle = malloc((count + 1) * 8), *late = malloc((count + 1) * 8);
    uint64_t *end = malloc((count + 1) * 8);
    int whole = row != NULL && rises != NULL && steps != NULL && reason != NULL && middle != NULL &&
                late != NULL && end != NULL;
    for (size_t i = 0; whole && i < count; i++) {
        row[i] = hints[i].group;
        reason[i] = (uint8_t)hints[i].reason;
        rises[i] = hints[i].rises;
        steps[i] = hints[i].steps;
        middle[i] = hints[i].middle_bytes;
        late[i] = hints[i].late_bytes;
        end[i] = hints[i].end_bytes;
    }
    container_add(c, "growth.row", CONTAINER_U32, row, count);
    container_add(c, "growth.reason", CONTAINER_U8, reason, count);
    container_add(c, "growth.rises", CONTAINER_U32, rises, count);
    container_add(c, "growth.steps", CONTAINER_U32, steps, count);
    container_add_figures(c, "growth.middle_bytes", middle, count);
    container_add_figures(c, "growth.late_bytes", late, count);
    container_add_figures(c, "growth.end_bytes", end, count);
}

/* Stacks whose leaks are known are no hint. */
static int leave_out_suppressed(const struct page *p, struct an_growth *hints, size_t *count,
                                struct failure *f) {
    if (p->suppressed == NULL) return 0;
    uint8_t *is_out = calloc(p->row_count + 1, 1);
    if (is_out == NULL) return failure_set(f, "cannot tell what grows: out of memory");
    for (size_t n = 0; n < p->node_count; n++)
        if (p->suppressed[n] != 0) is_out[p->row_of_node[n]] = 1;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!is_out[hints[i].group]) hints[kept++] = hints[i];
    *count = kept;
    free(is_out);
    return 0;
}

static int put_together(const struct page *p, const struct an_history *h,
                        const struct an_history_wish *wish, struct payload *out,
                        struct failure *f) {
    struct an_growth *hints = NULL;
    size_t hint_count = 0;
    uint8_t *never_freed = an_never_freed(p->file, wish, f);
    if (never_freed == NULL) return -1;
    int failed = an_growth_find(&hints, &hint_count, h, never_freed, f) != 0 ||
                 leave_out_suppressed(p, hints, &hint_count, f) != 0;
    free(never_freed);
    if (failed) {
        free(hints);
        return -1;
    }
    struct container c;
    container_init(&c, p->style);
    add_points(&c, h);
    add_entries(&c, h);
    add_growth(&c, hints, hint_count);
    free(hints);
    ex_json_number(&c.meta, "least_bytes", wish->least_bytes);
    return container_finish(&c, out, f);
}

int page_history(const struct page *p, const struct an_question *question, size_t points,
                 struct payload *out, struct failure *f) {
    struct an_history h;
    struct an_history_wish wish = {.points = points,
                                   .group_of = p->row_of_node,
                                   .group_count = p->row_count,
                                   .least_bytes =
                                       rec_totals(p->file)->peak_bytes / LEAST_PART_OF_PEAK};
    struct an_frames *frames = (struct an_frames *)&p->frames; /* all names are made */
    if (an_history_ask(&h, p->file, question, &wish, frames, f) != 0) return -1;
    int failed = put_together(p, &h, &wish, out, f);
    an_history_release(&h);
    return failed;
}
