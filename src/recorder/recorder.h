/* SPDX-License-Identifier: MIT
 * Records a program and all that it starts. */
#ifndef HEAPWISE_RECORDER_RECORDER_H
#define HEAPWISE_RECORDER_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"
#include "recording/tables.h"

/* What orders events between threads. */
enum recorder_clock {
    RECORDER_CLOCK_AUTO = 0, /* the timestamp counter where it can be trusted, else the counter */
    RECORDER_CLOCK_TSC,
    RECORDER_CLOCK_COUNTER,
};

enum { RECORDER_SILENCE_MS = 60000 };

struct recorder_options {
    char *const *command;   /* argument vector of the program, NULL-terminated */
    const char *output;     /* NULL: the default name; may hold %p (pid), %n (name), %% */
    const char *agent_path; /* libheapwise.so */
    bool no_follow;         /* record the first process only */
    bool abort_where_forbidden; /* an allocation inside HEAPWISE_NO_ALLOC ends the program */
    bool no_symbols;        /* leave addresses unresolved */
    bool use_debuginfod;
    bool c_library_lines;                 /* source lines of the C library too (slower) */
    const char *const *debug_directories; /* NULL-terminated or NULL */
    enum recorder_clock clock;
    uint32_t silence_ms; /* a program waits so long for a recorder that gives no sign of life; 0:
                            RECORDER_SILENCE_MS */
    /* How far work after the end of a process is; in another thread; NULL: never called. */
    void (*progress)(void *context, const char *what, size_t done, size_t total);
    void *progress_context;
};

static inline uint32_t recorder_silence_ms(const struct recorder_options *o) {
    return o->silence_ms != 0 ? o->silence_ms : RECORDER_SILENCE_MS;
}

/* One recorded process, after its end. */
struct recorded_process {
    pid_t pid;
    bool first;
    char *command, *name, *path;
    uint64_t file_bytes;
    struct rec_totals totals;
    struct failure failure; /* what went wrong with its recording; "" if nothing */
};

struct recorder_result {
    int wait_status;                    /* of the program, as waitpid gives it */
    struct recorded_process *processes; /* in the order of their ends */
    size_t count;
};

/* Runs the program to its end and records it. Returns 0 when the program ran (even if nothing could
 * be recorded), -1 when it could not be started; then `f` says why and *exit_status is the shell's
 * status for it (126, 127). */
int recorder_run(const struct recorder_options *options, struct recorder_result *result,
                 int *exit_status, struct failure *f);
void recorder_result_release(struct recorder_result *result);

#endif
