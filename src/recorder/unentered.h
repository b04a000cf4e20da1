/* SPDX-License-Identifier: MIT
 * Programs of a run that no agent was loaded into: static ones, ones with rights of their own, ones
 * that were given another environment. They run unrecorded, and one line at the end says so.
 *
 * The agent of the process that starts one leaves a note (wire/region.h). An exec past the agent's
 * hooks, by the bare system call, is seen in /proc, if the process had been recorded and its new
 * program runs for more than some ten milliseconds. */
#ifndef HEAPWISE_RECORDER_UNENTERED_H
#define HEAPWISE_RECORDER_UNENTERED_H

#include <stdint.h>

#include "base/failure.h"
#include "recorder/tracee.h"

struct unentered {
    uint64_t count;
    struct failure first;
};

/* At the handshake, and now and then: what /proc says. */
void unentered_know_executable(struct tracee *t);
void unentered_look_at_executable(struct tracee *t, const char *socket_path);

/* At the end of `t`, while its region is still there. What /proc said does not count when the
 * process is recorded as what it went on as, or nobody could know. */
enum unentered_look { UNENTERED_NOTES, UNENTERED_NOTES_AND_PROC };
void unentered_collect(struct unentered *u, const struct tracee *t, enum unentered_look look);

/* At the end of the run: the one line, if any. */
void unentered_tell(const struct unentered *u);

#endif
