/* SPDX-License-Identifier: MIT
 * The tables of an exported database that name things. See sqlite_database.h. */
#include <stdio.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "export/sqlite_database.h"
#include "recording/reader.h"

static int put_modules(struct ex_database *d) {
    size_t count;
    const struct rec_module *modules = rec_modules(d->e->file, &count);
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO modules VALUES (?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 1; !failed && i < count; i++) {
        char build_id[2 * REC_BUILD_ID_MAX + 1] = "";
        for (uint32_t k = 0; k < modules[i].build_id_length && k < REC_BUILD_ID_MAX; k++)
            snprintf(build_id + 2 * k, 3, "%02x", modules[i].build_id[k]);
        ex_database_number(s, 1, i);
        ex_database_text(s, 2, modules[i].path);
        ex_database_text(s, 3, build_id[0] != '\0' ? build_id : NULL);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

static int put_threads(struct ex_database *d) {
    size_t count;
    const struct rec_thread *threads = rec_threads(d->e->file, &count);
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO threads VALUES (?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        char name[sizeof threads[i].name + 1] = "";
        memcpy(name, threads[i].name, sizeof threads[i].name);
        ex_database_number(s, 1, i);
        ex_database_number(s, 2, threads[i].tid);
        ex_database_text(s, 3, name);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

static int put_functions(struct ex_database *d, const uint8_t *plumbing) {
    const struct an_frames *t = d->e->frames;
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO functions VALUES (?, ?, ?, ?, ?, ?)");
    int failed = s == NULL;
    for (uint32_t i = 0; !failed && i < t->function_count; i++) {
        const struct an_function *n = &t->functions[i];
        ex_database_number(s, 1, i);
        ex_database_text(s, 2, ex_function_label(d->e, i));
        ex_database_text(s, 3, n->name);
        ex_database_text(s, 4, n->file);
        ex_database_number(s, 5, n->module != 0 ? n->module : AN_UNKNOWN);
        ex_database_number(s, 6, plumbing[i] != AN_PLUMBING_NONE);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

static int put_frames(struct ex_database *d) {
    const struct an_frames *t = d->e->frames;
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO frames VALUES (?, ?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < t->frame_count; i++) {
        ex_database_number(s, 1, i);
        ex_database_number(s, 2, t->frames[i].function);
        ex_database_number(s, 3, t->frames[i].line != 0 ? t->frames[i].line : AN_UNKNOWN);
        ex_database_number(s, 4, t->frames[i].inlined);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

/* Stack 0 is the one without frames; its caller and frame are NULL. */
static int put_stacks(struct ex_database *d) {
    const struct an_stack_tree *t = &d->e->sites.stacks;
    sqlite3_stmt *s = ex_database_prepare(d, "INSERT INTO stacks VALUES (?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < t->row_count; i++) {
        ex_database_number(s, 1, i);
        ex_database_number(s, 2, i > 0 ? t->rows[i].parent : AN_UNKNOWN);
        ex_database_number(s, 3, i > 0 ? t->rows[i].frame : AN_UNKNOWN);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

static int put_marks(struct ex_database *d) {
    size_t count, threads;
    const struct rec_mark *marks = rec_marks(d->e->file, &count);
    rec_threads(d->e->file, &threads);
    sqlite3_stmt *s =
        ex_database_prepare(d, "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int failed = s == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        const struct rec_mark *m = &marks[i];
        const uint64_t columns[] = {m->tick,
                                    m->event,
                                    m->thread < threads ? m->thread : AN_UNKNOWN,
                                    m->live_bytes,
                                    m->live_blocks,
                                    m->allocations,
                                    m->allocated_bytes,
                                    m->has_snapshot != 0};
        ex_database_number(s, 1, i + 1);
        ex_database_text(s, 2, m->name);
        for (int k = 0; k < 8; k++)
            ex_database_number(s, k + 3, columns[k]);
        failed = ex_database_insert(d, s);
    }
    sqlite.finalize(s);
    return failed ? -1 : 0;
}

int ex_database_names(struct ex_database *d, const uint8_t *plumbing) {
    return put_modules(d) || put_threads(d) || put_functions(d, plumbing) || put_frames(d) ||
                   put_stacks(d) || put_marks(d)
               ? -1
               : 0;
}
