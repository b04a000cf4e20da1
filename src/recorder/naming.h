/* SPDX-License-Identifier: MIT
 * Names of recordings. */
#ifndef HEAPWISE_RECORDER_NAMING_H
#define HEAPWISE_RECORDER_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Writes the name of a process's recording to `path`:
 *   pattern NULL         heapwise.NAME.PID.heapwise
 *   with %p or %n        the pattern, %p the pid, %n the program's name, %% a percent sign
 *   otherwise            the pattern for the first process; for every other one ".PID" goes in
 * before the last suffix `again` counts earlier recordings of the same pid in this run (it called
 * exec): from 1 on, ".N" is put in as well. */
void recording_name(char *path, size_t bytes, const char *pattern, const char *name, pid_t pid,
                    bool first, unsigned again);

#endif
