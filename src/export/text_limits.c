/* SPDX-License-Identifier: MIT
 * The last part of the text report: what could not be seen, and what to do about it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "export/report_output.h"

/* How well a module's code addresses are known. */
struct sight {
    size_t addresses, without_name, without_line;
};

static void item(FILE *out, const struct ex_style *s, const char *text) {
    fputs(s->unicode ? "  • " : "  * ", out);
    ex_put(out, s, EX_PLAIN, text);
    fputc('\n', out);
}

/* Which addresses stand in call stacks: one byte each. The root's stands in none. */
static uint8_t *mark_used(const struct ex_report *r) {
    size_t count = 0;
    const struct rec_node *nodes = rec_nodes(r->file, &count, NULL);
    uint8_t *used = calloc(r->frames->address_count + 1, 1);
    for (size_t i = 1; used != NULL && nodes != NULL && i < count; i++)
        if (nodes[i].address < r->frames->address_count) used[nodes[i].address] = 1;
    return used;
}

static struct sight *look(const struct ex_report *r, size_t *count) {
    rec_modules(r->file, count);
    struct sight *sights = calloc(*count + 1, sizeof *sights);
    uint8_t *used = mark_used(r);
    for (size_t a = 0; used != NULL && sights != NULL && a < r->frames->address_count; a++) {
        if (!used[a]) continue;
        size_t frames;
        const uint32_t *ids = an_frames_of(r->frames, (uint32_t)a, &frames);
        if (frames == 0) continue;
        const struct an_frame *outer = &r->frames->frames[ids[frames - 1]];
        const struct an_function *n = &r->frames->functions[outer->function];
        if (n->stopped) continue;
        struct sight *x = &sights[n->module];
        x->addresses++;
        x->without_name += n->name == NULL;
        x->without_line += n->name != NULL && outer->line == 0;
    }
    free(used);
    return sights;
}

/* The run time's own source lines are of use to few, and its frames are folded. */
static int is_run_time(const char *path) {
    struct an_plumbing_facts facts = {.module = an_name_base(path)};
    return an_plumbing_of(&facts) == AN_PLUMBING_RUNTIME;
}

static int put_modules(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    size_t count;
    struct sight *sights = look(r, &count);
    char text[1200], lines[600] = "";
    int said = 0, nameless = 0;
    for (size_t m = 0; sights != NULL && m < count; m++) {
        const char *path = an_name_module(r->frames, (uint32_t)m);
        const struct sight *x = &sights[m];
        if (x->without_name > 0) {
            snprintf(text, sizeof text, "%s: no function names for %zu of %zu code addresses",
                     path != NULL ? path : "code made at run time", x->without_name, x->addresses);
            item(out, s, text);
            said = nameless = 1;
        } else if (x->without_line * 2 > x->addresses && path != NULL && !is_run_time(path)) {
            size_t used = strlen(lines);
            snprintf(lines + used, sizeof lines - used, "%s%s", used > 0 ? ", " : "",
                     an_name_base(path));
        }
    }
    free(sights);
    if (lines[0] != '\0') {
        snprintf(text, sizeof text, "no source lines for %s", lines);
        item(out, s, text);
        said = 1;
    }
    if (said)
        fprintf(out,
                "    To see them: build with -g%s, or install debug symbols (Debian: the -dbgsym\n"
                "    package), or give --debug-dir DIR or --debuginfod to this command.\n",
                nameless ? " and without strip" : "");
    return said;
}

static int put_counter(FILE *out, const struct ex_style *s, uint64_t n, const char *what,
                       const char *why) {
    char text[300];
    if (n == 0) return 0;
    snprintf(text, sizeof text, "%s %s%s %s", ex_count(n).text, what, n == 1 ? "" : "s", why);
    item(out, s, text);
    return 1;
}

/* What another tool's file does not keep. */
static int put_unknown(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_source *source = rec_source(r->file);
    char text[800];
    if (source == NULL) return 0;
    snprintf(text, sizeof text, "not in a file of %s:", source->format);
    int said = 0;
    for (int i = 0; i < REC_KNOWN_COUNT; i++) {
        size_t used = strlen(text);
        if (source->known >> i & 1) continue;
        snprintf(text + used, sizeof text - used, "%s %s", said ? "," : "", an_known_words[i]);
        said = 1;
    }
    if (said) item(out, s, text);
    return said;
}

void ex_text_limits(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_totals *t = rec_totals(r->file);
    const char *damage = rec_damage(r->file);
    fputc('\n', out);
    ex_put(out, s, EX_BOLD, "What could not be seen");
    fputc('\n', out);
    int said = 0;
    if (damage != NULL) {
        item(out, s, damage);
        said = 1;
    }
    said |= put_unknown(out, r, s);
    said |= put_counter(out, s, t->stacks_truncated, "call stack",
                        "without outermost callers: unwinding stopped before them");
    said |= put_counter(out, s, t->stacks_guessed, "call stack",
                        "through code without unwind information, passed by its frame pointer");
    said |= put_counter(out, s, t->unknown_frees, "free", "of blocks older than this recording");
    said |= put_counter(out, s, t->lost_events, "call",
                        "that a killed thread had not finished recording");
    if (t->ended_how == REC_END_DETACHED) {
        item(out, s, "the process went on after the recording ended: what is called a leak may "
                     "have been freed later");
        said = 1;
    }
    said |= put_modules(out, r, s);
    if (!said) fputs("  Nothing: every allocation, every call stack and every name is here.\n", out);
}
