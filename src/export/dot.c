/* SPDX-License-Identifier: MIT
 * A call graph for Graphviz: a box for each function that counts, an arrow for each call between
 * them. A function's amount is that of all stacks which pass it, each counted once.
 *
 * What is too little to be seen is not drawn: a function below NODE_SHARE of the whole or not among
 * the NODES_MAX greatest, an arrow below EDGE_SHARE. Where functions between two boxes are left
 * out, the arrow is dashed. The attributes `own`, `amount` and `whole` hold exact numbers; Graphviz
 * keeps attributes that it does not know. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/export.h"
#include "export/pair_table.h"
#include "export/quantity.h"
#include "export/row_walk.h"

#define NODES_MAX 80
#define NODE_SHARE 0.005
#define EDGE_SHARE 0.001
#define NAME_WIDTH 60
#define LABEL_LINE 30

struct graph {
    FILE *out;
    struct ex_export *e;
    enum an_cost cost;
    struct ex_row_walk walk;
    uint64_t *own, *amount; /* by function */
    uint32_t *passed;       /* by function or edge: how often on the way to the row at hand */
    uint8_t *is_drawn;      /* by function */
    struct ex_pair_table
        edges; /* (function, function that it calls), shifted left by 1 if dashed */
    uint64_t *edge_amounts;
    size_t drawn_count;
};

static int out_of_memory(struct failure *f) {
    return failure_set(f, "cannot draw the call graph: out of memory");
}

static void rewind_walk(struct ex_row_walk *w) {
    w->at = 0;
    w->state = EX_WALK_START;
}

static void add_functions(struct graph *g) {
    uint32_t row;
    for (enum ex_walk_step step; (step = ex_row_walk_next(&g->walk, &row)) != EX_WALK_DONE;) {
        uint32_t function = g->walk.rows[row].function;
        if (step == EX_WALK_LEAVE) {
            g->passed[function]--;
            continue;
        }
        g->own[function] += g->walk.own[row];
        if (g->passed[function]++ == 0) g->amount[function] += g->walk.total[row];
    }
}

static int by_amount(const void *a, const void *b, void *amounts) {
    uint64_t x = ((uint64_t *)amounts)[*(const uint32_t *)a];
    uint64_t y = ((uint64_t *)amounts)[*(const uint32_t *)b];
    if (x != y) return x < y ? 1 : -1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static int choose_functions(struct graph *g) {
    size_t count = g->e->frames->function_count;
    uint32_t *order = malloc((count + 1) * sizeof *order);
    if (order == NULL) return -1;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    if (count > 0) qsort_r(order, count, sizeof *order, by_amount, g->amount);
    double least = NODE_SHARE * (double)g->walk.total[0];
    for (size_t i = 0; i < count && g->drawn_count < NODES_MAX; i++) {
        uint64_t amount = g->amount[order[i]];
        if (amount == 0 || (double)amount < least) break;
        g->is_drawn[order[i]] = 1;
        g->drawn_count++;
    }
    free(order);
    return 0;
}

/* By row: its own row if that is drawn, else the nearest drawn one that it is called by, else 0. */
static uint32_t *drawn_rows(const struct graph *g) {
    const struct an_stack_tree *t = &g->e->sites.stacks;
    uint32_t *drawn = calloc(t->row_count, sizeof *drawn);
    for (size_t row = 1; drawn != NULL && row < t->row_count; row++)
        drawn[row] =
            g->is_drawn[t->rows[row].function] ? (uint32_t)row : drawn[t->rows[row].parent];
    return drawn;
}

static int add_edges(struct graph *g, const uint32_t *drawn) {
    const struct an_row *rows = g->walk.rows;
    size_t row_count = g->e->sites.stacks.row_count;
    uint32_t *edge_of = malloc(row_count * sizeof *edge_of), row;
    int failed = edge_of == NULL;
    for (size_t i = 1; !failed && i < row_count; i++) {
        uint32_t from = drawn[rows[i].parent];
        edge_of[i] = EX_NO_PAIR;
        if (drawn[i] != i || from == 0) continue;
        uint64_t key = (uint64_t)rows[from].function << 1 | (from != rows[i].parent);
        edge_of[i] = ex_pair_number(&g->edges, key, rows[i].function);
        failed = edge_of[i] == EX_NO_PAIR;
    }
    g->edge_amounts = calloc(g->edges.count + 1, sizeof *g->edge_amounts);
    uint32_t *passed = calloc(g->edges.count + 1, sizeof *passed);
    failed |= g->edge_amounts == NULL || passed == NULL;
    rewind_walk(&g->walk);
    for (enum ex_walk_step step;
         !failed && (step = ex_row_walk_next(&g->walk, &row)) != EX_WALK_DONE;) {
        uint32_t edge = edge_of[row];
        if (edge == EX_NO_PAIR) continue;
        if (step == EX_WALK_LEAVE)
            passed[edge]--;
        else if (passed[edge]++ == 0)
            g->edge_amounts[edge] += g->walk.total[row];
    }
    free(edge_of);
    free(passed);
    return failed ? -1 : 0;
}

/* Text within quotes; long text gets line breaks where a name may be divided. */
static void put_text(FILE *out, const char *text, size_t width) {
    size_t column = 0;
    for (; *text != '\0'; text++, column++) {
        if (*text == '"' || *text == '\\') fputc('\\', out);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
        if (width > 0 && column >= width && strchr(":,< ", *text) != NULL && text[1] != ':') {
            fputs("\\n", out);
            column = 0;
        }
    }
}

static struct ex_quantity quantity(const struct graph *g, uint64_t amount) {
    return an_cost_unit(g->cost) == AN_UNIT_BYTES ? ex_size(amount, EX_SIZE_UNITS)
                                                  : ex_count(amount);
}

static int put_node(struct graph *g, uint32_t function) {
    uint64_t whole = g->walk.total[0], own = g->own[function], amount = g->amount[function];
    char *name = an_name_short(g->e->frames, function, NAME_WIDTH);
    if (name == NULL) return -1;
    double share = (double)own / (double)whole;
    fprintf(g->out, "  f%" PRIu32 " [label=\"", function);
    put_text(g->out, name, LABEL_LINE);
    free(name);
    if (own > 0) {
        fprintf(g->out, "\\n%s (%s)", quantity(g, own).text, ex_share(own, whole).text);
        if (amount > own) fputs("\\nof ", g->out);
    } else {
        fputs("\\n", g->out);
    }
    if (amount > own)
        fprintf(g->out, "%s (%s)", quantity(g, amount).text, ex_share(amount, whole).text);
    fputs("\", tooltip=\"", g->out);
    put_text(g->out, ex_function_label(g->e, function), 0);
    fprintf(g->out,
            "\", fontsize=%.1f, fillcolor=\"0.06 %.3f 1.0\", own=\"%" PRIu64 "\", amount=\"%" PRIu64
            "\"];\n",
            9 + 15 * sqrt(share), 0.05 + 0.55 * sqrt((double)amount / (double)whole) * 0.6, own,
            amount);
    return 0;
}

static void put_edge(struct graph *g, size_t edge) {
    uint64_t amount = g->edge_amounts[edge], whole = g->walk.total[0];
    uint64_t key = g->edges.pairs[edge].first;
    if ((double)amount < EDGE_SHARE * (double)whole) return;
    fprintf(g->out,
            "  f%" PRIu64 " -> f%" PRIu32
            " [label=\" %s\", penwidth=%.2f, weight=%d, amount=\"%" PRIu64 "\"%s];\n",
            key >> 1, g->edges.pairs[edge].second, quantity(g, amount).text,
            0.6 + 5 * (double)amount / (double)whole,
            1 + (int)(99 * ((double)amount / (double)whole)), amount,
            (key & 1) != 0 ? ", style=dashed" : "");
}

static void put_title(struct graph *g) {
    uint64_t drawn = 0;
    for (size_t i = 0; i < g->e->frames->function_count; i++)
        if (g->is_drawn[i]) drawn += g->own[i];
    fputs("digraph heapwise {\n  graph [label=\"", g->out);
    put_text(g->out, an_name_base(g->e->path), 0);
    fprintf(g->out, ": %s %s", an_cost_name(g->cost), quantity(g, g->walk.total[0]).text);
    if (g->e->range_words != NULL) {
        fputs(", ", g->out);
        put_text(g->out, g->e->range_words, 0);
    }
    if (g->e->filter_words != NULL) {
        fputs(", ", g->out);
        put_text(g->out, g->e->filter_words, 0);
    }
    fprintf(g->out, "\\l%zu functions are drawn; the others allocate %s themselves\\l",
            g->drawn_count, quantity(g, g->walk.total[0] - drawn).text);
    fprintf(g->out,
            "\", labelloc=t, labeljust=l, fontname=\"sans-serif\", whole=\"%" PRIu64 "\"];\n",
            g->walk.total[0]);
    fputs("  node [shape=box, style=filled, fontname=\"sans-serif\", color=gray40];\n"
          "  edge [fontname=\"sans-serif\", fontsize=8, color=gray40];\n",
          g->out);
}

static int draw(struct graph *g, struct failure *f) {
    size_t functions = g->e->frames->function_count;
    g->own = calloc(functions + 1, sizeof *g->own);
    g->amount = calloc(functions + 1, sizeof *g->amount);
    g->passed = calloc(functions + 1, sizeof *g->passed);
    g->is_drawn = calloc(functions + 1, sizeof *g->is_drawn);
    if (g->own == NULL || g->amount == NULL || g->passed == NULL || g->is_drawn == NULL)
        return out_of_memory(f);
    add_functions(g);
    if (choose_functions(g) != 0) return out_of_memory(f);
    uint32_t *drawn = drawn_rows(g);
    int failed = drawn == NULL || add_edges(g, drawn) != 0;
    free(drawn);
    if (failed) return out_of_memory(f);
    put_title(g);
    for (uint32_t i = 0; i < functions; i++)
        if (g->is_drawn[i] && put_node(g, i) != 0) return out_of_memory(f);
    for (size_t i = 0; i < g->edges.count; i++)
        put_edge(g, i);
    fputs("}\n", g->out);
    return 0;
}

int ex_dot(FILE *out, struct ex_export *e, struct failure *f) {
    struct graph g = {.out = out, .e = e, .cost = ex_main_cost(e)};
    if (ex_row_walk_init(&g.walk, &e->sites, g.cost, f) != 0) return -1;
    int failed = draw(&g, f);
    ex_row_walk_release(&g.walk);
    ex_pair_table_release(&g.edges);
    free(g.own);
    free(g.amount);
    free(g.passed);
    free(g.is_drawn);
    free(g.edge_amounts);
    return failed;
}
