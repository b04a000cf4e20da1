/* SPDX-License-Identifier: MIT
 * Formats failures. See failure.h. */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int failure_set(struct failure *f, const char *format, ...) {
    if (f == NULL) return -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
    return -1;
}

int failure_set_errno(struct failure *f, int error, const char *format, ...) {
    if (f == NULL) return -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
    size_t used = strlen(f->text);
    char why[128];
    snprintf(f->text + used, sizeof f->text - used, ": %s", strerror_r(error, why, sizeof why));
    return -1;
}
