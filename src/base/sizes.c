/* SPDX-License-Identifier: MIT
 * Formats sizes. See sizes.h. */
#include "base/sizes.h"

#include <stdio.h>

void size_text(char *text, size_t text_bytes, uint64_t bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        snprintf(text, text_bytes, "%u B", (unsigned)bytes);
        return;
    }
    size_t unit = 0;
    double value = (double)bytes;
    while (value >= 1023.95 && unit < 6) {
        value /= 1024;
        unit++;
    }
    snprintf(text, text_bytes, "%.*f %s",
             value < 9.995   ? 2
             : value < 99.95 ? 1
                             : 0,
             value, units[unit]);
}
