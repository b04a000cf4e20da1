/* SPDX-License-Identifier: MIT
 * Reads times of the command line. See time_argument.h. */
#include "commands/time_argument.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int time_argument_parse(const char *text, uint64_t duration_ms, uint64_t *ms) {
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"", 1}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"min", 6e4}, {"h", 3.6e6}};
    char *end;
    if (!isdigit((unsigned char)text[0]) && text[0] != '.') return -1;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || !(value >= 0)) return -1;
    while (*end == ' ') end++;
    double result = -1;
    if (strcmp(end, "%") == 0) result = value / 100 * (double)duration_ms;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(end, units[i].name) == 0) result = value * units[i].ms;
    if (!(result >= 0) || result > 1e15) return -1;
    *ms = (uint64_t)(result + 0.5);
    return 0;
}
