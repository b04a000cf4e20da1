/* SPDX-License-Identifier: MIT
 * Demangles and shortens the names on its standard input: name_probe [WIDTH]. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbols.h"

int main(int argc, char **argv) {
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
        if (line[length - 1] == '\n') line[length - 1] = '\0';
        char *readable = sym_demangle(line);
        char *shorter = argc > 1 ? sym_shorten(readable, strtoul(argv[1], NULL, 10)) : NULL;
        puts(shorter != NULL ? shorter : readable);
        free(shorter);
        free(readable);
    }
    free(line);
    return 0;
}
