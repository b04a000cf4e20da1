/* SPDX-License-Identifier: MIT
 * Reads and refuses options. See option_reading.h. */
#include "commands/option_reading.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int option_bad(const char *what, const char *text, const char *why) {
    fprintf(stderr, "heapwise: %s '%s': %s\n", what, text, why);
    return -1;
}

#define WORD_MAX 32

/* How many letters must be changed, added, removed or swapped with their neighbour to turn one word
 * into the other. */
static size_t distance(const char *a, const char *b) {
    size_t d[WORD_MAX + 1][WORD_MAX + 1], a_length = strlen(a), b_length = strlen(b);
    if (a_length > WORD_MAX || b_length > WORD_MAX) return SIZE_MAX;
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            size_t least = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < least) least = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < least) least = d[i][j - 1] + 1;
            int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && d[i - 2][j - 2] + 1 < least) least = d[i - 2][j - 2] + 1;
            d[i][j] = least;
        }
    }
    return d[a_length][b_length];
}

/* Few letters of a short word may differ, more of a long one. */
static int is_near(size_t distance, const char *given) {
    return distance <= 1 + strlen(given) / 3;
}

const char *option_nearest(const char *given, const char *const *words) {
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (; *words != NULL; words++) {
        size_t d = distance(given, *words);
        if (d < best) best = d, nearest = *words;
    }
    return nearest != NULL && is_near(best, given) ? nearest : NULL;
}

int option_unknown(const char *given, const struct option *options, const char *command) {
    char name[64];
    size_t best = SIZE_MAX;
    const char *nearest = NULL;
    const char *start = given + strspn(given, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    for (const struct option *o = options; o->name != NULL; o++) {
        size_t d = distance(name, o->name);
        if (d < best) {
            best = d;
            nearest = o->name;
        }
    }
    if (nearest != NULL && is_near(best, name))
        fprintf(stderr, "heapwise: unknown option '%s': did you mean --%s?\n", given, nearest);
    else
        fprintf(stderr, "heapwise: unknown option '%s': see heapwise %s --help\n", given, command);
    return -1;
}

int option_number(const char *option, const char *text, size_t *n) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        return option_bad(option, text, "not a number");
    *n = value;
    return 0;
}

int option_colour(const char *text, enum ex_colour_choice *colour) {
    if (strcmp(text, "auto") == 0)
        *colour = EX_COLOUR_AUTO;
    else if (strcmp(text, "always") == 0)
        *colour = EX_COLOUR_ALWAYS;
    else if (strcmp(text, "never") == 0)
        *colour = EX_COLOUR_NEVER;
    else
        return option_bad("--color", text, "must be auto, always or never");
    return 0;
}
