/* SPDX-License-Identifier: MIT
 * The tables and views of an exported database. See sqlite_schema.h. */
#include "export/sqlite_schema.h"

#include "export/site_columns.h"

/* clang-format off: SQL has a shape of its own */
#define INTEGER_COLUMN(name, what) #name " INTEGER, "
#define SUM_COLUMN(name, what) "sum(" #name ") AS " #name ", "

const char ex_sqlite_tables[] =
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE modules (id INTEGER PRIMARY KEY, path TEXT, build_id TEXT);"
    "CREATE TABLE threads (id INTEGER PRIMARY KEY, tid INTEGER, name TEXT);"
    "CREATE TABLE marks (id INTEGER PRIMARY KEY, name TEXT, time_ms INTEGER, event INTEGER,"
    "  thread INTEGER REFERENCES threads, live_bytes INTEGER, live_blocks INTEGER,"
    "  allocations INTEGER, allocated_bytes INTEGER, snapshot INTEGER);"
    "CREATE TABLE functions (id INTEGER PRIMARY KEY, name TEXT, symbol TEXT, file TEXT,"
    "  module INTEGER REFERENCES modules, is_plumbing INTEGER);"
    "CREATE TABLE frames (id INTEGER PRIMARY KEY, function INTEGER REFERENCES functions,"
    "  line INTEGER, inlined INTEGER);"
    "CREATE TABLE stacks (id INTEGER PRIMARY KEY, caller INTEGER REFERENCES stacks,"
    "  frame INTEGER REFERENCES frames);"
    "CREATE TABLE sites (stack INTEGER PRIMARY KEY REFERENCES stacks, " EX_SITE_COLUMNS(
        INTEGER_COLUMN) "own_stack INTEGER REFERENCES stacks);"
                        "CREATE TABLE function_costs (function INTEGER REFERENCES functions, cost "
                        "TEXT, own INTEGER,"
                        "  total INTEGER, PRIMARY KEY (cost, function)) WITHOUT ROWID;"
                        "CREATE TABLE timeline (time_ms INTEGER PRIMARY KEY, live_bytes INTEGER, "
                        "live_blocks INTEGER,"
                        "  peak_bytes INTEGER, allocations INTEGER, allocated_bytes INTEGER, "
                        "rss_bytes INTEGER);"
                        "CREATE TABLE sizes (min INTEGER PRIMARY KEY, max INTEGER, blocks INTEGER, "
                        "bytes INTEGER);"
                        "CREATE TABLE lifetimes_ms (min INTEGER PRIMARY KEY, max INTEGER, blocks "
                        "INTEGER,"
                        "  bytes INTEGER);";

const char ex_sqlite_views[] =
    "CREATE VIEW site AS"
    "  SELECT s.*, n.name AS function, n.file AS file, f.line AS line, m.path AS module"
    "  FROM sites s LEFT JOIN stacks k ON k.id = s.own_stack LEFT JOIN frames f ON f.id = k.frame"
    "  LEFT JOIN functions n ON n.id = f.function LEFT JOIN modules m ON m.id = n.module;"
    "CREATE VIEW by_function AS"
    "  SELECT " EX_SITE_COLUMNS(SUM_COLUMN) "count(*) AS sites, function, module"
    "  FROM site GROUP BY function, module;"
    "CREATE VIEW by_line AS"
    "  SELECT " EX_SITE_COLUMNS(SUM_COLUMN) "count(*) AS sites, function, file, line"
    "  FROM site GROUP BY function, file, line;"
    "CREATE VIEW by_module AS"
    "  SELECT " EX_SITE_COLUMNS(SUM_COLUMN) "count(*) AS sites, module FROM site GROUP BY module;"
    "CREATE VIEW peak AS"
    "  SELECT peak_bytes, peak_blocks, function, file, line, module, stack FROM site"
    "  WHERE peak_bytes > 0 ORDER BY peak_bytes DESC;"
    "CREATE VIEW leaks AS"
    "  SELECT leaked_bytes, leaked_blocks, function, file, line, module, stack FROM site"
    "  WHERE leaked_bytes > 0 ORDER BY leaked_bytes DESC;"
    "CREATE VIEW churn AS"
    "  SELECT temporary, temporary_bytes, allocations, function, file, line, module, stack FROM site"
    "  WHERE temporary > 0 ORDER BY temporary DESC;"
    "CREATE VIEW through AS"
    "  SELECT c.cost, c.total, c.own, n.name AS function, m.path AS module"
    "  FROM function_costs c JOIN functions n ON n.id = c.function"
    "  LEFT JOIN modules m ON m.id = n.module ORDER BY c.cost, c.total DESC;";
