/* SPDX-License-Identifier: MIT
 * callgrind's format, for kcachegrind, qcachegrind and callgrind_annotate. What a function's own
 * allocations came to stands at their lines; what those below it came to stands at its calls.
 *
 * An edge is a line that calls a function. Its cost is that of all stacks which pass it, each
 * counted once however often the recursion passes there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/export.h"
#include "export/pair_table.h"
#include "export/row_walk.h"
#include "recording/reader.h"

static const struct event {
    const char *name, *title;
    enum an_cost cost; /* its main figure */
} events[] = {
    {"PeakBytes", "Bytes alive at the peak", AN_PEAK},
    {"LeakedBytes", "Bytes leaked", AN_LEAKED},
    {"AllocatedBytes", "Bytes allocated", AN_ALLOCATED},
    {"Allocations", "Allocations", AN_CALLS},
    {"Temporary", "Temporary allocations", AN_TEMPORARY},
    {"Failed", "Failed allocations", AN_FAILED},
    {"AliveBytes", "Bytes alive", AN_ALIVE},
    {"FreedBytes", "Bytes freed", AN_FREED},
    {"LaterBytes", "Bytes freed after the range", AN_LATER},
};
enum { EVENTS = sizeof events / sizeof events[0] };

struct costs {
    uint64_t of[EVENTS];
};

struct callgrind {
    FILE *out;
    struct ex_export *e;
    const struct event *events[EVENTS];
    size_t event_count;
    struct costs sum;
    struct costs *self; /* by frame; the one behind them is that of stacks that are not known */
    struct ex_pair_table edges; /* (frame that calls, called function) */
    struct costs *edge_costs;
    uint64_t *edge_calls;
    uint32_t *edge_of;                     /* by row: that by which it is called */
    uint32_t *edges_by_frame, *first_edge; /* edges grouped by their frame */
    uint32_t *frames_by_function, *first_frame;
};

static void choose_events(struct callgrind *c) {
    for (size_t i = 0; i < EVENTS; i++)
        if (ex_cost_is_asked(c->e, events[i].cost)) c->events[c->event_count++] = &events[i];
}

static int find_edges(struct callgrind *c) {
    const struct an_stack_tree *t = &c->e->sites.stacks;
    c->edge_of = malloc(t->row_count * sizeof *c->edge_of);
    if (c->edge_of == NULL) return -1;
    for (size_t row = 1; row < t->row_count; row++) {
        const struct an_row *x = &t->rows[row];
        c->edge_of[row] = EX_NO_PAIR;
        if (x->parent == 0) continue;
        c->edge_of[row] = ex_pair_number(&c->edges, t->rows[x->parent].frame, x->function);
        if (c->edge_of[row] == EX_NO_PAIR) return -1;
    }
    c->edge_costs = calloc(c->edges.count + 1, sizeof *c->edge_costs);
    c->edge_calls = calloc(c->edges.count + 1, sizeof *c->edge_calls);
    return c->edge_costs == NULL || c->edge_calls == NULL ? -1 : 0;
}

/* Adds one cost of all stacks to the edges that they pass. */
static int add_to_edges(struct callgrind *c, enum an_cost cost, uint64_t *sums, size_t stride,
                        struct failure *f) {
    struct ex_row_walk walk;
    uint32_t row;
    uint32_t *passed = calloc(c->edges.count + 1, sizeof *passed); /* how often on the way here */
    if (passed == NULL) return failure_set(f, "cannot add up calls: out of memory");
    if (ex_row_walk_init(&walk, &c->e->sites, cost, f) != 0) {
        free(passed);
        return -1;
    }
    for (enum ex_walk_step step; (step = ex_row_walk_next(&walk, &row)) != EX_WALK_DONE;) {
        uint32_t edge = c->edge_of[row];
        if (edge == EX_NO_PAIR) continue;
        if (step == EX_WALK_LEAVE)
            passed[edge]--;
        else if (passed[edge]++ == 0)
            sums[edge * stride] += walk.total[row];
    }
    ex_row_walk_release(&walk);
    free(passed);
    return 0;
}

static int add_up(struct callgrind *c, struct failure *f) {
    const struct ex_sites *s = &c->e->sites;
    c->self = calloc(c->e->frames->frame_count + 1, sizeof *c->self);
    if (c->self == NULL || find_edges(c) != 0)
        return failure_set(f, "cannot add up calls: out of memory");
    for (size_t i = 0; i < s->count; i++) {
        uint32_t row = s->list[i].row;
        size_t frame = row == 0 ? c->e->frames->frame_count : s->stacks.rows[row].frame;
        for (size_t k = 0; k < c->event_count; k++) {
            uint64_t amount = ex_site_amount(s, &s->list[i], c->events[k]->cost).main;
            c->self[frame].of[k] += amount;
            c->sum.of[k] += amount;
        }
    }
    const size_t stride = sizeof *c->edge_costs / sizeof(uint64_t);
    for (size_t k = 0; k < c->event_count; k++)
        if (add_to_edges(c, c->events[k]->cost, &c->edge_costs->of[k], stride, f) != 0) return -1;
    return add_to_edges(c, AN_CALLS, c->edge_calls, 1, f);
}

/* Lists the numbers 0 … count - 1 by their group: those of group g are at first[g] … first[g + 1].
 */
static int group(uint32_t **list, uint32_t **first, size_t groups, size_t count,
                 uint32_t (*group_of)(const struct callgrind *, size_t),
                 const struct callgrind *c) {
    *list = malloc((count + 1) * sizeof **list);
    *first = calloc(groups + 2, sizeof **first);
    if (*list == NULL || *first == NULL) return -1;
    for (size_t i = 0; i < count; i++)
        (*first)[group_of(c, i) + 2]++;
    for (size_t g = 0; g < groups; g++)
        (*first)[g + 2] += (*first)[g + 1];
    for (size_t i = 0; i < count; i++)
        (*list)[(*first)[group_of(c, i) + 1]++] = (uint32_t)i;
    return 0;
}

static uint32_t frame_of_edge(const struct callgrind *c, size_t edge) {
    return (uint32_t)c->edges.pairs[edge].first;
}

static uint32_t function_of_frame(const struct callgrind *c, size_t frame) {
    return c->e->frames->frames[frame].function;
}

static void put_line_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        putc_unlocked(*text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static void put_costs(struct callgrind *c, const struct costs *x) {
    for (size_t k = 0; k < c->event_count; k++)
        fprintf(c->out, " %" PRIu64, x->of[k]);
    fputc('\n', c->out);
}

static void put_head(struct callgrind *c) {
    const struct rec_process *process = rec_process(c->e->file);
    const char *const *word = process->command;
    fprintf(c->out,
            "# callgrind format\nversion: 1\ncreator: heapwise %s\npid: %u\ncmd:", HEAPWISE_VERSION,
            process->pid);
    for (; word != NULL && *word != NULL; word++) {
        fputc(' ', c->out);
        put_line_text(c->out, *word);
    }
    fputs("\npart: 1\n\n", c->out);
    if (c->e->range_words != NULL) fprintf(c->out, "desc: Question: %s\n", c->e->range_words);
    fputs("positions: line\n", c->out);
    for (size_t k = 0; k < c->event_count; k++)
        fprintf(c->out, "event: %s : %s\n", c->events[k]->name, c->events[k]->title);
    fputs("events:", c->out);
    for (size_t k = 0; k < c->event_count; k++)
        fprintf(c->out, " %s", c->events[k]->name);
    fputs("\nsummary:", c->out);
    put_costs(c, &c->sum);
}

/* Says which function the next lines are about; `mark` is "" or "c" for a called one. Names are
 * written whole each time: the file is small beside what it would be without edges. */
static void put_function(struct callgrind *c, uint32_t function, const char *mark) {
    const struct an_function *n = &c->e->frames->functions[function];
    const char *module = an_name_module(c->e->frames, n->module);
    int called = mark[0] != '\0';
    fprintf(c->out, "%sob=", mark);
    put_line_text(c->out, module != NULL ? module : "???");
    fprintf(c->out, "\n%s=", called ? "cfi" : "fl");
    put_line_text(c->out, n->file != NULL ? n->file : "???");
    fprintf(c->out, "\n%sfn=", mark);
    put_line_text(c->out, ex_function_label(c->e, function));
    fputc('\n', c->out);
}

static int is_any(const struct callgrind *c, const struct costs *x) {
    for (size_t k = 0; k < c->event_count; k++)
        if (x->of[k] != 0) return 1;
    return 0;
}

static void put_frame(struct callgrind *c, uint32_t frame) {
    uint32_t line = c->e->frames->frames[frame].line;
    if (is_any(c, &c->self[frame])) {
        fprintf(c->out, "%" PRIu32, line);
        put_costs(c, &c->self[frame]);
    }
    for (uint32_t i = c->first_edge[frame]; i < c->first_edge[frame + 1]; i++) {
        uint32_t edge = c->edges_by_frame[i];
        if (!is_any(c, &c->edge_costs[edge])) continue;
        put_function(c, c->edges.pairs[edge].second, "c");
        uint64_t calls = c->edge_calls[edge];
        fprintf(c->out, "calls=%" PRIu64 " 0\n%" PRIu32, calls > 0 ? calls : 1, line);
        put_costs(c, &c->edge_costs[edge]);
    }
}

static int has_any(const struct callgrind *c, uint32_t function) {
    for (uint32_t i = c->first_frame[function]; i < c->first_frame[function + 1]; i++) {
        uint32_t frame = c->frames_by_function[i];
        if (is_any(c, &c->self[frame])) return 1;
        for (uint32_t k = c->first_edge[frame]; k < c->first_edge[frame + 1]; k++)
            if (is_any(c, &c->edge_costs[c->edges_by_frame[k]])) return 1;
    }
    return 0;
}

static int put_all(struct callgrind *c, struct failure *f) {
    const struct an_frames *t = c->e->frames;
    if (group(&c->edges_by_frame, &c->first_edge, t->frame_count, c->edges.count, frame_of_edge,
              c) != 0 ||
        group(&c->frames_by_function, &c->first_frame, t->function_count, t->frame_count,
              function_of_frame, c) != 0)
        return failure_set(f, "cannot list calls: out of memory");
    put_head(c);
    for (uint32_t n = 0; n < t->function_count; n++) {
        if (!has_any(c, n)) continue;
        fputc('\n', c->out);
        put_function(c, n, "");
        for (uint32_t i = c->first_frame[n]; i < c->first_frame[n + 1]; i++)
            put_frame(c, c->frames_by_function[i]);
    }
    if (is_any(c, &c->self[t->frame_count])) {
        fprintf(c->out, "\nob=???\nfl=???\nfn=%s\n0", ex_function_label(c->e, REC_NONE));
        put_costs(c, &c->self[t->frame_count]);
    }
    fputs("\ntotals:", c->out);
    put_costs(c, &c->sum);
    return 0;
}

int ex_callgrind(FILE *out, struct ex_export *e, struct failure *f) {
    struct callgrind c = {.out = out, .e = e};
    choose_events(&c);
    int failed = add_up(&c, f) || put_all(&c, f);
    ex_pair_table_release(&c.edges);
    free(c.self);
    free(c.edge_costs);
    free(c.edge_calls);
    free(c.edge_of);
    free(c.edges_by_frame);
    free(c.first_edge);
    free(c.frames_by_function);
    free(c.first_frame);
    return failed ? -1 : 0;
}
