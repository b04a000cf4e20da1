/* SPDX-License-Identifier: MIT
 * Reads TOML, as far as settings need it: tables, arrays of tables, and keys with a text, a whole
 * number, a number or a truth value each. What is left out (dotted keys, arrays and tables as
 * values, texts of several lines, times) is refused with its line, never misread. Debian has TOML
 * readers for C++ and Rust alone. */
#ifndef HEAPWISE_BASE_TOML_H
#define HEAPWISE_BASE_TOML_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

enum toml_kind { TOML_TEXT, TOML_INTEGER, TOML_NUMBER, TOML_TRUTH };

struct toml_value {
    enum toml_kind kind;
    const char *text; /* as it is written; of a text what it stands for */
    int64_t integer;
    double number;
    int truth;
};

/* What is found, in the order of the file. Each returns 0, or -1 after filling `f`, which ends the
 * reading; the line is put before its words. NULL `table`: keys before the first table. */
struct toml_reader {
    int (*table)(void *context, const char *name, int is_array_entry, struct failure *f);
    int (*key)(void *context, const char *key, const struct toml_value *value, struct failure *f);
    void *context;
};

/* Reads a file of at most 1 MiB. */
int toml_read(const char *path, const struct toml_reader *reader, struct failure *f);

#endif
