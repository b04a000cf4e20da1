/* SPDX-License-Identifier: MIT
 * SQLite, loaded when a database is written. See sqlite_library.h. */
#include "export/sqlite_library.h"

#include "base/late_library.h"

struct sqlite_library sqlite;

int sqlite_library_load(struct failure *f) {
    static const struct late_function functions[] = {
        {"sqlite3_open", &sqlite.open},
        {"sqlite3_close", &sqlite.close},
        {"sqlite3_errmsg", &sqlite.errmsg},
        {"sqlite3_exec", &sqlite.exec},
        {"sqlite3_prepare_v2", &sqlite.prepare_v2},
        {"sqlite3_step", &sqlite.step},
        {"sqlite3_reset", &sqlite.reset},
        {"sqlite3_finalize", &sqlite.finalize},
        {"sqlite3_clear_bindings", &sqlite.clear_bindings},
        {"sqlite3_bind_int64", &sqlite.bind_int64},
        {"sqlite3_bind_null", &sqlite.bind_null},
        {"sqlite3_bind_text", &sqlite.bind_text},
    };
    return late_library_load("libsqlite3.so.0", functions, sizeof functions / sizeof functions[0],
                             f);
}
