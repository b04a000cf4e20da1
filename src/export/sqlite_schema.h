/* SPDX-License-Identifier: MIT
 * What an exported SQLite database looks like; docs/exports.md tells what each table and view is
 * for. The views are made when the tables are full. */
#ifndef HEAPWISE_EXPORT_SQLITE_SCHEMA_H
#define HEAPWISE_EXPORT_SQLITE_SCHEMA_H

extern const char ex_sqlite_tables[], ex_sqlite_views[];

#endif
