/* SPDX-License-Identifier: MIT
 * The head of the text report: which process it was, how it ended, and what its heap came to. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "export/report_output.h"
#include "export/totals.h"

static void fact(FILE *out, const struct ex_style *s, const char *name) {
    fputs("  ", out);
    ex_put(out, s, EX_DIM, name);
    ex_put_spaces(out, 12 - strlen(name));
}

/* An argument as one could type it into a shell. Files of other tools do not tell where an argument
 * begins or ends, so theirs are shown as they are. */
static void put_argument(FILE *out, const struct ex_style *s, const char *argument, int as_it_is) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+=:,./@%^";
    if (as_it_is || (argument[0] != '\0' && strspn(argument, safe) == strlen(argument))) {
        ex_put(out, s, EX_BOLD, argument);
        return;
    }
    ex_put(out, s, EX_BOLD, "'");
    ex_put(out, s, EX_BOLD, argument);
    ex_put(out, s, EX_BOLD, "'");
}

static void put_command(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_process *p = rec_process(r->file);
    size_t room = 2 * s->width, used = 0, left = 0;
    if (p->source != NULL && p->command[0] == NULL) return;
    fact(out, s, "command");
    for (size_t i = 0; p->command != NULL && p->command[i] != NULL; i++) {
        size_t columns = ex_columns(s, p->command[i]) + 1;
        if (!r->all_frames && i > 0 && used + columns > room) {
            left++;
            continue;
        }
        if (i > 0) fputc(' ', out);
        put_argument(out, s, p->command[i], p->source != NULL);
        used += columns;
    }
    if (left > 0) fprintf(out, " %s%zu more", ex_glyphs(s)->more, left);
    fputc('\n', out);
}

static void put_process(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_process *p = rec_process(r->file);
    char when[40] = "";
    time_t start = (time_t)(p->start_unix_ns / 1000000000u);
    struct tm local;
    if (p->start_unix_ns > 0 && localtime_r(&start, &local) != NULL)
        strftime(when, sizeof when, ", began %Y-%m-%d %H:%M:%S", &local);
    if (p->pid == 0 && p->source != NULL) return;
    fact(out, s, "process");
    fprintf(out, "%" PRIu32, p->pid);
    if (p->host != NULL && p->host[0] != '\0') {
        fputs(" on ", out);
        ex_put(out, s, EX_PLAIN, p->host);
    }
    fputs(when, out);
    if (p->forked) fprintf(out, ", forked from %" PRIu32, p->parent_pid);
    fputc('\n', out);
}

/* Of an imported file: which one it is, and that it does not tell everything. */
static void put_source(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_source *source = rec_source(r->file);
    if (source == NULL) return;
    fact(out, s, "format");
    ex_put(out, s, EX_WARN, source->format);
    if (source->generator[0] != '\0') {
        fputs(", written by ", out);
        ex_put(out, s, EX_PLAIN, source->generator);
    }
    if (source->is_sampled) fputs("; sampled: the figures are estimates", out);
    fputc('\n', out);
}

static void put_end(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const struct rec_totals *t = rec_totals(r->file);
    struct ex_quantity duration = ex_duration(t->duration_ms);
    if (rec_source(r->file) != NULL) {
        if (!rec_knows(r->file, REC_KNOWS_TIME)) return;
        fact(out, s, "lasted");
        fprintf(out, "%s\n", duration.text);
        return;
    }
    fact(out, s, "ended");
    fprintf(out, "after %s", duration.text);
    switch (t->ended_how) {
    case REC_END_EXIT: fprintf(out, ", exit status %" PRIu64, t->exit_status); break;
    case REC_END_SIGNAL: {
        const char *name = sigabbrev_np((int)t->ended_by_signal);
        fputs(", ", out);
        ex_put(out, s, EX_WARN, "killed by signal ");
        fprintf(out, "%" PRIu64 " (SIG%s)", t->ended_by_signal, name != NULL ? name : "?");
        break;
    }
    case REC_END_EXEC: fputs(" by running another program in its place (exec)", out); break;
    case REC_END_DETACHED: fputs(" of listening; the process went on", out); break;
    default: fputs("; how is not known", out);
    }
    fprintf(out, "%s%s thread%s\n", ex_glyphs(s)->dot, ex_count(t->threads).text,
            t->threads == 1 ? "" : "s");
}

/* For a column that has no figure in a row. */
#define NO_FIGURE (AN_UNKNOWN - 1)

static void total(FILE *out, const struct ex_style *s, const char *name, uint64_t blocks,
                  uint64_t bytes, const char *remark) {
    struct ex_quantity b = ex_count(blocks), size = ex_size(bytes, s->sizes);
    fact(out, s, name);
    fprintf(out, "%15s  ", blocks == NO_FIGURE ? "" : blocks == AN_UNKNOWN ? "not known" : b.text);
    const char *amount = bytes == NO_FIGURE ? "" : bytes == AN_UNKNOWN ? "not known" : size.text;
    ex_put_spaces(out, strlen(amount) < 18 ? 18 - strlen(amount) : 0);
    ex_put(out, s, bytes == AN_UNKNOWN ? EX_PLAIN : EX_AMOUNT, amount);
    if (remark[0] != '\0') {
        fputs("  ", out);
        ex_put(out, s, EX_DIM, remark);
    }
    fputc('\n', out);
}

static void put_totals(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    struct rec_totals t = ex_totals(r);
    char remark[120];
    int peak_time = t.peak_bytes > 0 && t.peak_bytes != AN_UNKNOWN;
    int rate = t.duration_ms > 0 && t.duration_ms != AN_UNKNOWN && t.allocations != AN_UNKNOWN;
    fact(out, s, "");
    ex_put(out, s, EX_DIM, "         blocks               bytes");
    fputc('\n', out);
    if (t.peak_tick != AN_UNKNOWN)
        snprintf(remark, sizeof remark, "alive at once, at %s", ex_duration(t.peak_tick).text);
    else
        snprintf(remark, sizeof remark, "alive at once");
    total(out, s, "peak", t.peak_blocks, t.peak_bytes, peak_time ? remark : "");
    total(out, s, "leaked", t.leaked_blocks, t.leaked_bytes,
          t.leaked_bytes > 0 && t.leaked_bytes != AN_UNKNOWN ? ex_leaked_words(r) : "");
    if (r->suppressions != NULL && r->suppressions->blocks > 0)
        total(out, s, "suppressed", r->suppressions->blocks, r->suppressions->bytes,
              "leaks that rules take off");
    snprintf(remark, sizeof remark, "%s a second",
             ex_count(t.allocations * 1000 / (t.duration_ms ? t.duration_ms : 1)).text);
    total(out, s, "allocated", t.allocations, t.allocated_bytes, rate ? remark : "");
    total(out, s, "freed", t.frees, t.freed_bytes, "");
    if (t.reallocations > 0 && t.reallocations != AN_UNKNOWN)
        total(out, s, "reallocated", t.reallocations, NO_FIGURE, "counted in both");
    snprintf(remark, sizeof remark, "%s of all allocations", ex_share(t.temporary, t.allocations).text);
    total(out, s, "temporary", t.temporary, t.temporary_bytes,
          t.temporary > 0 && t.temporary != AN_UNKNOWN ? remark : "");
    if (t.failed > 0 && t.failed != AN_UNKNOWN)
        total(out, s, "failed", t.failed, NO_FIGURE, "returned NULL");
    if (t.peak_rss_bytes > 0 && t.peak_rss_bytes != AN_UNKNOWN && !r->is_part)
        total(out, s, "resident", NO_FIGURE, t.peak_rss_bytes,
              "of the whole process at most (RSS)");
}

void ex_text_facts(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    const char *damage = rec_damage(r->file);
    put_command(out, r, s);
    put_process(out, r, s);
    put_end(out, r, s);
    fact(out, s, rec_source(r->file) == NULL ? "recording" : "file");
    ex_put(out, s, EX_PLAIN, r->path);
    fputc('\n', out);
    put_source(out, r, s);
    if (r->question != NULL) {
        fact(out, s, "shown");
        ex_put(out, s, EX_WARN, r->question);
        fputc('\n', out);
    }
    if (r->filters != NULL) {
        fact(out, s, "filters");
        ex_put(out, s, EX_WARN, r->filters);
        ex_put(out, s, EX_DIM, " (in the sections below; not in these totals)");
        fputc('\n', out);
    }
    if (damage != NULL) {
        fact(out, s, "damaged");
        ex_put(out, s, EX_WARN, damage);
        fputc('\n', out);
    }
    fputc('\n', out);
    put_totals(out, r, s);
}
