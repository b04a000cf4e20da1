/* SPDX-License-Identifier: MIT
 * The facts of a process, read from /proc while it waits for its handshake to be answered. */
#ifndef HEAPWISE_RECORDER_FACTS_H
#define HEAPWISE_RECORDER_FACTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "recording/tables.h"

struct process_facts {
    struct rec_process process; /* its strings belong to this structure */
    const char *name;           /* of the program, without folders */
    char *texts[5];             /* private: what the strings point into */
};

/* What cannot be read is empty. NULL when memory is out. */
struct process_facts *process_facts_read(pid_t pid, bool forked);
void process_facts_free(struct process_facts *f);

/* The command line as one string; the caller frees it. */
char *process_facts_command(const struct process_facts *f);

#endif
