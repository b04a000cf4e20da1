/* SPDX-License-Identifier: MIT
 * Scopes of the C API: what one thread allocates between two points of the program.
 *
 * While a scope is open its thread has THREAD_SCOPED set, which sends every record of that thread
 * through here; without one, a hook pays nothing but the test whether records carry stamps, which
 * it makes anyway.
 *
 * Own blocks (allocated in the outermost open scope) are kept in a table by address. Scopes are
 * numbered by one counter of the process. Invariant: an open scope with number s contains a block
 * with number b, that of the innermost scope open at its birth, if and only if s <= b. */
#ifndef HEAPWISE_AGENT_SCOPE_H
#define HEAPWISE_AGENT_SCOPE_H

#define HEAPWISE_AGENT
#include "heapwise/heapwise.h"

#include "agent/agent.h"

/* A number for the scope, never 0; 0 when it can not be begun. */
uint64_t agent_scope_begin(struct agent_thread *t, uint32_t forbid, uint32_t name);
/* 1, or 0 when this thread has no such scope. `stats` may be NULL. */
int agent_scope_end(struct agent_thread *t, uint64_t scope, struct heapwise_stats *stats);

/* Whether records carry stamps, as ring_stamps tells where no scope is open. */
int agent_scope_stamps(struct agent_thread *t);

#endif
