/* SPDX-License-Identifier: MIT
 * What the unwinder's tests share: a call tree, a hook that captures, and the verdict of the
 * verified unwinder, which has walked every captured stack in full. */
#ifndef HEAPWISE_TESTS_UNIT_UNWIND_HOOK_H
#define HEAPWISE_TESTS_UNIT_UNWIND_HOOK_H

#include "unwind/unwind.h"

#include <stdint.h>

/* Starts the unwinder, and gives the calling thread what it needs. Every thread that captures must
 * call hook_thread_start. */
void hook_start(void);
void hook_thread_start(void);

/* Captures the stack of the caller. Returns its node. */
uint32_t hook_capture(void);

/* If not NULL, called by the resolver, in the middle of a capture. */
extern void (*volatile hook_in_resolver)(void);

/* How often the resolver was called. */
extern uint64_t hook_resolved;

/* Up to three frames of a node's path, innermost first; the whole length is returned. */
uint32_t hook_path(uint32_t node, uint64_t *innermost, uint32_t room);

/* Ends the test if any walk differed, or if fewer than `least` captures were compared. */
void hook_check(const char *what, uint64_t least);

extern struct uw_counters hook_counters;
extern __thread struct uw_thread *hook_thread;

#endif
