/* SPDX-License-Identifier: MIT
 * Memos: whether the words still hold, and how frames are put on. */
#ifndef HEAPWISE_UNWIND_MEMO_H
#define HEAPWISE_UNWIND_MEMO_H

#include "unwind/walk.h"

/* Among the slots [bottom, top) the innermost one whose word has changed, or NULL. Inner before
 * outer, each only after the one before it held: so no word is read that a whole walk would not
 * read. */
static inline const struct uw_slot *uw_slots_changed(const struct uw_slot *bottom,
                                                     const struct uw_slot *top) {
    while (top - bottom >= 4) {
        if (unlikely(uw_word(top[-1].address) != top[-1].value)) return top - 1;
        if (unlikely(uw_word(top[-2].address) != top[-2].value)) return top - 2;
        if (unlikely(uw_word(top[-3].address) != top[-3].value)) return top - 3;
        if (unlikely(uw_word(top[-4].address) != top[-4].value)) return top - 4;
        top -= 4;
    }
    while (top > bottom) {
        top--;
        if (unlikely(uw_word(top->address) != top->value)) return top;
    }
    return NULL;
}

/* Is frame `i` of the memo in the state (pc, sp, bp)? bp counts only if live. */
static inline int uw_memo_has_state(const struct uw_memo *m, int64_t i, uint64_t pc, uint64_t sp,
                                    uint64_t bp) {
    const struct uw_step *step = &m->steps[i];
    uint64_t live = 0 - (uint64_t)(step->slots_marks & UW_MARK_BP_LIVE);
    return ((step->sp ^ sp) | (m->frames[i].pc ^ pc) | ((step->bp ^ bp) & live)) == 0;
}

/* The caller's bp, given that a frame's own state and its slots are proven; `cfa` is the caller's
 * sp. */
static inline uint64_t uw_bp_outwards(uint64_t rule, uint64_t sp, uint64_t bp, uint64_t cfa) {
    switch (uw_rule_type(rule)) {
    case UW_RULE_SP:
    case UW_RULE_BP:
        return uw_rule_keeps_bp(rule) ? bp : uw_word(cfa + uw_rule_bp(rule));
    case UW_RULE_ALIGNED:
        return uw_word(bp + uw_rule_bp(rule));
    case UW_RULE_SIGNAL:
        return uw_word(sp + uw_rule_cfa(rule) + UW_SIGNAL_BP);
    default:
        return uw_word(bp + UW_GUESS_BP);
    }
}

/* Puts the `count` frames of l->fresh (innermost first) on the `base` outermost frames of the memo;
 * if base is 0, `stop` says how the walk ended. False when memory is out. */
int uw__memo_push(struct uw_level *l, struct uw_memo *m, uint64_t base, uint64_t count,
                  const struct uw_stop *stop);

/* The same for frames that came without states: only paths and hashes are right afterwards, so the
 * memo must be emptied before the next capture. */
int uw__memo_push_plain(struct uw_level *l, struct uw_memo *m, uint64_t count,
                        const struct uw_stop *stop);

/* Starts the memo with the frame that stands for what could not be walked. */
void uw__memo_start_truncated(struct uw_level *l, struct uw_memo *m);

#endif
