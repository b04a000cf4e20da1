/* SPDX-License-Identifier: MIT
 * One step outwards, in the form that both the hot path and the checks use. */
#ifndef HEAPWISE_UNWIND_WALK_H
#define HEAPWISE_UNWIND_WALK_H

#include "unwind/thread.h"

/* Addresses below are taken for no code at all (rule.h relies on it). */
#define UW_LOWEST_CODE (1ull << 20)

/* How far up a frame pointer may point when there is nothing else to go by. */
#define UW_GUESS_REACH (16u << 10)

struct uw_state {
    uint64_t pc, sp, bp; /* pc with flags */
};

static inline uint64_t uw_word(uint64_t address) {
    return *(const uint64_t *)(uintptr_t)address;
}

static inline int uw_is_code(uint64_t pc) {
    return pc - UW_LOWEST_CODE < UW_ADDRESS_LIMIT - UW_LOWEST_CODE;
}

/* Steps by any rule, the words being anywhere: *range is set to where they are, and a *rule of
 * NOINFO that is out of date is replaced. On UW_GOES_ON `s` is the caller's state; otherwise `stop`
 * says how the walk ended. */
enum uw_end uw__step_rare(struct uw_level *l, struct uw_state *s, uint64_t *rule,
                          const struct uw_stack **range, struct uw_stop *stop);

#endif
