/* SPDX-License-Identifier: MIT
 * Budgets: what a recording may come to. Read from a file (docs/check.md is the specification) and
 * from options. */
#ifndef HEAPWISE_COMMANDS_BUDGET_H
#define HEAPWISE_COMMANDS_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"
#include "base/failure.h"

/* What a limit is on: one figure of a cost. */
enum budget_figure {
    BUDGET_PEAK,
    BUDGET_PEAK_BLOCKS,
    BUDGET_LEAKED,
    BUDGET_LEAKED_BLOCKS,
    BUDGET_ALLOCATED,
    BUDGET_ALLOCATIONS,
    BUDGET_TEMPORARY,
    BUDGET_FAILED,
    BUDGET_FIGURES
};
struct budget_figure_facts {
    const char *key;   /* "max_peak" in a file, --max-peak as an option */
    const char *words; /* "peak" */
    enum an_cost cost;
    int is_second; /* 1: the cost's second figure */
    int is_bytes;
};
extern const struct budget_figure_facts budget_figures[BUDGET_FIGURES];

struct budget {
    char *name;                     /* NULL: made from what it is on */
    char *function, *file, *module; /* only such call stacks; expressions, or NULL */
    char *process;                  /* only recordings of such programs; expression, or NULL */
    uint64_t limits[BUDGET_FIGURES];
    uint8_t has_limit[BUDGET_FIGURES];
};

struct budget_list {
    struct budget *list;
    size_t count, capacity;
    char *suppressions; /* path of a file of leaks that do not count, or NULL */
    char *baseline;     /* path of a recording, or NULL */
    double tolerance;   /* share that figures may be above the baseline */
    int has_tolerance;
};

void budget_list_release(struct budget_list *l);
/* A new, empty budget at the end of the list; NULL when memory is out. */
struct budget *budget_add(struct budget_list *l);
/* Sets a limit from its text ("64 MiB", "1000"). 0, or -1 when it is none. */
int budget_limit(struct budget *b, enum budget_figure figure, const char *text);
/* Adds the budgets of a file. */
int budget_read(struct budget_list *l, const char *path, struct failure *f);

#endif
