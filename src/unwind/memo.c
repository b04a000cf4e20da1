/* SPDX-License-Identifier: MIT
 * Memos: how frames are put on, with the words they depend on and the name of their path. */
#include "unwind/memo.h"

#include "core/invariant.h"

/* Path hashes: a frame mixes its pc into the hash of its caller by two multiplications of which all
 * 128 bits are used. Odd constants without pattern; nobody chooses the input against us. */
#define MIX_A 0x9e3779b97f4a7c15ull
#define MIX_B 0xd6e8feb86659fd93ull

struct hash {
    uint64_t low, high;
};

static inline struct hash mix(struct hash h, uint64_t pc) {
    __extension__ typedef unsigned __int128 wide;
    wide a = (wide)(h.low ^ pc) * MIX_A;
    wide b = (wide)(h.high + pc) * MIX_B;
    return (struct hash){(uint64_t)a ^ (uint64_t)(b >> 64), (uint64_t)b ^ (uint64_t)(a >> 64)};
}

static struct hash root_hash(void) {
    return (struct hash){0x243f6a8885a308d3ull ^ load_relaxed(&uw__loader.epoch),
                         0x13198a2e03707344ull};
}

static struct hash hash_of(const struct uw_frame *frame) {
    return (struct hash){frame->hash[0], frame->hash[1]};
}

static inline void name(struct uw_frame *frame, uint64_t pc, struct hash hash) {
    frame->pc = pc;
    frame->hash[0] = hash.low;
    frame->hash[1] = hash.high;
    frame->node = frame->reserved = 0;
}

/* The first of `count` numbers for steps. */
static inline uint32_t take_uids(struct uw_level *l, uint64_t count) {
    if (unlikely(l->uid + count > UINT32_MAX)) {
        /* Numbers would come again: nothing old may be left to be taken for new. */
        for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++)
            for (uint32_t i = 0; i < s->memo.count; i++)
                s->memo.steps[i].uid = 0;
        if (l->leaves != NULL)
            for (uint32_t i = 0; i <= l->leaf_mask; i++)
                l->leaves[i].pc = 0;
        l->uid = 1;
    }
    uint32_t first = l->uid;
    l->uid += (uint32_t)count;
    return first;
}

void uw__memo_start_truncated(struct uw_level *l, struct uw_memo *m) {
    name(&m->frames[0], UW_PC_STOPPED, mix(root_hash(), UW_PC_STOPPED));
    m->steps[0] = (struct uw_step){UINT64_MAX, 0, 0, take_uids(l, 1), UW_MARK_TRUNCATED};
    m->count = 1;
}

/* The slots of the step from *f, by a rule that is not plain, to f[1]; returns where the next slot
 * goes. */
static struct uw_slot *put_rare(struct uw_slot *slot, const struct uw_fresh *f, uint32_t *marks) {
    const struct uw_fresh *outer = f + 1;
    uint64_t rule = f->rule, pc = outer->pc & UW_PC_ADDRESS;
    uint32_t live = *marks & UW_MARK_BP_LIVE;
    if (uw_rule_type(rule) == UW_RULE_ALIGNED) {
        if (live) *slot++ = (struct uw_slot){f->bp + (uint64_t)uw_rule_bp(rule), outer->bp};
        *slot++ = (struct uw_slot){outer->sp + UW_RA_OFFSET, pc};
        *slot++ = (struct uw_slot){f->bp + (uint64_t)uw_rule_cfa(rule), outer->sp};
        *marks |= UW_MARK_BP_LIVE;
    } else if (uw_rule_type(rule) == UW_RULE_SIGNAL) {
        uint64_t sp_at = f->sp + (uint64_t)uw_rule_cfa(rule);
        if (live) *slot++ = (struct uw_slot){sp_at + UW_SIGNAL_BP, outer->bp};
        *slot++ = (struct uw_slot){sp_at, outer->sp};
        *slot++ = (struct uw_slot){sp_at + UW_SIGNAL_PC, pc};
        *marks &= ~(uint32_t)UW_MARK_BP_LIVE;
    } else { /* guessed: the sanity checks depend on both words, used or not */
        uint64_t bp_at = f->bp + UW_GUESS_BP;
        *slot++ = (struct uw_slot){bp_at, uw_word(bp_at)};
        *slot++ = (struct uw_slot){f->bp + UW_GUESS_RA, pc};
        *marks |= UW_MARK_BP_LIVE | UW_MARK_GUESSED;
    }
    return slot;
}

/* The outermost frame: its slots are what made the walk end. */
static struct uw_slot *put_outermost(struct uw_slot *slot, const struct uw_fresh *f,
                                     const struct uw_stop *stop, uint32_t *marks) {
    for (uint32_t i = 0; i < stop->slots; i++)
        *slot++ = stop->slot[i];
    unsigned type = uw_rule_type(f->rule);
    if (type == UW_RULE_BP || type == UW_RULE_ALIGNED || type == UW_RULE_NOINFO)
        *marks |= UW_MARK_BP_LIVE;
    return slot;
}

int uw__memo_push(struct uw_level *l, struct uw_memo *m, uint64_t base, uint64_t count,
                  const struct uw_stop *stop) {
    m->count = (uint32_t)base;
    if (count == 0) return 1;
    uint64_t slots = uw_step_slots(&m->steps[(int64_t)base - 1]);
    uint64_t slots_needed = slots + 3 * count + 3 + UW_LEAF_SLOTS;
    if (unlikely(base + count + 1 > m->capacity || slots_needed > m->slot_capacity) &&
        !uw__memo_reserve(m, base + count + 1, slots_needed))
        return 0;
    struct uw_fresh *const outermost = l->fresh + count - 1;
    struct uw_slot *slot = m->slots + slots;
    const char *const first_slot = (const char *)m->slots;
    struct hash hash;
    uint32_t marks;
    int first = base == 0;
    if (unlikely(first)) {
        hash = root_hash();
        marks = 0;
        if (stop->end == UW_TRUNCATED) {
            uw__memo_start_truncated(l, m);
            base = 1;
            hash = hash_of(&m->frames[0]);
            marks = UW_MARK_TRUNCATED;
        }
    } else {
        const struct uw_step *step = &m->steps[base - 1];
        hash = hash_of(&m->frames[base - 1]);
        marks = uw_step_marks(step);
        outermost[1] = /* there is room for it */
            (struct uw_fresh){m->frames[base - 1].pc, step->sp, step->bp, 0};
    }
    struct uw_frame *frame = m->frames + base;
    struct uw_step *step = m->steps + base;
    uint32_t uid = take_uids(l, count);
    m->count = (uint32_t)(base + count);
    const struct uw_fresh *f = outermost;
    if (unlikely(first)) {
        slot = put_outermost(slot, f, stop, &marks);
        goto put;
    }
    for (;;) {
        uint64_t rule = f->rule;
        if (likely(uw_rule_is_plain(rule))) {
            uint64_t cfa = f[1].sp;
            int64_t bp_offset = uw_rule_bp(rule);
            if (bp_offset != UW_RA_OFFSET) {
                if (marks & UW_MARK_BP_LIVE)
                    *slot++ = (struct uw_slot){cfa + (uint64_t)bp_offset, f[1].bp};
                marks &= ~(uint32_t)UW_MARK_BP_LIVE;
            }
            slot->address = cfa + UW_RA_OFFSET;
            slot->value = f[1].pc;
            slot++;
            marks |= (uint32_t)uw_rule_from_bp(rule); /* UW_MARK_BP_LIVE */
        } else {
            slot = put_rare(slot, f, &marks);
        }
    put:
        hash = mix(hash, f->pc);
        name(frame, f->pc, hash);
        step->sp = f->sp;
        step->bp = f->bp;
        step->rule = f->rule;
        step->uid = uid++;
        step->slots_marks = (uint32_t)((const char *)slot - first_slot) >> 1 | marks;
        INVARIANT(step == m->steps || uw_step_slots(step) >= uw_step_slots(step - 1));
        INVARIANT(uw_step_slots(step) <= m->slot_capacity && step < m->steps + m->capacity);
        if (f == l->fresh) {
            INVARIANT(frame == m->frames + m->count - 1);
            return 1;
        }
        f--, frame++, step++;
    }
}

int uw__memo_push_plain(struct uw_level *l, struct uw_memo *m, uint64_t count,
                        const struct uw_stop *stop) {
    m->count = 0;
    if (!uw__memo_reserve(m, count + 1, 1)) return 0;
    struct hash hash = root_hash();
    uint32_t marks = 0;
    if (stop->end == UW_TRUNCATED) {
        uw__memo_start_truncated(l, m);
        hash = hash_of(&m->frames[0]);
        marks = UW_MARK_TRUNCATED;
    }
    while (count-- > 0) {
        struct uw_frame *frame = &m->frames[m->count];
        hash = mix(hash, l->fresh[count].pc);
        name(frame, l->fresh[count].pc, hash);
        if (frame->pc & UW_PC_GUESSED) marks |= UW_MARK_GUESSED;
        m->steps[m->count++] = (struct uw_step){UINT64_MAX, 0, 0, take_uids(l, 1), marks};
    }
    return 1;
}
