/* SPDX-License-Identifier: MIT
 * The difference of two recordings as collapsed stacks with two numbers, which flamegraph.pl draws
 * red where there is more and blue where there is less: "main;parse 4096 8192". */
#include <inttypes.h>
#include <stdlib.h>

#include "export/diff_output.h"

/* A semicolon would divide a name, and a line break would end its line. */
static void put_name(FILE *out, const char *name) {
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        putc_unlocked(c == ';' ? ':' : c < ' ' || c == 0x7f ? ' ' : c, out);
    }
}

int ex_diff_collapsed(FILE *out, const struct ex_diff *d, struct failure *f) {
    enum an_cost cost = d->sort < 0 ? AN_PEAK : (enum an_cost)d->sort;
    if (!ex_diff_known(d, cost))
        return failure_set(f, "one of the two files does not know %s: choose another --sort",
                           an_cost_name(cost));
    uint32_t *path = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < d->diff->count; i++) {
        const struct an_diff_stack *x = &d->diff->stacks[i];
        uint64_t before = an_cost_of(&x->costs[AN_BEFORE], cost).main;
        uint64_t after = an_cost_of(&x->costs[AN_AFTER], cost).main;
        if (before == 0 && after == 0) continue;
        size_t count = 0;
        for (uint32_t at = (uint32_t)i; at != 0; at = d->diff->stacks[at].parent) {
            if (count == capacity) {
                capacity = capacity == 0 ? 64 : capacity * 2;
                uint32_t *grown = realloc(path, capacity * sizeof *path);
                if (grown == NULL) {
                    free(path);
                    return failure_set(f, "cannot write a call stack: out of memory");
                }
                path = grown;
            }
            path[count++] = at;
        }
        if (count == 0) put_name(out, ex_diff_name(d, 0));
        while (count > 0) {
            put_name(out, ex_diff_name(d, path[--count]));
            if (count > 0) putc_unlocked(';', out);
        }
        fprintf(out, " %" PRIu64 " %" PRIu64 "\n", before, after);
    }
    free(path);
    return 0;
}
