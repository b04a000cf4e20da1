/* SPDX-License-Identifier: MIT
 * The table of threads of the text report. */
#include <stdlib.h>
#include <string.h>

#include "export/report_views.h"

struct line {
    const struct an_thread_row *row;
    const struct rec_thread *thread;
    struct an_amount amount;
};

static int by_amount(const void *a, const void *b) {
    const struct line *x = a, *y = b;
    if (x->amount.main != y->amount.main) return x->amount.main < y->amount.main ? 1 : -1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

static void put_size(FILE *out, const struct ex_style *s, enum ex_paint paint, uint64_t bytes) {
    struct ex_quantity q = ex_size(bytes, s->sizes);
    size_t columns = s->sizes == EX_SIZE_UNITS ? 11 : 20;
    ex_put_spaces(out, strlen(q.text) < columns ? columns - strlen(q.text) : 0);
    ex_put(out, s, paint, q.text);
}

static void put_head(FILE *out, const struct ex_style *s, size_t count) {
    char head[200];
    int size = s->sizes == EX_SIZE_UNITS ? 11 : 20;
    snprintf(head, sizeof head, "%*s%*s%*s%13s%13s%*s  thread", size, "at peak", size, "leaked", size,
             "allocated", "calls", "temporary", size, "freed here");
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, "Threads");
    fprintf(out, ": %s.\n", ex_count(count).text);
    ex_put(out, s, EX_DIM, head);
    fputc('\n', out);
}

int ex_text_threads(FILE *out, const struct ex_report *r, const struct an_thread_row *rows,
                    const struct ex_style *s, struct failure *f) {
    size_t count;
    const struct rec_thread *threads = rec_threads(r->file, &count);
    enum an_cost cost = r->sort < 0 ? AN_PEAK : (enum an_cost)r->sort;
    struct line *lines = malloc((count + 1) * sizeof *lines);
    if (lines == NULL) return failure_set(f, "cannot list the threads: out of memory");
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct line){&rows[i], &threads[i], an_cost_of(&rows[i].costs, cost)};
    qsort(lines, count, sizeof *lines, by_amount);
    size_t shown = r->top == 0 || r->top == SIZE_MAX || r->top > count ? count : r->top;
    put_head(out, s, count);
    for (size_t i = 0; i < shown; i++) {
        const struct an_costs *c = &lines[i].row->costs;
        char name[sizeof lines[i].thread->name + 1] = "";
        memcpy(name, lines[i].thread->name, sizeof lines[i].thread->name);
        put_size(out, s, EX_AMOUNT, c->peak_bytes);
        put_size(out, s, EX_AMOUNT, c->leaked_bytes);
        put_size(out, s, EX_AMOUNT, c->allocated_bytes);
        fprintf(out, "%13s", ex_count(c->allocations).text);
        fprintf(out, "%13s", ex_count(c->temporary).text);
        put_size(out, s, EX_PLAIN, lines[i].row->ended_bytes);
        fprintf(out, "  %u ", lines[i].thread->tid);
        ex_put(out, s, EX_NAME, name);
        fputc('\n', out);
    }
    if (shown < count) fprintf(out, "%s%zu more\n", ex_glyphs(s)->more, count - shown);
    free(lines);
    return 0;
}
