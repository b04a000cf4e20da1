/* SPDX-License-Identifier: MIT
 * Exact call stacks of the calling thread, for tens of nanoseconds (docs/unwinding.md).
 *
 * Runs inside malloc of someone else's process: allocates only by mmap, takes no lock, calls
 * nothing of libc that could allocate or lock, keeps errno, and is async-signal-safe.
 *
 * Nouns:
 *   frame     one level of the stack: a code address, and the state (pc, sp, bp) it was left in
 *   path hash a 128-bit hash of all frames from the outermost one to this one. Equal hash = equal
 * path. node      the caller's name for a path (an index into its call tree), 0 = not yet known
 *   memo      the last walk of a thread, kept and verified word by word at the next one */
#ifndef HEAPWISE_UNWIND_UNWIND_H
#define HEAPWISE_UNWIND_UNWIND_H

#include <stddef.h>
#include <stdint.h>

/* How `pc` of a frame is told: the address in the low 48 bits, and these flags. */
#define UW_PC_EXACT                                                                                \
    (1ull << 63) /* not a return address: the instruction that a signal interrupted */
#define UW_PC_GUESSED                                                                              \
    (1ull << 62) /* reached by frame pointer, there being no unwind information                    \
                  */
#define UW_PC_ADDRESS ((1ull << 48) - 1)
#define UW_PC_STOPPED                                                                              \
    1ull /* pseudo-address: outermost frame of a walk that could not be finished */

struct uw_frame {
    uint64_t pc;      /* with flags */
    uint64_t hash[2]; /* of the path from the outermost frame to this one */
    uint32_t node;    /* of that path; 0 until the resolver has set it */
    uint32_t reserved;
};

/* Gives the node of the path frames[0] (outermost) … frames[count - 1] (innermost), making it and
 * the nodes of its callers where they do not exist yet. May set `node` of any of the frames, which
 * are kept as long as they stay on the stack. Never returns 0; called with the capture's own
 * re-entrancy rules (a signal handler may interrupt it and call it again with other frames). */
typedef uint32_t uw_resolver(void *context, struct uw_frame *frames, size_t count);

/* Counted for honesty's sake; the memory is the caller's (shared with the recorder). */
struct uw_counters {
    uint64_t captures_guessed;   /* captures that passed a frame by its frame pointer */
    uint64_t captures_truncated; /* captures that ended in UW_PC_STOPPED */
    uint64_t captures_slow;      /* captures that needed the complete DWARF machine */
    uint64_t rules_compiled;
    uint64_t private_bytes; /* memory that the unwinder has mapped for itself */
};

/* Once for each process, before the first capture, from one thread. Returns 0 or -errno. */
int uw_start(uw_resolver *resolver, void *resolver_context, struct uw_counters *counters);

/* Changes when a module has been unloaded since the start, and with it the meaning of addresses:
 * path hashes from different epochs never match. */
uint64_t uw_epoch(void);

/* Whether unloading is noticed by itself. If not (an unknown loader), dlclose has to be hooked and
 * uw_code_changed(UW_CODE_REMOVED) called after it. */
int uw_sees_unloads(void);
/* How many objects were ever loaded: it changes before new code can run. 0 where that is not seen.
 */
uint64_t uw_loads(void);

/* To be called where code comes or goes behind the loader's back: after __register_frame and
 * __deregister_frame (code that a compiler made in memory). Async-signal-safe, any thread. */
enum uw_code_change { UW_CODE_ADDED, UW_CODE_REMOVED };
void uw_code_changed(enum uw_code_change change);

struct uw_thread; /* one thread's memos, leaves and paths; not shared between threads */
/* Maps and clears one; NULL when memory is out. `small` asks for one with a small leaf table. */
struct uw_thread *uw_thread_create(int small);
/* For a block that passes to another thread: forgets all that it kept of stacks. */
void uw_thread_reset(struct uw_thread *t);
/* After fork in the child: what its stacks are resolved in and where it counts from now on. The
 * context must be another one than all before: nodes that a memo holds of an earlier one are
 * forgotten when they are asked for. That goes also for a capture that the fork interrupted (from a
 * signal handler): it ends either wholly in the one context or wholly in the other. */
void uw_resolve_in(void *resolver_context, struct uw_counters *counters);

/* Captures the stack whose innermost frame is (pc, sp, bp): pc the return address of the hook, sp
 * the canonical frame address of the hook, bp the value of the frame pointer register in the hook's
 * caller. In a hook: UW_CAPTURE(thread). Returns the node. A capture that interrupts another one of
 * the same thread (signal handler) is exact as well. */
uint32_t uw_capture(struct uw_thread *t, uint64_t pc, uint64_t sp, uint64_t bp);

#define UW_CAPTURE(thread)                                                                         \
    uw_capture(                                                                                    \
        (thread), (uint64_t)(uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)), \
        (uint64_t)(uintptr_t)__builtin_dwarf_cfa(), *(const uint64_t *)__builtin_frame_address(0))

#endif
