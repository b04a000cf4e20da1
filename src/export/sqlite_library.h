/* SPDX-License-Identifier: MIT
 * The functions of SQLite that the export calls, without their prefix sqlite3_. They are there once
 * sqlite_library_load has succeeded. */
#ifndef HEAPWISE_EXPORT_SQLITE_LIBRARY_H
#define HEAPWISE_EXPORT_SQLITE_LIBRARY_H

#include <sqlite3.h>

#include "base/failure.h"

struct sqlite_library {
    __typeof__(sqlite3_open) *open;
    __typeof__(sqlite3_close) *close;
    __typeof__(sqlite3_errmsg) *errmsg;
    __typeof__(sqlite3_exec) *exec;
    __typeof__(sqlite3_prepare_v2) *prepare_v2;
    __typeof__(sqlite3_step) *step;
    __typeof__(sqlite3_reset) *reset;
    __typeof__(sqlite3_finalize) *finalize;
    __typeof__(sqlite3_clear_bindings) *clear_bindings;
    __typeof__(sqlite3_bind_int64) *bind_int64;
    __typeof__(sqlite3_bind_null) *bind_null;
    __typeof__(sqlite3_bind_text) *bind_text;
};

extern struct sqlite_library sqlite;

int sqlite_library_load(struct failure *f);

#endif
