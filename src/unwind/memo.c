/* SPDX-License-Identifier: MIT
 * Memos: how frames are put on, with the words they depend on and the name of their path. */
#include "unwind/memo.h"

/* Path hashes: a frame mixes its pc into the hash of its caller by two multiplications of which all
 * 128 bits are used. Odd constants without pattern; nobody chooses the input against us. */
#define MIX_A 0x9e3779b97f4a7c15ull
#define MIX_B 0xd6e8feb86659fd93ull

static inline void mix(uint64_t to[2], const uint64_t from[2], uint64_t pc) {
    __extension__ typedef unsigned __int128 wide;
    wide a = (wide)(from[0] ^ pc) * MIX_A;
    wide b = (wide)(from[1] + pc) * MIX_B;
    to[0] = (uint64_t)a ^ (uint64_t)(b >> 64);
    to[1] = (uint64_t)b ^ (uint64_t)(a >> 64);
}

static const uint64_t *root_hash(uint64_t hash[2]) {
    hash[0] = 0x243f6a8885a308d3ull ^ load_relaxed(&uw__loader.epoch);
    hash[1] = 0x13198a2e03707344ull;
    return hash;
}

static uint32_t next_uid(struct uw_level *l) {
    if (unlikely(++l->uid == 0)) {
        /* After 2^32 steps numbers would come again: nothing old may be left to be taken for new. */
        for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++)
            for (uint32_t i = 0; i < s->memo.count; i++) s->memo.steps[i].uid = 0;
        if (l->leaves != NULL)
            for (uint32_t i = 0; i <= l->leaf_mask; i++) l->leaves[i].pc = 0;
        l->uid = 1;
    }
    return l->uid;
}

void uw__memo_start_truncated(struct uw_level *l, struct uw_memo *m) {
    uint64_t hash[2];
    struct uw_frame *frame = &m->frames[0];
    frame->pc = UW_PC_STOPPED;
    frame->node = frame->reserved = 0;
    mix(frame->hash, root_hash(hash), frame->pc);
    m->steps[0] = (struct uw_step){UINT64_MAX, 0, 0, next_uid(l), UW_MARK_TRUNCATED};
    m->count = 1;
}

static int uses_bp(unsigned type) {
    return type == UW_RULE_BP || type == UW_RULE_ALIGNED || type == UW_RULE_NOINFO;
}

int uw__memo_push(struct uw_level *l, struct uw_memo *m, uint64_t base, uint64_t count,
                  const struct uw_stop *stop) {
    uint64_t slots = base > 0 ? uw_step_slots(&m->steps[base - 1]) : 0;
    m->count = (uint32_t)base;
    if (unlikely(base + count + 1 > m->capacity || slots + 3 * count + 3 > m->slot_capacity) &&
        !uw__memo_reserve(m, base + count + 1, slots + 3 * count + 3))
        return 0;
    const struct uw_fresh *fresh = l->fresh + count;
    uint64_t seed[2];
    const uint64_t *hash;
    uint32_t marks = 0;
    int outermost = base == 0;
    if (outermost) {
        hash = root_hash(seed);
        if (stop->end == UW_TRUNCATED) {
            uw__memo_start_truncated(l, m);
            base = 1;
            hash = m->frames[0].hash;
            marks = UW_MARK_TRUNCATED;
        }
    } else {
        hash = m->frames[base - 1].hash;
        marks = uw_step_marks(&m->steps[base - 1]);
    }
    struct uw_frame *frame = m->frames + base;
    struct uw_step *step = m->steps + base;
    struct uw_slot *slot = m->slots + slots;
    struct uw_state outer = {0, 0, 0};
    if (!outermost) outer = (struct uw_state){frame[-1].pc, step[-1].sp, step[-1].bp};
    while (fresh-- > l->fresh) {
        uint64_t rule = fresh->rule, pc = outer.pc & UW_PC_ADDRESS;
        unsigned type = uw_rule_type(rule), live = marks & UW_MARK_BP_LIVE;
        marks &= ~(unsigned)UW_MARK_BP_LIVE;
        if (unlikely(outermost)) {
            for (uint32_t i = 0; i < stop->slots; i++) *slot++ = stop->slot[i];
            marks |= uses_bp(type) ? UW_MARK_BP_LIVE : 0;
            outermost = 0;
        } else if (likely(type == UW_RULE_SP || type == UW_RULE_BP)) {
            if (uw_rule_keeps_bp(rule))
                marks |= live;
            else if (live)
                *slot++ = (struct uw_slot){outer.sp + uw_rule_bp(rule), outer.bp};
            *slot++ = (struct uw_slot){outer.sp + UW_RA_OFFSET, pc};
            if (type == UW_RULE_BP) marks |= UW_MARK_BP_LIVE;
        } else if (type == UW_RULE_ALIGNED) {
            if (live) *slot++ = (struct uw_slot){fresh->bp + uw_rule_bp(rule), outer.bp};
            *slot++ = (struct uw_slot){outer.sp + UW_RA_OFFSET, pc};
            *slot++ = (struct uw_slot){fresh->bp + uw_rule_cfa(rule), outer.sp};
            marks |= UW_MARK_BP_LIVE;
        } else if (type == UW_RULE_SIGNAL) {
            uint64_t sp_at = fresh->sp + uw_rule_cfa(rule);
            if (live) *slot++ = (struct uw_slot){sp_at + UW_SIGNAL_BP, outer.bp};
            *slot++ = (struct uw_slot){sp_at, outer.sp};
            *slot++ = (struct uw_slot){sp_at + UW_SIGNAL_PC, pc};
        } else { /* guessed: the sanity checks depend on both words, used or not */
            uint64_t bp_at = fresh->bp + UW_GUESS_BP;
            *slot++ = (struct uw_slot){bp_at, uw_word(bp_at)};
            *slot++ = (struct uw_slot){fresh->bp + UW_GUESS_RA, pc};
            marks |= UW_MARK_BP_LIVE;
        }
        if (unlikely(fresh->pc & UW_PC_GUESSED)) marks |= UW_MARK_GUESSED;
        mix(frame->hash, hash, fresh->pc);
        hash = frame->hash;
        frame->pc = fresh->pc;
        frame->node = 0;
        *step = (struct uw_step){fresh->sp, fresh->bp, rule, next_uid(l),
                                 (uint32_t)(slot - m->slots) << UW_MARK_BITS | marks};
        outer = (struct uw_state){fresh->pc, fresh->sp, fresh->bp};
        frame++;
        step++;
    }
    m->count = (uint32_t)(frame - m->frames);
    return 1;
}

int uw__memo_push_plain(struct uw_level *l, struct uw_memo *m, uint64_t count,
                        const struct uw_stop *stop) {
    m->count = 0;
    if (!uw__memo_reserve(m, count + 1, 1)) return 0;
    uint64_t seed[2];
    const uint64_t *hash = root_hash(seed);
    uint32_t marks = 0;
    if (stop->end == UW_TRUNCATED) {
        uw__memo_start_truncated(l, m);
        hash = m->frames[0].hash;
        marks = UW_MARK_TRUNCATED;
    }
    while (count-- > 0) {
        struct uw_frame *frame = &m->frames[m->count];
        frame->pc = l->fresh[count].pc;
        frame->node = 0;
        mix(frame->hash, hash, frame->pc);
        hash = frame->hash;
        if (frame->pc & UW_PC_GUESSED) marks |= UW_MARK_GUESSED;
        m->steps[m->count++] = (struct uw_step){UINT64_MAX, 0, 0, next_uid(l), marks};
    }
    return 1;
}
