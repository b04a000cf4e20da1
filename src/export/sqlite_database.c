/* SPDX-License-Identifier: MIT
 * Writes rows into a database. See sqlite_database.h. */
#include "export/sqlite_database.h"

int ex_database_fail(struct ex_database *d) {
    return failure_set(d->f, "cannot write the database: %s", sqlite.errmsg(d->db));
}

int ex_database_run(struct ex_database *d, const char *sql) {
    return sqlite.exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : ex_database_fail(d);
}

sqlite3_stmt *ex_database_prepare(struct ex_database *d, const char *sql) {
    sqlite3_stmt *s = NULL;
    if (sqlite.prepare_v2(d->db, sql, -1, &s, NULL) != SQLITE_OK) ex_database_fail(d);
    return s;
}

void ex_database_number(sqlite3_stmt *s, int at, uint64_t n) {
    if (n == AN_UNKNOWN)
        sqlite.bind_null(s, at);
    else
        sqlite.bind_int64(s, at, n > INT64_MAX ? INT64_MAX : (sqlite3_int64)n);
}

void ex_database_text(sqlite3_stmt *s, int at, const char *text) {
    if (text != NULL) sqlite.bind_text(s, at, text, -1, SQLITE_STATIC);
}

int ex_database_insert(struct ex_database *d, sqlite3_stmt *s) {
    int failed = sqlite.step(s) != SQLITE_DONE;
    if (failed) ex_database_fail(d);
    sqlite.reset(s);
    sqlite.clear_bindings(s);
    return failed ? -1 : 0;
}
