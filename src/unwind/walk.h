/* SPDX-License-Identifier: MIT
 * One step outwards, in the form that both the hot path and the checks use. */
#ifndef HEAPWISE_UNWIND_WALK_H
#define HEAPWISE_UNWIND_WALK_H

#include "unwind/thread.h"

/* Addresses below are never code: the kernel maps nothing there. */
#define UW_LOWEST_CODE 0x1000ull

/* How far up a frame pointer may point when there is nothing else to go by. */
#define UW_GUESS_REACH (16u << 10)

struct uw_state {
    uint64_t pc, sp, bp; /* pc with flags */
};

enum uw_end {
    UW_GOES_ON,
    UW_ENDS,        /* the outermost frame was reached */
    UW_TRUNCATED,   /* there is more, and no way to it */
    UW_NEEDS_MACHINE
};

/* The words that made a walk end: they are slots of the last frame. */
struct uw_stop {
    enum uw_end end;
    uint32_t slots;
    int forgettable; /* the reason is not in state and words alone: must not be remembered */
    struct uw_slot slot[3];
};

static inline uint64_t uw_word(uint64_t address) { return *(const uint64_t *)(uintptr_t)address; }

static inline int uw_is_code(uint64_t pc) {
    return pc - UW_LOWEST_CODE < UW_ADDRESS_LIMIT - UW_LOWEST_CODE;
}

/* Steps by a rule that is neither SP nor BP, or one whose words are outside *range, which is then
 * set to where they are. On UW_GOES_ON `s` is the caller's state; otherwise `stop` is filled. */
enum uw_end uw__step_rare(struct uw_level *l, struct uw_state *s, uint64_t rule,
                          const struct uw_stack **range, struct uw_stop *stop);

#endif
