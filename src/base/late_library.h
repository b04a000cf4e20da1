/* SPDX-License-Identifier: MIT
 * Shared libraries that only some commands need, loaded when they do.
 *
 * A library that the command links is mapped and initialised at every start, and libmicrohttpd
 * brings ten others with it: that took more than a third of the time that recording a short
 * program added. */
#ifndef HEAPWISE_BASE_LATE_LIBRARY_H
#define HEAPWISE_BASE_LATE_LIBRARY_H

#include <stddef.h>

#include "base/failure.h"

struct late_function {
    const char *name;
    void *at; /* the function pointer to fill */
};

/* Loads a library and fills the pointers to all these functions of it. 0; or -1 when there is no
 * such library, or one of another version. May be called again, and by several threads. */
int late_library_load(const char *library, const struct late_function *functions, size_t count,
                      struct failure *f);

#endif
