/* SPDX-License-Identifier: MIT
 * Steps outwards that are not the plain case: signal frames, realigned frames, frames without
 * unwind information, the ends of the stack, and words in memory not met before. */
#include "unwind/walk.h"

static enum uw_end stop_at(struct uw_stop *stop, enum uw_end end) {
    stop->end = end;
    return end;
}

static void note(struct uw_stop *stop, uint64_t address) {
    stop->slot[stop->slots++] = (struct uw_slot){address, uw_word(address)};
}

static int reach(struct uw_level *l, const struct uw_stack **range, uint64_t address,
                 struct uw_stop *stop) {
    if (uw_stack_holds(*range, address)) return 1;
    const struct uw_stack *found = uw__stack_find(l, address, UW_STACK_GOES_ON);
    if (found == NULL) {
        stop->forgettable = 1;
        return 0;
    }
    *range = found;
    return 1;
}

/* Makes `pc`, found at `address`, the caller's pc if it can be one. */
static enum uw_end arrive(struct uw_state *s, struct uw_state next, uint64_t flags,
                          uint64_t address, struct uw_stop *stop) {
    if (!uw_is_code(next.pc)) {
        note(stop, address);
        return stop_at(stop, next.pc == 0 && !(flags & UW_PC_EXACT) ? UW_ENDS : UW_TRUNCATED);
    }
    next.pc |= flags;
    *s = next;
    return UW_GOES_ON;
}

static enum uw_end step_framed(struct uw_level *l, struct uw_state *s, uint64_t rule, uint64_t cfa,
                               const struct uw_stack **range, struct uw_stop *stop) {
    struct uw_state next = {0, cfa, s->bp};
    uint64_t ra_at = cfa + UW_RA_OFFSET;
    if (cfa <= s->sp) return stop_at(stop, UW_TRUNCATED);
    uint64_t bp_at =
        uw_rule_type(rule) == UW_RULE_ALIGNED ? s->bp + uw_rule_bp(rule) : cfa + uw_rule_bp(rule);
    if (bp_at != ra_at) {
        if (!reach(l, range, bp_at, stop)) return stop_at(stop, UW_TRUNCATED);
        next.bp = uw_word(bp_at);
    }
    if (!reach(l, range, ra_at, stop)) return stop_at(stop, UW_TRUNCATED);
    next.pc = uw_word(ra_at);
    return arrive(s, next, 0, ra_at, stop);
}

static enum uw_end step_signal(struct uw_level *l, struct uw_state *s, uint64_t rule,
                               const struct uw_stack **range, struct uw_stop *stop) {
    uint64_t sp_at = s->sp + uw_rule_cfa(rule);
    uint64_t pc_at = sp_at + UW_SIGNAL_PC, bp_at = sp_at + UW_SIGNAL_BP;
    if (!reach(l, range, bp_at, stop) || !reach(l, range, sp_at, stop) ||
        !reach(l, range, pc_at, stop))
        return stop_at(stop, UW_TRUNCATED);
    struct uw_state next = {uw_word(pc_at), uw_word(sp_at), uw_word(bp_at)};
    return arrive(s, next, UW_PC_EXACT, pc_at, stop);
}

/* Where the stack pointer was when the process began. The loader's first lines, which run all the
 * constructors, have no unwind information, and no caller. */
extern void *__libc_stack_end __attribute__((weak));
enum { ENTRY_BYTES = 64 };

static int is_process_entry(uint64_t sp) {
    return &__libc_stack_end != NULL && (uint64_t)(uintptr_t)__libc_stack_end - sp < ENTRY_BYTES;
}

/* The rule of `pc`, now. */
static uint64_t current_rule(struct uw_level *l, uint64_t pc) {
    uint64_t rule = uw_rule_find(pc, &l->scratch);
    if (uw_rule_type(rule) == UW_RULE_NOINFO && !uw__noinfo_is_current(rule))
        rule = uw__rule_compile(uw_rule_key(pc), &l->scratch);
    return rule;
}

/* Code without unwind information: made by a JIT compiler, or assembly. Most of it keeps the chain
 * of frame pointers. It is believed if it leads a short way up, and to code that has unwind
 * information or to another link of the chain. */
static enum uw_end step_guess(struct uw_level *l, struct uw_state *s, const struct uw_stack **range,
                              struct uw_stop *stop) {
    uint64_t bp = s->bp;
    if (is_process_entry(s->sp)) return stop_at(stop, UW_ENDS);
    if (bp & 7 || bp - s->sp >= UW_GUESS_REACH) return stop_at(stop, UW_TRUNCATED);
    uint64_t bp_at = bp + UW_GUESS_BP, ra_at = bp + UW_GUESS_RA;
    if (!reach(l, range, bp_at, stop) || !reach(l, range, ra_at, stop))
        return stop_at(stop, UW_TRUNCATED);
    struct uw_state next = {uw_word(ra_at), bp + UW_GUESS_SIZE, uw_word(bp_at)};
    int ascends = next.bp > bp && next.bp - bp < UW_GUESS_REACH && !(next.bp & 7);
    if (!uw_is_code(next.pc) ||
        !(ascends || uw_rule_type(current_rule(l, next.pc)) != UW_RULE_NOINFO)) {
        note(stop, ra_at);
        note(stop, bp_at);
        return stop_at(stop, UW_TRUNCATED);
    }
    return arrive(s, next, UW_PC_GUESSED, ra_at, stop);
}

enum uw_end uw__step_rare(struct uw_level *l, struct uw_state *s, uint64_t *rule,
                          const struct uw_stack **range, struct uw_stop *stop) {
    stop->slots = 0;
    stop->forgettable = 0;
    if (uw_rule_type(*rule) == UW_RULE_NOINFO) *rule = current_rule(l, s->pc);
    uint64_t offset = (uint64_t)uw_rule_cfa(*rule);
    switch (uw_rule_type(*rule)) {
    case UW_RULE_SP:
        return step_framed(l, s, *rule, s->sp + offset, range, stop);
    case UW_RULE_BP:
        return step_framed(l, s, *rule, s->bp + offset, range, stop);
    case UW_RULE_ALIGNED: {
        uint64_t cfa_at = s->bp + offset;
        if (!reach(l, range, cfa_at, stop)) return stop_at(stop, UW_TRUNCATED);
        uint64_t cfa = uw_word(cfa_at);
        enum uw_end end = step_framed(l, s, *rule, cfa, range, stop);
        if (end != UW_GOES_ON) note(stop, cfa_at);
        return end;
    }
    case UW_RULE_SIGNAL:
        return step_signal(l, s, *rule, range, stop);
    case UW_RULE_END:
        return stop_at(stop, UW_ENDS);
    case UW_RULE_NOINFO:
        return step_guess(l, s, range, stop);
    default:
        return stop_at(stop, UW_NEEDS_MACHINE);
    }
}
