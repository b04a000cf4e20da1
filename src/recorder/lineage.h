/* SPDX-License-Identifier: MIT
 * Which processes came of the program, although nothing of the kernel's says so any more. */
#ifndef HEAPWISE_RECORDER_LINEAGE_H
#define HEAPWISE_RECORDER_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whether `pid` descends from `ancestor` or from a process for which `known` says so. */
bool lineage_descends(pid_t pid, pid_t ancestor, bool (*known)(void *context, pid_t pid),
                      void *context);

struct lineage_silent {
    size_t count;     /* processes that have an agent which may still knock */
    size_t beginning; /* younger ones that might be in the middle of an exec: nothing can be told
                         yet */
};

/* Whose agent may still knock at the socket `path`: it is in their environment, and the agent is in
 * their memory or soon will be. Those for which `known` says so are left out; without `older` also
 * those that were there before process `first`, which makes it quick. */
struct lineage_silent lineage_silent(const char *path, pid_t first, bool older,
                                     bool (*known)(void *context, pid_t pid), void *context);

#endif
