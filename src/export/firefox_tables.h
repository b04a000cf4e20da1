/* SPDX-License-Identifier: MIT
 * The tables of a Firefox profile that name things: libraries, functions, frames, stacks, marks.
 * Each table is an object of columns of one length.
 *
 * Texts stand in one array and are named by their places: names of functions, then those of
 * modules, then the two kinds of marks, then files. */
#ifndef HEAPWISE_EXPORT_FIREFOX_TABLES_H
#define HEAPWISE_EXPORT_FIREFOX_TABLES_H

#include "export/export.h"
#include "export/json_text.h"

/* A column that has one value in all its rows. */
void ex_firefox_constants(struct ex_json *j, const char *key, const char *value, size_t count);
/* The number in row `i` of a column. */
void ex_firefox_item(struct ex_json *j, size_t i, int64_t n);

void ex_firefox_stacks(struct ex_json *j, const struct ex_export *e);
void ex_firefox_frames(struct ex_json *j, const struct ex_export *e);
void ex_firefox_resources(struct ex_json *j, const struct ex_export *e);
void ex_firefox_libs(struct ex_json *j, const struct ex_export *e);
/* The functions, and the array of all texts. */
int ex_firefox_functions(struct ex_json *j, struct ex_export *e, struct failure *f);

/* Marks of the program, and how they are to be shown. */
void ex_firefox_markers(struct ex_json *j, const struct ex_export *e);
void ex_firefox_marker_schema(struct ex_json *j);

#endif
