/* SPDX-License-Identifier: MIT
 * Why an agent cannot be loaded into a program: told from the file, before it is executed.
 *
 * The agent asks in the process that is about to execute it (there the path, the rights and the
 * root directory are the right ones), the recorder when the first program never answered. Only what
 * is certain is told: a file that cannot be read has no obstacle.
 *
 * Nothing here allocates or locks, and the stack that it takes is small: the caller may be a child
 * of vfork, a signal handler, or on a small stack of its own. A descriptor is open for as long as
 * the file is read. */
#ifndef HEAPWISE_CORE_OBSTACLE_H
#define HEAPWISE_CORE_OBSTACLE_H

enum obstacle {
    OBSTACLE_NONE = 0,
    OBSTACLE_STATIC,      /* it has no loader */
    OBSTACLE_RIGHTS,      /* it gets other rights than who starts it: its loader preloads nothing */
    OBSTACLE_FOREIGN,     /* it is for another kind of processor, or for 32 bits of this one */
    OBSTACLE_ENVIRONMENT, /* it is given an environment that does not name the agent */
    OBSTACLE_NO_PROGRAM,  /* there is no such file: it will not run */
    OBSTACLES
};

/* Of a file, named as for openat; a script's is that of its interpreter. Never
 * OBSTACLE_ENVIRONMENT. `path` may be any address. */
enum obstacle obstacle_of_file(int directory, const char *path);

#endif
