/* SPDX-License-Identifier: MIT
 * The capture: from the registers of a hook's caller to the node of its path. */
#include "unwind/machine.h"
#include "unwind/memo.h"
#ifdef UW_VERIFY
#include "unwind/verify.h"
#endif

#include <string.h>

/* Nodes mean nothing in another context: the first one, or a forked child's (unwind.h). */
static __attribute__((noinline, cold)) void forget_nodes(struct uw_level *l, struct uw_memo *m,
                                                         const void *context) {
    for (uint32_t i = 0; i < m->count; i++)
        m->frames[i].node = 0;
    m->resolved_by = context;
    if (l->paths == NULL || l->paths_by == context) return;
    memset(l->paths, 0, (l->path_mask + 1) * sizeof *l->paths);
    l->paths_by = context;
}

static uint32_t resolve(struct uw_level *l, struct uw_memo *m) {
    struct uw_frame *innermost = &m->frames[m->count - 1];
    void *context = load_acquire(&uw__resolver_context);
    if (unlikely(m->resolved_by != context)) forget_nodes(l, m, context);
    if (unlikely(l->paths == NULL))
        return innermost->node = uw__resolver(context, m->frames, m->count);
    uint64_t low = innermost->hash[0];
    uint32_t high = (uint32_t)(innermost->hash[1] >> 32);
    struct uw_path *path = &l->paths[low >> 20 & l->path_mask];
    if (unlikely(path->low != low || path->high != high || path->node == 0))
        *path = (struct uw_path){low, high, uw__resolver(context, m->frames, m->count)};
    return innermost->node = path->node;
}

static __attribute__((noinline, cold)) void count_marks(uint32_t marks) {
    if (marks & UW_MARK_GUESSED) add_relaxed(&uw__counters->captures_guessed, 1);
    if (marks & UW_MARK_TRUNCATED) add_relaxed(&uw__counters->captures_truncated, 1);
}

/* The memo is the stack. */
static inline uint32_t accept(struct uw_level *l, struct uw_memo *m) {
    uint32_t marks = m->steps[m->count - 1].slots_marks;
    if (unlikely(marks & (UW_MARK_GUESSED | UW_MARK_TRUNCATED))) count_marks(marks);
    uint32_t node = m->frames[m->count - 1].node;
    return likely(node != 0) ? node : resolve(l, m);
}

/* The whole answer is a frame that says so. */
static struct uw_memo no_memo;
static __attribute__((noinline, cold)) uint32_t stopped(struct uw_level *l, struct uw_memo *m) {
    count_marks(UW_MARK_TRUNCATED);
    if (m->capacity == 0) {
        struct uw_frame frame = {UW_PC_STOPPED, {~0ull, ~0ull}, 0, 0};
        return uw__resolver(uw__resolver_context, &frame, 1);
    }
    uw__memo_start_truncated(l, m);
    uint32_t node = resolve(l, m);
    m->count = 0;
    return node;
}

/* A frame whose rule is SLOW: everything again, with all registers. Nothing of it is kept. */
static __attribute__((noinline, cold)) uint32_t by_machine(struct uw_level *l, struct uw_memo *m,
                                                           uint64_t pc, uint64_t sp) {
    uint64_t count;
    add_relaxed(&uw__counters->captures_slow, 1);
    m->count = 0;
    if (!uw__machine_walk(l, pc, sp, &count, &l->stop)) return stopped(l, m);
    if (!uw__memo_push_plain(l, m, count, &l->stop)) return stopped(l, m);
    count_marks(m->steps[m->count - 1].slots_marks);
    uint32_t node = resolve(l, m);
    m->count = 0;
    return node;
}

static inline struct uw_leaf *leaf_first(struct uw_level *l, uint64_t pc, uint64_t sp) {
    return &l->leaves[(pc ^ sp >> 3 ^ sp >> 7) & l->leaf_mask];
}

/* Paths that begin alike and differ further out (all that allocate through one wrapper, say): one
 * that is met again and again has the first place, another the place that the word where they part
 * leads to. */
static inline struct uw_leaf *leaf_second(struct uw_level *l, uint64_t pc, uint64_t sp,
                                          const struct uw_slot *parting) {
    uint64_t key = (pc ^ sp << 16) + (parting->address << 8 ^ uw_word(parting->address));
    return &l->leaves[key * 0x9e3779b97f4a7c15ull >> 40 & l->leaf_mask];
}

static inline int leaf_begins(const struct uw_leaf *leaf, uint64_t pc, uint64_t sp, uint64_t bp) {
    return ((leaf->pc ^ pc) | (leaf->sp ^ sp) | ((leaf->bp ^ bp) & leaf->bp_mask)) == 0;
}

static inline const struct uw_slot *leaf_changed(const struct uw_leaf *leaf) {
    return uw_slots_changed(leaf->slot, leaf->slot + leaf->slots);
}

/* Whether the memo's frame that the leaf was made on is still the same one. */
static inline int leaf_is_on(const struct uw_leaf *leaf, const struct uw_memo *m) {
    return leaf->join < m->count && m->steps[leaf->join].uid == leaf->join_uid;
}

/* Whether that, and all words from there outwards hold. */
static inline int leaf_goes_on(const struct uw_leaf *leaf, const struct uw_memo *m) {
    return leaf_is_on(leaf, m) &&
           uw_slots_changed(m->slots, m->slots + uw_step_slots(&m->steps[leaf->join])) == NULL;
}

/* The node of the stack, which is the leaf's; 0 if it never got one. */
static inline uint32_t leaf_take(struct uw_leaf *leaf) {
    leaf->passed_over = 0;
    if (unlikely(leaf->marks != 0)) count_marks(leaf->marks);
    return leaf->node;
}

/* Keeps the innermost frames of the memo as a leaf, down to a frame as far out as the slots allow.
 */
static inline void leaf_keep(struct uw_level *l, const struct uw_memo *m, uint32_t node) {
    static const uint8_t distances[] = {12, 9, 6, 4, 2, 1};
    struct uw_leaf *leaf = l->leaf_to_make;
    uint32_t last = m->count - 1;
    const struct uw_step *step = &m->steps[last];
    uint32_t end = uw_step_slots(step);
    for (unsigned i = 0; i < sizeof distances; i++) {
        if (unlikely(distances[i] > last)) continue;
        uint32_t join = last - distances[i], begin = uw_step_slots(&m->steps[join]);
        if (unlikely(end - begin > UW_LEAF_SLOTS)) continue;
        leaf->pc = m->frames[last].pc;
        leaf->sp = step->sp;
        leaf->bp = step->bp;
        leaf->bp_mask = 0 - (uint64_t)(step->slots_marks & UW_MARK_BP_LIVE);
        leaf->join = join;
        leaf->join_uid = m->steps[join].uid;
        leaf->node = node;
        leaf->passed_over = 0;
        leaf->slots = end - begin;
        leaf->marks = step->slots_marks & (UW_MARK_GUESSED | UW_MARK_TRUNCATED);
        memcpy(leaf->slot, m->slots + begin, sizeof leaf->slot); /* the memo has so much room */
        return;
    }
}

/* Makes room for more fresh frames, of which there are `count`; where the next one goes, or NULL.
 */
static __attribute__((noinline, cold)) struct uw_fresh *grow(struct uw_level *l, uint64_t count) {
    return uw__fresh_grow(l) ? l->fresh + count : NULL;
}

/* The innermost of the steps up to `step` that is not further in than `sp`. How many there are to
 * skip cannot be predicted, so they are counted in fours without branches. */
static inline const struct uw_step *skip_inner(const struct uw_step *step, uint64_t sp) {
    for (;;) {
        unsigned inner =
            (step[0].sp < sp) + (step[-1].sp < sp) + (step[-2].sp < sp) + (step[-3].sp < sp);
        step -= inner;
        if (likely(inner < UW_STEPS_BEFORE)) return step;
    }
}

/* Walks outwards until a frame is met that the memo holds and whose words all hold. `changed`, if
 * not NULL, says that the memo's innermost frame has the state given and that this is the innermost
 * of its slots that does not hold. */
static __attribute__((noinline)) uint32_t walk(struct uw_level *l, uint64_t pc, uint64_t sp,
                                               uint64_t bp, const struct uw_slot *changed) {
    const struct uw_stack *range = l->home;
    struct uw_memo *m = &l->home->memo;
    const struct uw_step *step = m->steps + m->count - 1;
    uint64_t low = range->low, top = low + range->span + 7; /* low <= sp <= top */
    struct uw_fresh *f = l->fresh, *end = f + l->fresh_capacity;
    const uint64_t hook_pc = pc, hook_sp = sp;
    uint64_t rule;
    l->stop.forgettable = 0;
    if (changed != NULL) goto resume;
    for (;;) {
        if (unlikely(f == end)) {
            if ((f = grow(l, (uint64_t)(f - l->fresh))) == NULL) return stopped(l, m);
            end = l->fresh + l->fresh_capacity;
        }
        step = skip_inner(step, sp);
        if (step->sp == sp && uw_memo_has_state(m, step - m->steps, pc, sp, bp)) {
            changed = uw_slots_changed(m->slots, m->slots + uw_step_slots(step));
            if (changed == NULL) break;
        resume:
            /* The frames up to the one whose step read the changed word are proven, but for bp. */
            for (;; step--) {
                if (unlikely(f == end)) {
                    if ((f = grow(l, (uint64_t)(f - l->fresh))) == NULL) return stopped(l, m);
                    end = l->fresh + l->fresh_capacity;
                }
                rule = step->rule;
                sp = step->sp;
                *f++ = (struct uw_fresh){m->frames[step - m->steps].pc, sp, bp, rule};
                if (changed >= m->slots + uw_step_slots(step - 1)) break;
                bp = uw_bp_outwards(rule, sp, bp, step[-1].sp);
            }
            step--;
        } else {
            rule = uw_rule_find(pc, &l->scratch);
            *f++ = (struct uw_fresh){pc, sp, bp, rule};
        }
        if (likely(uw_rule_is_plain(rule))) {
            uint64_t cfa = (uw_rule_from_bp(rule) ? bp : sp) + (uint64_t)uw_rule_cfa(rule);
            int64_t bp_offset = uw_rule_bp(rule);
            if (likely(cfa > sp && cfa <= top)) {
                uint64_t ra = uw_word(cfa + UW_RA_OFFSET), bp_at = cfa + (uint64_t)bp_offset;
                if (likely(uw_is_code(ra))) {
                    if (bp_offset == UW_RA_OFFSET) {
                        pc = ra, sp = cfa;
                        continue;
                    }
                    if (likely(bp_at >= low && bp_at <= top - 8)) {
                        pc = ra, sp = cfa, bp = uw_word(bp_at);
                        continue;
                    }
                }
            }
        }
        struct uw_state state = {f[-1].pc, sp, bp};
        enum uw_end how = uw__step_rare(l, &state, &f[-1].rule, &range, &l->stop);
        if (unlikely(how == UW_NEEDS_MACHINE)) return by_machine(l, m, hook_pc, hook_sp);
        if (how != UW_GOES_ON) {
            step = m->steps - 1;
            break;
        }
        pc = state.pc, sp = state.sp, bp = state.bp;
        low = range->low, top = low + range->span + 7;
        if (unlikely(sp < low || sp > top)) top = 0; /* on another stack: not known yet where */
    }
    uint64_t base = (uint64_t)(step + 1 - m->steps), count = (uint64_t)(f - l->fresh);
    if (unlikely(!uw__memo_push(l, m, base, count, &l->stop))) return stopped(l, m);
    uint32_t node = accept(l, m);
    if (unlikely(base == 0 && l->stop.forgettable))
        m->count = 0;
    else if (l->leaves != NULL)
        leaf_keep(l, m, node);
    return node;
}

static __attribute__((noinline, cold)) void look_again(struct uw_level *l) {
    uw__loader_look(&l->view);
    uw__level_forget(l);
}

static __attribute__((noinline)) int go_home(struct uw_level *l, uint64_t sp) {
    struct uw_stack *home = uw__stack_find(l, sp + UW_RA_OFFSET, UW_STACK_BEGINS);
    if (home == NULL || !uw__memo_reserve(&home->memo, 1, 1)) return 0;
    l->home = home;
    return 1;
}

static inline void begin(struct uw_level *l, uint64_t sp) {
    l->active = sp;
    fence_signal();
}

static uint32_t capture_again(struct uw_level *l, uint64_t pc, uint64_t sp, uint64_t bp);

static inline uint32_t end(struct uw_level *l, uint64_t pc, uint64_t sp, uint64_t bp,
                           uint32_t node) {
    fence_signal();
    if (unlikely(l->active != sp)) return capture_again(l, pc, sp, bp);
    l->active = 0;
    return node;
}

/* What no leaf knows: from the memo, or by a walk. */
static __attribute__((noinline)) uint32_t capture_unknown(struct uw_level *l, uint64_t pc,
                                                          uint64_t sp, uint64_t bp) {
    struct uw_memo *m = &l->home->memo;
    int64_t last = (int64_t)m->count - 1;
    const struct uw_slot *changed = NULL;
    if (last >= 0 && uw_memo_has_state(m, last, pc, sp, bp)) {
        changed = uw_slots_changed(m->slots, m->slots + uw_step_slots(&m->steps[last]));
        if (changed == NULL) return end(l, pc, sp, bp, accept(l, m));
    }
    return end(l, pc, sp, bp, walk(l, pc, sp, bp, changed));
}

/* A path that begins like the leaf that has the first place, and parts from it at `parting`. */
static __attribute__((noinline)) uint32_t capture_parting(struct uw_level *l, uint64_t pc,
                                                          uint64_t sp, uint64_t bp,
                                                          const struct uw_slot *parting) {
    const struct uw_memo *m = &l->home->memo;
    struct uw_leaf *first = l->leaf_to_make, *second = leaf_second(l, pc, sp, parting);
    if (first->passed_over++ < UW_LEAF_PATIENCE && leaf_is_on(first, m)) l->leaf_to_make = second;
    if (!leaf_begins(second, pc, sp, bp) || leaf_changed(second) != NULL ||
        !leaf_goes_on(second, m))
        return capture_unknown(l, pc, sp, bp);
    return end(l, pc, sp, bp, leaf_take(second));
}

/* Nothing has been loaded or unloaded since the last capture, and this one begins on the same stack. */
static inline int is_at_home(const struct uw_level *l, uint64_t sp) {
    return uw_loader_view_is_current(&l->view) && uw_stack_holds(l->home, sp + UW_RA_OFFSET);
}

/* The leaf comes first, for most captures end with it. All else is in last calls, so that what is here
 * can do with the registers that a caller has given up. */
static inline __attribute__((always_inline)) uint32_t capture_at_home(struct uw_level *l,
                                                                      uint64_t pc, uint64_t sp,
                                                                      uint64_t bp) {
    struct uw_leaf *leaf = l->leaf_to_make = leaf_first(l, pc, sp);
    if (!leaf_begins(leaf, pc, sp, bp)) return capture_unknown(l, pc, sp, bp);
    const struct uw_slot *changed = leaf_changed(leaf);
    if (changed != NULL) return capture_parting(l, pc, sp, bp, changed);
    if (!leaf_goes_on(leaf, &l->home->memo)) return capture_unknown(l, pc, sp, bp);
    return end(l, pc, sp, bp, leaf_take(leaf));
}

static __attribute__((noinline)) uint32_t capture_anywhere(struct uw_level *l, uint64_t pc,
                                                           uint64_t sp, uint64_t bp) {
    if (!uw_loader_view_is_current(&l->view)) look_again(l);
    if (!uw_stack_holds(l->home, sp + UW_RA_OFFSET) && !go_home(l, sp))
        return end(l, pc, sp, bp, stopped(l, &no_memo));
    return l->leaves != NULL ? capture_at_home(l, pc, sp, bp) : capture_unknown(l, pc, sp, bp);
}

/* While a capture was going on another took its level, having judged it dead (thread.c); that can be
 * wrong if the program switches stacks inside signal handlers. Nothing kept can be relied on. */
static __attribute__((noinline, cold)) uint32_t capture_again(struct uw_level *l, uint64_t pc,
                                                              uint64_t sp, uint64_t bp) {
    uw__level_discard(l);
    begin(l, sp);
    return capture_anywhere(l, pc, sp, bp);
}

static __attribute__((noinline, cold)) uint32_t capture_above(struct uw_thread *t, uint64_t pc,
                                                              uint64_t sp, uint64_t bp) {
    struct uw_level *l = uw__level_enter(t, sp);
    if (l == NULL) return stopped(NULL, &no_memo);
    begin(l, sp);
    return capture_anywhere(l, pc, sp, bp);
}

#ifdef UW_VERIFY /* verify.c has uw_capture, and calls this */
#define uw_capture uw__capture_unverified
#endif

uint32_t uw_capture(struct uw_thread *t, uint64_t pc, uint64_t sp, uint64_t bp) {
    struct uw_level *l = &t->first;
    if (unlikely(l->active != 0)) return capture_above(t, pc, sp, bp);
    begin(l, sp);
    if (unlikely(!is_at_home(l, sp))) return capture_anywhere(l, pc, sp, bp);
    return capture_at_home(l, pc, sp, bp);
}
