/* SPDX-License-Identifier: MIT
 * Collapsed stacks, as flamegraph.pl, inferno, speedscope and many others read them: a line for
 * each call stack, outermost function first, with semicolons between, a space, and the amount.
 * Bytes for the costs that are bytes, else numbers of blocks or calls. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/export.h"

/* A semicolon would divide a name, and a line break would end its line. */
static void put_name(FILE *out, const char *name) {
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        putc_unlocked(c == ';' ? ':' : c < ' ' || c == 0x7f ? ' ' : c, out);
    }
}

/* The functions of a stack, outermost first, in room that grows. */
struct path {
    uint32_t *functions;
    size_t count, capacity;
};

static int path_of(struct path *p, const struct an_row *rows, uint32_t row) {
    p->count = 0;
    for (; row != 0; row = rows[row].parent) {
        if (p->count == p->capacity) {
            size_t capacity = p->capacity ? p->capacity * 2 : 256;
            uint32_t *grown = realloc(p->functions, capacity * sizeof *grown);
            if (grown == NULL) return -1;
            p->functions = grown;
            p->capacity = capacity;
        }
        p->functions[p->count++] = rows[row].function;
    }
    return 0;
}

int ex_collapsed(FILE *out, struct ex_export *e, struct failure *f) {
    enum an_cost cost = ex_main_cost(e);
    struct path path = {0};
    for (size_t i = 0; i < e->sites.count; i++) {
        const struct ex_site *x = &e->sites.list[i];
        uint64_t amount = ex_site_amount(&e->sites, x, cost).main;
        if (amount == 0) continue;
        if (path_of(&path, e->sites.stacks.rows, x->row) != 0) {
            free(path.functions);
            return failure_set(f, "cannot write a call stack: out of memory");
        }
        if (x->row == 0) put_name(out, ex_function_label(e, REC_NONE));
        for (size_t k = path.count; k-- > 0;) {
            put_name(out, ex_function_label(e, path.functions[k]));
            if (k > 0) putc_unlocked(';', out);
        }
        fprintf(out, " %" PRIu64 "\n", amount);
    }
    free(path.functions);
    return 0;
}
