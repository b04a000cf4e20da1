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

/* How many processes have an agent that may still knock at the socket `path`: it is in their
 * environment, and the agent is in their memory or soon will be. Those for which `known` says so
 * are left out, and so are those up to number `above`. */
size_t lineage_silent(const char *path, pid_t above, bool (*known)(void *context, pid_t pid),
                      void *context);

#endif
