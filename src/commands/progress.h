/* SPDX-License-Identifier: MIT
 * Tells on a terminal's standard error how far long work is; work under a second says nothing. */
#ifndef HEAPWISE_COMMANDS_PROGRESS_H
#define HEAPWISE_COMMANDS_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what;
    uint64_t started_ms, shown_ms;
    int is_terminal;
};

void progress_start(struct progress *p, const char *what);
/* May be given as a callback: `context` is the struct progress. */
void progress_tell(void *context, size_t done, size_t total);
/* Removes the line. */
void progress_end(struct progress *p);

#endif
