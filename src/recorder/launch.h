/* SPDX-License-Identifier: MIT
 * Starts the program with the agent in it. */
#ifndef HEAPWISE_RECORDER_LAUNCH_H
#define HEAPWISE_RECORDER_LAUNCH_H

#include <sys/types.h>

#include "base/failure.h"

/* Lifts the limits of this process as far as it may: one that the user set for the program must not
 * end the recorder. launch gives the program what was there before. */
void launch_lift_limits(void);

/* Starts `command` with LD_PRELOAD (the user's own kept after the agent) and the socket's path in
 * its environment. It stays in our process group, so that the terminal's signals reach it as they
 * would alone; `mask` is the signal mask it gets. Returns its pid, or -1 with `f` and the shell's
 * exit status for it in *exit_status. */
pid_t launch(char *const *command, const char *agent_path, const char *socket_path,
             const void *mask, int *exit_status, struct failure *f);

/* Why a program that ran to its end never spoke to us: a sentence (static, or made in `f`), or NULL
 * when nothing speaks against it. `executable` is the resolved path. */
const char *launch_obstacle(const char *executable, struct failure *f);

/* The path of the file that execvp would run for `name`; "" when there is none. `path` has `bytes`.
 */
void launch_resolve(const char *name, char *path, size_t bytes);

#endif
