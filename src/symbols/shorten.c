/* SPDX-License-Identifier: MIT
 * Demangled names for people. See symbols.h. */
#include <string.h>

#include "symbols/symbols.h"

char *sym_shorten(const char *demangled, size_t width) {
    (void)width;
    return strdup(demangled);
}
