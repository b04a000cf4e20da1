/* SPDX-License-Identifier: MIT
 * Where the heap seems to grow without bound, and why one may think so. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/report_views.h"

#define SHOWN 10

static const char *reason(uint32_t why) {
    switch (why) {
    case AN_GROWTH_NEVER_FREED: return "none of its blocks is ever freed";
    case AN_GROWTH_UNTIL_THE_END: return "most of it is freed only when the run ends";
    default: return "it frees less than it allocates";
    }
}

static int put_site(FILE *out, const struct ex_report *r, const struct an_growth *g,
                    const struct ex_style *s, struct failure *f) {
    const struct an_frame *x = &r->frames->frames[g->group];
    const struct an_function *n = &r->frames->functions[x->function];
    struct ex_quantity from = ex_size(g->middle_bytes, s->sizes), to = ex_size(g->late_bytes, s->sizes);
    char *name = an_name_short(r->frames, x->function, s->width > 40 ? s->width - 40 : 24);
    if (name == NULL) return failure_set(f, "cannot print what grows: out of memory");
    const char *arrow = s->unicode ? " → " : " -> ";
    size_t columns = strlen(from.text) + 3 + strlen(to.text) + (s->unicode ? 0 : 1);
    ex_put_spaces(out, columns < 28 ? 28 - columns : 0);
    ex_put(out, s, EX_AMOUNT, from.text);
    fputs(arrow, out);
    ex_put(out, s, EX_AMOUNT, to.text);
    fputs("  ", out);
    ex_put(out, s, EX_NAME, name);
    free(name);
    if (n->file != NULL && x->line > 0) {
        char place[200];
        snprintf(place, sizeof place, "  %.150s:%" PRIu32, an_name_base(n->file), x->line);
        ex_put(out, s, EX_DIM, place);
    }
    fputc('\n', out);
    ex_put_spaces(out, 30);
    char why[160];
    snprintf(why, sizeof why, "rose in %" PRIu32 " of %" PRIu32 " steps and never fell; %s", g->rises,
             g->steps, reason(g->reason));
    ex_put(out, s, EX_DIM, why);
    fputc('\n', out);
    return 0;
}

int ex_text_growth(FILE *out, const struct ex_report *r, const struct ex_views *v,
                   const struct ex_style *s, struct failure *f) {
    size_t most = r->top == 0 ? v->growth_count : r->top == SIZE_MAX ? SHOWN : r->top;
    size_t shown = v->growth_count < most ? v->growth_count : most;
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, "Growth");
    if (v->growth_count == 0) {
        fputs(": nothing rises all through the second half.\n", out);
        return 0;
    }
    fprintf(out, ": %s line%s of the program may grow without bound, judged by the second half\n",
            ex_count(v->growth_count).text, v->growth_count == 1 ? "" : "s");
    for (size_t i = 0; i < shown; i++)
        if (put_site(out, r, &v->growth[i], s, f) != 0) return -1;
    if (shown < v->growth_count)
        fprintf(out, "%30s%s%zu more\n", "", ex_glyphs(s)->more, v->growth_count - shown);
    return 0;
}
