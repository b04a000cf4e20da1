/* SPDX-License-Identifier: MIT
 * Reads sizes of the command line. See size_argument.h. */
#include "commands/size_argument.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How far the unit shifts, or -1 when it is none. */
static int unit_shift(const char *unit) {
    static const char letters[] = "kmgt";
    if (unit[0] == '\0' || strcasecmp(unit, "b") == 0) return 0;
    const char *letter = strchr(letters, tolower((unsigned char)unit[0]));
    if (letter == NULL) return -1;
    const char *rest = unit + 1;
    if (rest[0] != '\0' && strcasecmp(rest, "b") != 0 && strcasecmp(rest, "ib") != 0) return -1;
    return 10 * (int)(letter - letters + 1);
}

int size_argument_parse(const char *text, uint64_t *bytes) {
    char *end;
    if (!isdigit((unsigned char)text[0]) && text[0] != '.') return -1;
    errno = 0;
    unsigned long long whole = strtoull(text, &end, 10);
    int is_whole = end != text && *end != '.';
    long double value = is_whole ? (long double)whole : strtold(text, &end);
    if (errno != 0 || end == text) return -1;
    while (*end == ' ') end++;
    int shift = unit_shift(end);
    if (shift < 0) return -1;
    value *= (long double)(1ull << shift);
    if (!(value >= 0) || value >= 18446744073709551615.0L) return -1;
    *bytes = (uint64_t)(value + 0.5L);
    return 0;
}
