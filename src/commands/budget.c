/* SPDX-License-Identifier: MIT
 * Reads budgets. See budget.h. */
#include "commands/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/filter.h"
#include "base/toml.h"
#include "commands/share_argument.h"
#include "commands/size_argument.h"

const struct budget_figure_facts budget_figures[BUDGET_FIGURES] = {
    [BUDGET_PEAK] = {"max_peak", "peak", AN_PEAK, 0, 1},
    [BUDGET_PEAK_BLOCKS] = {"max_peak_blocks", "blocks at the peak", AN_PEAK, 1, 0},
    [BUDGET_LEAKED] = {"max_leaked", "leaked", AN_LEAKED, 0, 1},
    [BUDGET_LEAKED_BLOCKS] = {"max_leaked_blocks", "leaked blocks", AN_LEAKED, 1, 0},
    [BUDGET_ALLOCATED] = {"max_allocated", "allocated", AN_ALLOCATED, 0, 1},
    [BUDGET_ALLOCATIONS] = {"max_allocations", "allocations", AN_CALLS, 0, 0},
    [BUDGET_TEMPORARY] = {"max_temporary", "temporary", AN_TEMPORARY, 0, 0},
    [BUDGET_FAILED] = {"max_failed", "failed", AN_FAILED, 0, 0},
};

void budget_list_release(struct budget_list *l) {
    for (size_t i = 0; i < l->count; i++) {
        free(l->list[i].name);
        free(l->list[i].function);
        free(l->list[i].file);
        free(l->list[i].module);
        free(l->list[i].process);
    }
    free(l->list);
    free(l->baseline);
    free(l->suppressions);
    memset(l, 0, sizeof *l);
}

struct budget *budget_add(struct budget_list *l) {
    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 8 : l->capacity * 2;
        struct budget *list = realloc(l->list, capacity * sizeof *list);
        if (list == NULL) return NULL;
        l->list = list;
        l->capacity = capacity;
    }
    l->list[l->count] = (struct budget){0};
    return &l->list[l->count++];
}

int budget_limit(struct budget *b, enum budget_figure figure, const char *text) {
    uint64_t limit;
    if (budget_figures[figure].is_bytes) {
        if (size_argument_parse(text, &limit) != 0) return -1;
    } else {
        char *end;
        if (text[0] < '0' || text[0] > '9') return -1;
        limit = strtoull(text, &end, 10);
        if (*end != '\0') return -1;
    }
    b->limits[figure] = limit;
    b->has_limit[figure] = 1;
    return 0;
}

/* The file while it is read. Keys before the first table are a budget of their own. */
struct reading {
    struct budget_list *list;
    size_t current; /* of the list; SIZE_MAX: none yet */
};

static int out_of_memory(struct failure *f) {
    return failure_set(f, "out of memory");
}

static int on_table(void *context, const char *name, int is_array_entry, struct failure *f) {
    struct reading *r = context;
    if (strcmp(name, "budget") != 0 || !is_array_entry)
        return failure_set(f, "there is no table '%s': each budget begins with [[budget]]", name);
    if (budget_add(r->list) == NULL) return out_of_memory(f);
    r->current = r->list->count - 1;
    return 0;
}

static int set_text(char **to, const struct toml_value *value, struct failure *f) {
    if (value->kind != TOML_TEXT) return failure_set(f, "a text in quotes is needed");
    free(*to);
    *to = strdup(value->text);
    return *to != NULL ? 0 : out_of_memory(f);
}

/* An expression that cannot be used is a mistake of the file, so it is told where it stands. */
static int set_expression(char **to, const struct toml_value *value, struct failure *f) {
    struct an_filter filter;
    if (set_text(to, value, f) != 0 || an_filter_init(&filter, AN_FILTER_FUNCTION, *to, f) != 0)
        return -1;
    an_filter_release(&filter);
    return 0;
}

static int set_tolerance(struct reading *r, const struct toml_value *value, struct failure *f) {
    if (value->kind != TOML_TEXT || share_argument_parse(value->text, &r->list->tolerance) != 0)
        return failure_set(f, "tolerance must be a share such as \"5%%\"");
    r->list->has_tolerance = 1;
    return 0;
}

static int unknown_key(const char *key, struct failure *f) {
    char known[300] = "name, function, file, module, process";
    for (int i = 0; i < BUDGET_FIGURES; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, ", %s", budget_figures[i].key);
    }
    return failure_set(f, "there is no key '%.60s'; a budget has %s", key, known);
}

static int on_key(void *context, const char *key, const struct toml_value *value,
                  struct failure *f) {
    struct reading *r = context;
    int is_top = r->current == SIZE_MAX;
    if (is_top && strcmp(key, "baseline") == 0) return set_text(&r->list->baseline, value, f);
    if (is_top && strcmp(key, "suppressions") == 0)
        return set_text(&r->list->suppressions, value, f);
    if (is_top && strcmp(key, "tolerance") == 0) return set_tolerance(r, value, f);
    if (is_top) {
        if (budget_add(r->list) == NULL) return out_of_memory(f);
        r->current = r->list->count - 1;
    }
    struct budget *b = &r->list->list[r->current];
    if (strcmp(key, "name") == 0) return set_text(&b->name, value, f);
    if (strcmp(key, "function") == 0) return set_expression(&b->function, value, f);
    if (strcmp(key, "file") == 0) return set_expression(&b->file, value, f);
    if (strcmp(key, "module") == 0) return set_expression(&b->module, value, f);
    if (strcmp(key, "process") == 0) return set_expression(&b->process, value, f);
    for (int i = 0; i < BUDGET_FIGURES; i++) {
        if (strcmp(key, budget_figures[i].key) != 0) continue;
        char digits[32];
        const char *text = value->text;
        snprintf(digits, sizeof digits, "%lld", (long long)value->integer);
        if (value->kind == TOML_INTEGER) text = digits;
        if ((value->kind != TOML_INTEGER && value->kind != TOML_TEXT) ||
            budget_limit(b, (enum budget_figure)i, text) != 0)
            return failure_set(f, "%s must be a number%s", key,
                               budget_figures[i].is_bytes ? ", or a size such as \"64 MiB\"" : "");
        return 0;
    }
    return unknown_key(key, f);
}

int budget_read(struct budget_list *l, const char *path, struct failure *f) {
    struct reading r = {l, SIZE_MAX};
    size_t before = l->count;
    if (toml_read(path, &(struct toml_reader){on_table, on_key, &r}, f) != 0) return -1;
    for (size_t i = before; i < l->count; i++) {
        int limits = 0;
        for (int k = 0; k < BUDGET_FIGURES; k++)
            limits += l->list[i].has_limit[k];
        if (limits == 0)
            return failure_set(f,
                               "%s: budget %zu%s%s%s has no limit, such as max_peak = \"64 MiB\"",
                               path, i - before + 1, l->list[i].name != NULL ? ", '" : "",
                               l->list[i].name != NULL ? l->list[i].name : "",
                               l->list[i].name != NULL ? "'," : "");
    }
    if (l->count == before && l->baseline == NULL) return failure_set(f, "%s has no budget", path);
    return 0;
}
