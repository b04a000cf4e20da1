/* SPDX-License-Identifier: MIT
 * The target of a request, "/TOKEN/api/0/profile?from=0&function=main%28": split and decoded, and
 * trusted in nothing. Pure functions on text, so that they can be fuzzed. */
#ifndef HEAPWISE_SERVER_TARGET_H
#define HEAPWISE_SERVER_TARGET_H

#include <stddef.h>

#include "base/failure.h"

#define TARGET_BYTES_MAX 16384
#define TARGET_SEGMENTS_MAX 8
#define TARGET_PARAMETERS_MAX 128

struct target_parameter {
    const char *name, *value;
};

/* Strings point into `text`. A path "/a/b/" has the segments "a", "b" and "". */
struct target {
    char *text;
    const char *segments[TARGET_SEGMENTS_MAX];
    size_t segment_count;
    struct target_parameter parameters[TARGET_PARAMETERS_MAX];
    size_t parameter_count;
};

/* Refuses what is too long, has too many parts, bad %-escapes or NUL bytes. */
int target_parse(struct target *t, const char *text, struct failure *f);
void target_release(struct target *t);

/* The value of the parameter of that name, or NULL. Fails when there are several. */
int target_value(const struct target *t, const char *name, const char **value, struct failure *f);
/* Fails when a parameter is not one of `names`, which ends with NULL. */
int target_allow(const struct target *t, const char *const *names, struct failure *f);

#endif
