/* SPDX-License-Identifier: MIT
 * An SQLite database: tables of functions, frames, stacks and sites as in the compact JSON, and
 * views for the usual questions. docs/exports.md is the specification of both.
 *
 * What a function and all below it come to (`function_costs`) is worked out here: in SQL it would
 * be a recursive query over all stacks. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "export/export.h"
#include "export/row_walk.h"
#include "export/site_columns.h"
#include "export/sqlite_database.h"
#include "export/sqlite_schema.h"
#include "export/totals.h"
#include "recording/reader.h"

static int put_fact(struct ex_database *d, sqlite3_stmt *s, const char *name, uint64_t value) {
    ex_database_text(s, 1, name);
    ex_database_number(s, 2, value);
    return ex_database_insert(d, s);
}

static int put_text_fact(struct ex_database *d, sqlite3_stmt *s, const char *name,
                         const char *value) {
    ex_database_text(s, 1, name);
    ex_database_text(s, 2, value);
    return ex_database_insert(d, s);
}

static int put_command(struct ex_database *d, sqlite3_stmt *s) {
    const char *const *word = rec_process(d->e->file)->command;
    char *line = NULL;
    size_t size;
    FILE *text = open_memstream(&line, &size);
    if (text == NULL) return failure_set(d->f, "cannot write the command: out of memory");
    for (int i = 0; word != NULL && word[i] != NULL; i++)
        fprintf(text, "%s%s", i > 0 ? " " : "", word[i]);
    int failed = fclose(text) != 0 || put_text_fact(d, s, "command", line) != 0;
    free(line);
    return failed ? -1 : 0;
}

static int put_facts(struct ex_database *d) {
    const struct rec_process *p = rec_process(d->e->file);
    struct ex_report report = {.file = d->e->file,
                               .profile = d->e->profile,
                               .suppressions = d->e->suppressions,
                               .is_part = d->e->is_part};
    struct rec_totals t = ex_totals(&report);
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"schema", 1},
        {"pid", p->pid},
        {"start_unix_ns", p->start_unix_ns},
        {"from_ms", d->e->profile->from_tick},
        {"to_ms", d->e->profile->to_tick},
        {"allocations", t.allocations},
        {"frees", t.frees},
        {"reallocations", t.reallocations},
        {"failed", t.failed},
        {"allocated_bytes", t.allocated_bytes},
        {"freed_bytes", t.freed_bytes},
        {"temporary", t.temporary},
        {"temporary_bytes", t.temporary_bytes},
        {"leaked_blocks", t.leaked_blocks},
        {"leaked_bytes", t.leaked_bytes},
        {"suppressed_blocks", d->e->suppressions != NULL ? d->e->suppressions->blocks : 0},
        {"suppressed_bytes", d->e->suppressions != NULL ? d->e->suppressions->bytes : 0},
        {"peak_bytes", t.peak_bytes},
        {"peak_blocks", t.peak_blocks},
        {"peak_time_ms", t.peak_tick},
        {"duration_ms", t.duration_ms},
        {"peak_rss_bytes", t.peak_rss_bytes},
        {"events", t.events},
    };
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO facts VALUES (?, ?)");
    if (s == NULL) return -1;
    int failed = put_text_fact(d, s, "generator", "heapwise " HEAPWISE_VERSION) ||
                 put_text_fact(d, s, "recording", d->e->path) ||
                 put_text_fact(d, s, "executable", p->executable) || put_command(d, s) ||
                 put_text_fact(d, s, "question", d->e->range_words) ||
                 put_text_fact(d, s, "filters", d->e->filter_words);
    for (size_t i = 0; !failed && i < sizeof numbers / sizeof numbers[0]; i++)
        failed = put_fact(d, s, numbers[i].name, numbers[i].value);
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

#define PLACE(name, what) "?, "

static int put_sites(struct ex_database *d, const uint8_t *plumbing) {
    sqlite3_stmt *s =
        ex_database_prepare(d, "INSERT INTO sites VALUES (?, " EX_SITE_COLUMNS(PLACE) "?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < d->e->sites.count; i++) {
        const struct ex_site *x = &d->e->sites.list[i];
        struct an_costs t = ex_site_totals(&d->e->sites, x);
        if (d->e->cost >= 0 && an_cost_of(&t, (enum an_cost)d->e->cost).main == 0) continue;
        int at = 1;
        ex_database_number(s, at++, x->row);
#define BIND(name, what)                                                                           \
    ex_database_number(s, at++, rec_knows(d->e->file, what) ? t.name : AN_UNKNOWN);
        EX_SITE_COLUMNS(BIND)
#undef BIND
        ex_database_number(s, at, ex_site_own_row(&d->e->sites, plumbing, x->row));
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

/* One cost of each function: its own, and with all below it, every stack counted once. */
static int put_cost(struct ex_database *d, sqlite3_stmt *s, enum an_cost cost, uint64_t *own,
                    uint64_t *total, uint32_t *passed) {
    size_t functions = d->e->frames->function_count;
    struct ex_row_walk walk;
    uint32_t row;
    int failed = 0;
    if (ex_row_walk_init(&walk, &d->e->sites, cost, d->f) != 0) return -1;
    memset(own, 0, functions * sizeof *own);
    memset(total, 0, functions * sizeof *total);
    for (enum ex_walk_step step; (step = ex_row_walk_next(&walk, &row)) != EX_WALK_DONE;) {
        uint32_t n = walk.rows[row].function;
        if (step == EX_WALK_LEAVE) {
            passed[n]--;
            continue;
        }
        own[n] += walk.own[row];
        if (passed[n]++ == 0) total[n] += walk.total[row];
    }
    for (uint32_t n = 0; !failed && n < functions; n++) {
        if (total[n] == 0) continue;
        ex_database_number(s, 1, n);
        ex_database_text(s, 2, an_cost_name(cost));
        ex_database_number(s, 3, own[n]);
        ex_database_number(s, 4, total[n]);
        failed = ex_database_insert(d, s);
    }
    ex_row_walk_release(&walk);
    return failed;
}

static int put_function_costs(struct ex_database *d) {
    size_t functions = d->e->frames->function_count + 1;
    uint64_t *own = malloc(functions * sizeof *own), *total = malloc(functions * sizeof *total);
    uint32_t *passed = calloc(functions, sizeof *passed);
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO function_costs VALUES (?, ?, ?, ?)");
    int failed = s == NULL;
    if (own == NULL || total == NULL || passed == NULL)
        failed = failure_set(d->f, "cannot add up functions: out of memory");
    for (int cost = 0; !failed && cost < AN_COSTS; cost++)
        if (ex_cost_is_asked(d->e, (enum an_cost)cost))
            failed = put_cost(d, s, (enum an_cost)cost, own, total, passed);
    sqlite.finalize(s);
    free(own);
    free(total);
    free(passed);
    return failed ? -1 : 0;
}

static int put_timeline(struct ex_database *d) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(d->e->file, &count);
    sqlite3_stmt *s =
        ex_database_prepare(d, "INSERT OR REPLACE INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        const struct rec_time_point *p = &points[i];
        const uint64_t columns[] = {p->tick,       p->live_bytes,  p->live_blocks,
                                    p->peak_bytes, p->allocations, p->allocated_bytes,
                                    p->rss_bytes};
        for (int k = 0; k < 7; k++)
            ex_database_number(s, k + 1, columns[k]);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

/* Bucket b holds the values of b bits. */
static int put_histogram(struct ex_database *d, const char *sql, const struct rec_histogram *h) {
    sqlite3_stmt *s = ex_database_prepare(d, sql);
    int failed = s == NULL;
    for (int b = 0; !failed && b < REC_HISTOGRAM_BUCKETS; b++) {
        if (h->count[b] == 0) continue;
        ex_database_number(s, 1, b == 0 ? 0 : 1ull << (b - 1));
        ex_database_number(s, 2, b == 0 ? 0 : b < 63 ? (1ull << b) - 1 : INT64_MAX);
        ex_database_number(s, 3, h->count[b]);
        ex_database_number(s, 4, h->bytes[b]);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

static int fill(struct ex_database *d, const uint8_t *plumbing) {
    /* The file is nobody's until it is whole, and thrown away otherwise. */
    if (ex_database_run(
            d,
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
            "BEGIN") != 0 ||
        ex_database_run(d, ex_sqlite_tables) != 0)
        return -1;
    int failed = put_facts(d) || ex_database_names(d, plumbing) || put_sites(d, plumbing) ||
                 put_function_costs(d);
    if (!failed && rec_source(d->e->file) == NULL)
        failed = put_timeline(d) ||
                 put_histogram(d, "INSERT INTO sizes VALUES (?, ?, ?, ?)", rec_sizes(d->e->file)) ||
                 put_histogram(d, "INSERT INTO lifetimes_ms VALUES (?, ?, ?, ?)",
                               rec_lifetimes(d->e->file));
    return failed || ex_database_run(d, ex_sqlite_views) != 0 ||
                   ex_database_run(d, "COMMIT; ANALYZE") != 0
               ? -1
               : 0;
}

int ex_sqlite(const char *path, struct ex_export *e, struct failure *f) {
    struct ex_database d = {.e = e, .f = f};
    if (sqlite_library_load(f) != 0) return -1;
    uint8_t *plumbing = an_plumbing_build(e->frames);
    if (plumbing == NULL) return failure_set(f, "cannot list functions: out of memory");
    int failed = sqlite.open(path, &d.db) != SQLITE_OK ? ex_database_fail(&d) : fill(&d, plumbing);
    if (sqlite.close(d.db) != SQLITE_OK && !failed) failed = ex_database_fail(&d);
    free(plumbing);
    return failed;
}
