/* SPDX-License-Identifier: MIT
 * A database that is being written: rows go through prepared statements, and the first failure is
 * kept. */
#ifndef HEAPWISE_EXPORT_SQLITE_DATABASE_H
#define HEAPWISE_EXPORT_SQLITE_DATABASE_H

#include "export/export.h"
#include "export/sqlite_library.h"

struct ex_database {
    sqlite3 *db;
    struct ex_export *e;
    struct failure *f;
};

/* Fills in the failure with what SQLite says; -1. */
int ex_database_fail(struct ex_database *d);
int ex_database_run(struct ex_database *d, const char *sql);
/* NULL: failed. */
sqlite3_stmt *ex_database_prepare(struct ex_database *d, const char *sql);
/* A number that is not known is NULL. Numbers beyond what SQLite can hold are its largest. */
void ex_database_number(sqlite3_stmt *s, int at, uint64_t n);
/* NULL stays NULL. */
void ex_database_text(sqlite3_stmt *s, int at, const char *text);
/* Inserts what has been bound. */
int ex_database_insert(struct ex_database *d, sqlite3_stmt *s);

/* The tables that name things: modules, threads, functions, frames, stacks, marks. */
int ex_database_names(struct ex_database *d, const uint8_t *plumbing);

#endif
