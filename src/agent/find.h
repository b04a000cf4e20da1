/* SPDX-License-Identifier: MIT
 * Finds definitions behind ours, for functions that only some programs have (C++'s operators, the
 * entry points of other allocators). Unlike dlsym it takes no lock that a constructor may be
 * running under, allocates nothing, and sees libraries of scopes of their own:
 *
 *   early   there when the program started. A name that binds to us would else bind to the first
 *           of them behind us that defines it. They stay for ever, and so does an answer.
 *   late    loaded by dlopen since. Their names bind to us, too, because we are in the global
 *           scope; alone they bind within the library that was opened and its dependencies. Taken
 *           is the caller's own definition, else the first of those that came late. They may be
 *           unloaded: each answer is for this call alone. */
#ifndef HEAPWISE_AGENT_FIND_H
#define HEAPWISE_AGENT_FIND_H

/* The program's start is over: what is loaded from here on is late. */
void find_start_is_over(void);

/* NULL when nothing early defines it. */
void *find_early(const char *name);

/* For the call that comes from `caller`. Quick for those that were asked before; NULL when nothing
 * defines it. `name` must be a constant: it is known again by its address. */
void *find_late(const char *name, const void *caller);

#endif
