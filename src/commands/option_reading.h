/* SPDX-License-Identifier: MIT
 * What every command says about options that it cannot take. All return -1, after a line on
 * standard error. */
#ifndef HEAPWISE_COMMANDS_OPTION_READING_H
#define HEAPWISE_COMMANDS_OPTION_READING_H

#include <getopt.h>
#include <stddef.h>

#include "export/style.h"

int option_bad(const char *what, const char *text, const char *why);
/* An option that is not in the list; names the one that may have been meant. */
int option_unknown(const char *given, const struct option *options, const char *command);
/* The word of a list (NULL-terminated) that may have been meant, or NULL. */
const char *option_nearest(const char *given, const char *const *words);
/* Reads what --color takes; 0 when it is that. */
int option_colour(const char *text, enum ex_colour_choice *colour);
/* Reads a number; 0 when it is one. */
int option_number(const char *option, const char *text, size_t *n);

#endif
