/* SPDX-License-Identifier: MIT
 * Slices: what happened in consecutive stretches of the run, so that a page without a server can
 * answer for every range that begins and ends at their borders, and for every border as a moment:
 * what is alive there is what was allocated before it less what was freed. */
#include "export/page/page.h"

#include <stdlib.h>
#include <string.h>

static int ask_slice(struct page_slices *s, const struct page *p, const struct an_watch *watch,
                     struct failure *f) {
    struct an_question q = {.from_tick = s->borders[s->count],
                            .to_tick = s->borders[s->count + 1],
                            .peak = AN_PEAK_SKIP,
                            .withdrawn = watch != NULL ? watch->withdrawn : NULL,
                            .withdrawn_context = watch != NULL ? watch->withdrawn_context : NULL};
    if (an_ask(&s->profiles[s->count], p->file, &q, NULL, f) != 0) return -1;
    s->count++;
    return 0;
}

static int by_time(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* So many stretches of the same length, cut where the program has put marks as well: those are the
 * moments that it asks about itself. Returns the number of stretches. */
static size_t cut(uint64_t *borders, const struct page *p, size_t wanted, uint64_t end) {
    size_t mark_count, count = 0, kept = 1;
    const struct rec_mark *marks = rec_marks(p->file, &mark_count);
    for (size_t i = 0; i <= wanted; i++)
        borders[count++] = (uint64_t)((__uint128_t)end * i / wanted);
    for (size_t i = 0; i < mark_count && i < PAGE_MARK_BORDERS_MAX; i++)
        if (marks[i].tick < end) borders[count++] = marks[i].tick;
    qsort(borders, count, sizeof *borders, by_time);
    for (size_t i = 1; i < count; i++)
        if (borders[i] != borders[kept - 1]) borders[kept++] = borders[i];
    return kept - 1;
}

int page_slices_init(struct page_slices *s, const struct page *p, size_t wanted,
                     const struct an_watch *watch, struct failure *f) {
    uint64_t end = rec_totals(p->file)->duration_ms + 1;
    memset(s, 0, sizeof *s);
    if (!rec_knows(p->file, REC_KNOWS_EVENTS | REC_KNOWS_FREES)) return 0;
    if (wanted > end) wanted = (size_t)end;
    s->borders = malloc((wanted + 1 + PAGE_MARK_BORDERS_MAX) * sizeof *s->borders);
    if (s->borders != NULL) wanted = cut(s->borders, p, wanted, end);
    s->profiles = calloc(wanted + 1, sizeof *s->profiles);
    if (s->borders == NULL || s->profiles == NULL) {
        page_slices_release(s);
        return failure_set(f, "cannot cut the run into slices: out of memory");
    }
    for (size_t i = 0; i < wanted; i++)
        if (s->borders[i + 1] - s->borders[i] > s->longest)
            s->longest = s->borders[i + 1] - s->borders[i];
    while (s->count < wanted) {
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->progress_context, s->count, wanted);
        if (ask_slice(s, p, watch, f) != 0) {
            page_slices_release(s);
            return -1;
        }
    }
    return 0;
}

void page_slices_release(struct page_slices *s) {
    for (size_t i = 0; i < s->count; i++)
        an_profile_release(&s->profiles[i]);
    free(s->borders);
    free(s->profiles);
    memset(s, 0, sizeof *s);
}

/* Entries of all slices, one slice after the other. */
struct entries {
    uint32_t *row;
    uint64_t *allocations, *allocated_bytes, *temporary, *temporary_bytes, *freed_blocks,
        *freed_bytes;
    size_t count;
};

static int is_idle(const struct an_costs *c) {
    return c->allocations == 0 && c->freed_blocks == 0 && c->temporary == 0;
}

static int gather(struct entries *e, const struct page *p, const struct page_slices *s,
                  uint32_t *start, struct failure *f) {
    for (size_t k = 0; k < s->count; k++) {
        size_t count;
        start[k] = (uint32_t)e->count;
        struct an_costs *costs = page_costs_by_row(p, &s->profiles[k], &count, f);
        if (costs == NULL) return -1;
        for (size_t i = 0; i < count; i++) {
            const struct an_costs *c = &costs[i];
            if (is_idle(c)) continue;
            e->row[e->count] = c->node;
            e->allocations[e->count] = c->allocations;
            e->allocated_bytes[e->count] = c->allocated_bytes;
            e->temporary[e->count] = c->temporary;
            e->temporary_bytes[e->count] = c->temporary_bytes;
            e->freed_blocks[e->count] = c->freed_blocks;
            e->freed_bytes[e->count++] = c->freed_bytes;
        }
        free(costs);
    }
    start[s->count] = (uint32_t)e->count;
    return 0;
}

static void add_entries(struct container *c, struct entries *e) {
    container_add_ascending(c, "row", e->row, e->count);
    container_add_figures(c, "allocations", e->allocations, e->count);
    container_add_figures(c, "allocated_bytes", e->allocated_bytes, e->count);
    container_add_figures(c, "temporary", e->temporary, e->count);
    container_add_figures(c, "temporary_bytes", e->temporary_bytes, e->count);
    container_add_figures(c, "freed_blocks", e->freed_blocks, e->count);
    container_add_figures(c, "freed_bytes", e->freed_bytes, e->count);
}

int page_slices(const struct page *p, const struct page_slices *s, struct payload *out,
                struct failure *f) {
    size_t most = 1;
    for (size_t k = 0; k < s->count; k++)
        most += s->profiles[k].count;
    uint32_t *start = malloc((s->count + 1) * sizeof *start);
    uint32_t *border = malloc((s->count + 1) * sizeof *border);
    struct entries e = {malloc(most * 4), malloc(most * 8), malloc(most * 8), malloc(most * 8),
                        malloc(most * 8), malloc(most * 8), malloc(most * 8), 0};
    int failed = 0;
    if (start == NULL || border == NULL || e.row == NULL || e.allocations == NULL ||
        e.allocated_bytes == NULL || e.temporary == NULL || e.temporary_bytes == NULL ||
        e.freed_blocks == NULL || e.freed_bytes == NULL)
        failed = failure_set(f, "cannot list the slices: out of memory");
    else
        failed = gather(&e, p, s, start, f);
    for (size_t k = 0; border != NULL && k <= s->count; k++)
        border[k] = s->borders != NULL ? (uint32_t)s->borders[k] : 0;
    struct container c;
    container_init(&c, p->style);
    container_add(&c, "border_ms", CONTAINER_U32, border, s->count + 1);
    container_add(&c, "start", CONTAINER_U32, start, s->count + 1);
    add_entries(&c, &e);
    if (!failed) return container_finish(&c, out, f);
    container_release(&c);
    return -1;
}
