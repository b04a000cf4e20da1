/* SPDX-License-Identifier: MIT
 * Formats amounts for people. See quantity.h. */
#include "export/quantity.h"

#include <inttypes.h>
#include <stdio.h>

struct ex_quantity ex_count(uint64_t n) {
    char plain[24];
    struct ex_quantity q;
    int length = snprintf(plain, sizeof plain, "%" PRIu64, n);
    char *out = q.text;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) *out++ = ',';
        *out++ = plain[i];
    }
    *out = '\0';
    return q;
}

struct ex_quantity ex_size(uint64_t bytes, enum ex_size_form form) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct ex_quantity q;
    if (form == EX_SIZE_EXACT || bytes < 1024) {
        struct ex_quantity number = ex_count(bytes);
        snprintf(q.text, sizeof q.text, "%.36s B", number.text);
        return q;
    }
    int unit = 0;
    double value = (double)bytes;
    /* A value that would print as 1024.0 goes to the next unit. */
    while (value >= 1023.95 && unit < 6) {
        value /= 1024;
        unit++;
    }
    snprintf(q.text, sizeof q.text, value < 9.995 ? "%.2f %s" : "%.1f %s", value, units[unit]);
    return q;
}

struct ex_quantity ex_share(uint64_t part, uint64_t whole) {
    struct ex_quantity q;
    double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    if (whole == 0)
        snprintf(q.text, sizeof q.text, "-");
    else if (part > 0 && percent < 0.1)
        snprintf(q.text, sizeof q.text, "<0.1 %%");
    else if (part < whole && percent > 99.9)
        snprintf(q.text, sizeof q.text, ">99.9 %%");
    else
        snprintf(q.text, sizeof q.text, "%.1f %%", percent);
    return q;
}

struct ex_quantity ex_duration(uint64_t ms) {
    struct ex_quantity q;
    uint64_t s = ms / 1000;
    if (ms < 1000)
        snprintf(q.text, sizeof q.text, "%" PRIu64 " ms", ms);
    else if (s < 120)
        snprintf(q.text, sizeof q.text, "%.2f s", (double)ms / 1000);
    else if (s < 7200)
        snprintf(q.text, sizeof q.text, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
    else
        snprintf(q.text, sizeof q.text, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
    return q;
}
