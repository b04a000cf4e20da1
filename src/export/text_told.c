/* SPDX-License-Identifier: MIT
 * What the program told of itself, as text. See told.h. */
#include "export/told.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/suppressions.h"

enum { MARKS_SHOWN = 20, FORBIDDEN_SHOWN = 10, FRAMES_SHOWN = 12, RULES_SHOWN = 20 };

static void title(FILE *out, const struct ex_style *s, const char *text, const char *rest) {
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, text);
    fputs(rest, out);
    fputc('\n', out);
}

static void left_out(FILE *out, const struct ex_style *s, size_t count) {
    if (count > 0) fprintf(out, "    %s%zu more (--json has all)\n", ex_glyphs(s)->more, count);
}

void ex_text_marks(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    size_t count;
    const struct rec_mark *marks = rec_marks(r->file, &count);
    if (count == 0) return;
    size_t shown = r->all_frames || count < MARKS_SHOWN ? count : MARKS_SHOWN;
    title(out, s, "Marks", ": moments that the program named, and what was alive then");
    for (size_t i = 0; i < shown; i++) {
        const struct rec_mark *m = &marks[i];
        fprintf(out, "%12s", ex_duration(m->tick).text);
        fprintf(out, "  %12s", ex_size(m->live_bytes, s->sizes).text);
        fprintf(out, "  %12s block%s  ", ex_count(m->live_blocks).text,
                m->live_blocks == 1 ? " " : "s");
        ex_put(out, s, EX_NAME, m->name);
        if (m->has_snapshot) ex_put(out, s, EX_DIM, "  (snapshot)");
        fputc('\n', out);
    }
    left_out(out, s, count - shown);
}

/* The frames of a call stack in one flowing line. */
static int put_stack(FILE *out, const struct ex_report *r, const struct ex_style *s, uint32_t node,
                     struct failure *f) {
    size_t node_count, shown = 0;
    const struct rec_node *nodes = rec_nodes(r->file, &node_count, f);
    if (nodes == NULL) return -1;
    fputs("                  ", out);
    if (node == 0) fputs("(call stack not known)", out);
    for (; node != 0; node = nodes[node].parent) {
        size_t ids;
        const uint32_t *frames = an_frames_of(r->frames, nodes[node].address, &ids);
        for (size_t i = 0; i < ids; i++) {
            const struct an_frame *frame = &r->frames->frames[frames[i]];
            const struct an_function *function = &r->frames->functions[frame->function];
            if (shown++ >= FRAMES_SHOWN && !r->all_frames) {
                fprintf(out, " %s", ex_glyphs(s)->more);
                fputc('\n', out);
                return 0;
            }
            char *name = an_name_short(r->frames, frame->function, s->width);
            if (name == NULL) return failure_set(f, "cannot print a call stack: out of memory");
            if (shown > 1) fprintf(out, " %s", ex_glyphs(s)->caller);
            ex_put(out, s, shown == 1 ? EX_NAME : EX_PLAIN, name);
            free(name);
            if (function->file != NULL && frame->line != 0) {
                fputc(' ', out);
                ex_put(out, s, EX_DIM, an_name_base(function->file));
                fprintf(out, ":%" PRIu32, frame->line);
            }
            /* Outside of main is the run time, as in the trees. */
            if (!r->all_frames && function->name != NULL && strcmp(function->name, "main") == 0)
                node = 0, i = ids;
        }
    }
    fputc('\n', out);
    return 0;
}

int ex_text_forbidden(FILE *out, const struct ex_report *r, const struct ex_style *s,
                      struct failure *f) {
    size_t count;
    const struct rec_forbidden *list = rec_forbidden(r->file, &count, f);
    if (list == NULL) return -1;
    if (count == 0) return 0;
    uint64_t allocations = 0;
    for (size_t i = 0; i < count; i++)
        allocations += list[i].allocations;
    char text[160];
    snprintf(text, sizeof text, ": %s where the program allows none, from %zu call stack%s",
             ex_count(allocations).text, count, count == 1 ? "" : "s");
    title(out, s, "Forbidden allocations", text);
    size_t shown = r->all_frames || count < FORBIDDEN_SHOWN ? count : FORBIDDEN_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        fprintf(out, "%12s  %12s  inside ", ex_count(list[i].allocations).text,
                ex_size(list[i].bytes, s->sizes).text);
        ex_put(out, s, EX_WARN,
               list[i].label[0] != '\0' ? list[i].label : "a scope without a name");
        fputc('\n', out);
        if (put_stack(out, r, s, list[i].node, f) != 0) return -1;
    }
    left_out(out, s, count - shown);
    return 0;
}

void ex_text_suppressed(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct an_suppressions *all = r->suppressions;
    const char *from;
    const char *embedded = rec_suppressions(r->file, &from);
    if (embedded != NULL && embedded[0] == '\0') {
        title(out, s, "Suppressions", "");
        fputs("    The program has __lsan_default_suppressions, but they are worked out when it "
              "runs and\n"
              "    are not known here: give them by --suppressions FILE. They are in ",
              out);
        ex_put(out, s, EX_PLAIN, from);
        fputc('\n', out);
    }
    if (all == NULL || all->count == 0) return;
    char text[160];
    snprintf(text, sizeof text, ": %s in %s block%s by %zu rule%s",
             ex_size(all->bytes, s->sizes).text, ex_count(all->blocks).text,
             all->blocks == 1 ? "" : "s", all->count, all->count == 1 ? "" : "s");
    title(out, s, "Suppressed leaks", text);
    size_t shown = 0, unused = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct an_suppression *one = &all->list[i];
        unused += one->blocks == 0;
        if (one->blocks == 0 || (shown == RULES_SHOWN && !r->all_frames)) continue;
        shown++;
        fprintf(out, "%12s  %12s block%s  ", ex_size(one->bytes, s->sizes).text,
                ex_count(one->blocks).text, one->blocks == 1 ? " " : "s");
        ex_put(out, s, EX_NAME, one->pattern);
        fputs("  ", out);
        ex_put(out, s, EX_DIM, one->from);
        fputc('\n', out);
    }
    left_out(out, s, all->count - unused - shown);
    if (unused > 0)
        fprintf(out, "    %zu rule%s matched nothing\n", unused, unused == 1 ? "" : "s");
}
