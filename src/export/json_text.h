/* SPDX-License-Identifier: MIT
 * The pieces of JSON: strings that are valid whatever bytes they hold, and members of objects.
 *
 * Members are written with a comma before all but the first of their object or array; `first` of a
 * struct ex_json tells which that is. */
#ifndef HEAPWISE_EXPORT_JSON_TEXT_H
#define HEAPWISE_EXPORT_JSON_TEXT_H

#include <stdint.h>
#include <stdio.h>

struct ex_json {
    FILE *out;
    int first; /* 1: nothing has been written yet into the innermost object or array */
};

/* A string in quotes; bytes that are no UTF-8 become U+FFFD. NULL gives null. */
void ex_json_string(FILE *out, const char *text);

/* Begins a member (key) or, with key NULL, an element, up to its value. */
void ex_json_next(struct ex_json *j, const char *key);
void ex_json_open(struct ex_json *j, const char *key, char bracket);
void ex_json_close(struct ex_json *j, char bracket);
void ex_json_text(struct ex_json *j, const char *key, const char *text);
void ex_json_number(struct ex_json *j, const char *key, uint64_t n);
void ex_json_bool(struct ex_json *j, const char *key, int is_true);
void ex_json_null(struct ex_json *j, const char *key);

#endif
