/* SPDX-License-Identifier: MIT
 * Verification: built with UW_VERIFY, uw_capture walks every stack again in other ways and
 * compares.
 *
 *   rules      frame by frame without memo or leaf, every time
 *   machine    the complete DWARF machine from our own registers, one capture in 16
 *   libunwind  unw_backtrace, every time (an environment variable turns it off)
 *
 * Environment: UW_VERIFY_REPORT names a file to which each process appends its counts at its end
 * and the first differences as they are met. UW_VERIFY_LIBUNWIND=0 leaves libunwind out, for
 * programs that capture in signal handlers: libunwind takes the loader's lock. */
#ifndef HEAPWISE_UNWIND_VERIFY_H
#define HEAPWISE_UNWIND_VERIFY_H

#include "unwind/unwind.h"

enum uw_verify_class {
    UW_VERIFY_RULES,
    UW_VERIFY_MACHINE,
    UW_VERIFY_NODE,              /* two paths got one node */
    UW_VERIFY_LIBUNWIND,         /* other frames */
    UW_VERIFY_LIBUNWIND_GUESSED, /* the same, on a path with frames that have no unwind information
                                  */
    UW_VERIFY_LIBUNWIND_SHORTER, /* ours goes on where libunwind ends */
    UW_VERIFY_LIBUNWIND_LONGER,  /* libunwind goes on where ours ends */
    UW_VERIFY_CLASSES
};

struct uw_verify_counts {
    uint64_t captures, frames, by_machine, by_libunwind, guessed, truncated;
    uint64_t lost; /* nested too deep: one frame that says so */
    uint64_t differences[UW_VERIFY_CLASSES];
};
extern struct uw_verify_counts uw_verify_counts;

/* Enters a part that no handler may interrupt and capture in: blocks signals, and suspends stepping
 * by the trap flag, whose signal cannot wait. The result is to be given back at the end. */
uint64_t uw_verify_quiet(void);
void uw_verify_unquiet(uint64_t before);

/* Overrides the environment. */
void uw_verify_use_libunwind(int use);
/* From now on the machine walks every stack, not one in 16. */
void uw_verify_each_by_machine(void);

/* The capture under verification; the caller's resolver, and ours that writes down its paths. */
extern uw_resolver *uw__verified_resolver;
uint32_t uw__capture_unverified(struct uw_thread *t, uint64_t pc, uint64_t sp, uint64_t bp);
uint32_t uw__verify_resolver(void *context, struct uw_frame *frames, size_t count);

#endif
