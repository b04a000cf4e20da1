/* SPDX-License-Identifier: MIT
 * Reads shares of the command line. See share_argument.h. */
#include "commands/share_argument.h"

#include <stdlib.h>
#include <string.h>

int share_argument_parse(const char *text, double *share) {
    char *end;
    if (text[0] < '0' || text[0] > '9') return -1;
    double value = strtod(text, &end);
    while (*end == ' ')
        end++;
    if (strcmp(end, "%") != 0 || !(value >= 0 && value <= 1e6)) return -1;
    *share = value / 100;
    return 0;
}
