/* SPDX-License-Identifier: MIT
 * Comma-separated values (RFC 4180): a row for each call stack with all its figures, the most
 * costly first; where it allocates in the program's own code, and the stack, outermost function
 * first. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "export/export.h"
#include "export/site_columns.h"
#include "recording/reader.h"

static void put_quoted(FILE *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '"') putc_unlocked('"', out);
        putc_unlocked(*text, out);
    }
}

static void put_field(FILE *out, const char *text) {
    fputc(',', out);
    if (text == NULL) return;
    fputc('"', out);
    put_quoted(out, text);
    fputc('"', out);
}

struct rows {
    uint32_t *list;
    size_t capacity;
};

/* Writes the stack that ends in `row`; semicolons stand between functions, as in collapsed stacks.
 */
static int put_stack(FILE *out, struct ex_export *e, struct rows *path, uint32_t row) {
    const struct an_row *rows = e->sites.stacks.rows;
    size_t count = 0;
    for (uint32_t at = row; at != 0; at = rows[at].parent) {
        if (count == path->capacity) {
            size_t capacity = path->capacity ? path->capacity * 2 : 256;
            uint32_t *grown = realloc(path->list, capacity * sizeof *grown);
            if (grown == NULL) return -1;
            path->list = grown;
            path->capacity = capacity;
        }
        path->list[count++] = rows[at].function;
    }
    fputs(",\"", out);
    if (count == 0) put_quoted(out, ex_function_label(e, REC_NONE));
    while (count-- > 0) {
        put_quoted(out, ex_function_label(e, path->list[count]));
        if (count > 0) putc_unlocked(';', out);
    }
    fputc('"', out);
    return 0;
}

static int put_row(FILE *out, struct ex_export *e, const struct ex_site *x, const uint8_t *plumbing,
                   struct rows *path) {
    const struct an_row *rows = e->sites.stacks.rows;
    struct an_costs t = ex_site_totals(&e->sites, x);
    uint32_t row = ex_site_own_row(&e->sites, plumbing, x->row);
    const char *comma = "";
#define PUT(name, what)                                                                            \
    fputs(comma, out);                                                                             \
    if (rec_knows(e->file, what)) fprintf(out, "%" PRIu64, t.name);                                \
    comma = ",";
    EX_SITE_COLUMNS(PUT)
#undef PUT
    if (row == 0) {
        put_field(out, ex_function_label(e, REC_NONE));
        fputs(",,,", out);
    } else {
        const struct an_frame *frame = &e->frames->frames[rows[row].frame];
        const struct an_function *function = &e->frames->functions[frame->function];
        put_field(out, ex_function_label(e, frame->function));
        put_field(out, function->file);
        fputc(',', out);
        if (frame->line > 0) fprintf(out, "%" PRIu32, frame->line);
        put_field(out, an_name_module(e->frames, function->module));
    }
    int failed = put_stack(out, e, path, x->row);
    fputs("\r\n", out);
    return failed;
}

static int put_rows(FILE *out, struct ex_export *e, const uint8_t *plumbing, struct failure *f) {
    struct rows path = {0};
    struct ex_ordered_site *order = ex_sites_order(&e->sites, ex_main_cost(e), f);
    if (order == NULL) return -1;
    int failed = 0;
    for (size_t i = 0; !failed && i < e->sites.count; i++)
        if (e->cost < 0 || order[i].amount.main > 0)
            failed = put_row(out, e, order[i].site, plumbing, &path);
    free(order);
    free(path.list);
    return failed ? failure_set(f, "cannot write the call stacks: out of memory") : 0;
}

int ex_csv(FILE *out, struct ex_export *e, struct failure *f) {
    uint8_t *plumbing = an_plumbing_build(e->frames);
    if (plumbing == NULL) return failure_set(f, "cannot write the call stacks: out of memory");
#define PUT(name, what) fputs(#name ",", out);
    EX_SITE_COLUMNS(PUT)
#undef PUT
    fputs("function,file,line,module,stack\r\n", out);
    int failed = put_rows(out, e, plumbing, f);
    free(plumbing);
    return failed;
}
