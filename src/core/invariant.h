/* SPDX-License-Identifier: MIT
 * INVARIANT(condition): what must hold at this place. With -Dagent_checks=true the agent looks, and
 * ends the program with a line on standard error where it does not; otherwise nothing is looked at,
 * and the agent never ends a program. */
#ifndef HEAPWISE_CORE_INVARIANT_H
#define HEAPWISE_CORE_INVARIANT_H

#ifdef HEAPWISE_AGENT_CHECKS
#include "core/syscall.h"

static inline void invariant_broken(const char *text, unsigned long length) {
    (void)sys_write(2, text, length);
    __builtin_trap();
}
#define INVARIANT_TEXT(line) INVARIANT_LINE(line)
#define INVARIANT_LINE(line) #line
#define INVARIANT(condition)                                                                       \
    do {                                                                                           \
        static const char broken_text[] =                                                          \
            "heapwise agent: " __FILE__ ":" INVARIANT_TEXT(__LINE__) ": not so: " #condition "\n"; \
        if (__builtin_expect(!(condition), 0))                                                     \
            invariant_broken(broken_text, sizeof broken_text - 1);                                 \
    } while (0)
#else
#define INVARIANT(condition) ((void)0)
#endif

#endif
