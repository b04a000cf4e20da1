/* SPDX-License-Identifier: MIT
 * The complete DWARF machine. */
#include "unwind/machine.h"

#include "unwind/expression.h"

#include <string.h>

/* Our own frames between here and the hook: no more than this many steps are spent on them. */
enum { OWN_FRAMES_MAX = 16 };

struct machine {
    struct uw_level *level;
    uint32_t known; /* mask of the registers that have a value */
    uint64_t flags; /* UW_PC_* of the current pc */
};

static bool read_word(void *memory, uint64_t address, uint64_t *value) {
    struct machine *m = memory;
    if (uw__stack_find(m->level, address, UW_STACK_GOES_ON) == NULL) return false;
    *value = uw_word(address);
    return true;
}

/* The caller's value of register `n`: 1, or 0 if it has none, or -1 if it cannot be had. */
static int caller_value(struct machine *m, unsigned n, uint64_t cfa, uint64_t *value) {
    struct uw_cfi_scratch *s = &m->level->scratch;
    const struct uw_column *column = &s->row.columns[n];
    uint64_t address;
    switch (column->where) {
    case UW_SAME:
        if (n == UW_SP) {
            *value = cfa;
            return 1;
        }
        *value = s->registers[n];
        return n != UW_RA && m->known >> n & 1;
    case UW_UNDEFINED:
        return 0;
    case UW_AT_OFFSET:
        return read_word(m, cfa + (uint64_t)column->offset, value) ? 1 : -1;
    case UW_IS_OFFSET:
        *value = cfa + (uint64_t)column->offset;
        return 1;
    case UW_IN_REGISTER:
        if (column->number >= UW_REGISTERS || !(m->known >> column->number & 1)) return -1;
        *value = s->registers[column->number];
        return 1;
    case UW_AT_EXPRESSION:
        return uw__expression_value(column->expression, s->registers, m->known, &cfa, s->values,
                                    read_word, m, &address) &&
                       read_word(m, address, value)
                   ? 1
                   : -1;
    case UW_IS_EXPRESSION:
        return uw__expression_value(column->expression, s->registers, m->known, &cfa, s->values,
                                    read_word, m, value)
                   ? 1
                   : -1;
    }
    return -1;
}

static enum uw_end step_guess(struct machine *m) {
    struct uw_cfi_scratch *s = &m->level->scratch;
    struct uw_state state = {s->registers[UW_RA] | m->flags, s->registers[UW_SP],
                             s->registers[UW_BP]};
    struct uw_stop stop;
    const struct uw_stack *range = m->level->home;
    if (!(m->known >> UW_BP & 1)) return UW_TRUNCATED;
    uint64_t rule = uw_rule_make(UW_RULE_NOINFO, 0, 0);
    enum uw_end end = uw__step_rare(m->level, &state, &rule, &range, &stop);
    s->registers[UW_RA] = state.pc & UW_PC_ADDRESS;
    s->registers[UW_SP] = state.sp;
    s->registers[UW_BP] = state.bp;
    m->known = 1u << UW_RA | 1u << UW_SP | 1u << UW_BP;
    m->flags = UW_PC_GUESSED;
    return end;
}

static enum uw_end step(struct machine *m) {
    struct uw_cfi_scratch *s = &m->level->scratch;
    uint64_t pc = s->registers[UW_RA], key = uw_rule_key(pc | m->flags), cfa;
    if (!uw__fde_find(key, &s->fde)) return step_guess(m);
    if (s->fde.ra_column != UW_RA || !uw__cfi_run(s, key)) return UW_TRUNCATED;
    const struct uw_row *row = &s->row;
    if (row->cfa_expression != NULL) {
        if (!uw__expression_value(row->cfa_expression, s->registers, m->known, NULL, s->values,
                                  read_word, m, &cfa))
            return UW_TRUNCATED;
    } else {
        if (row->cfa_register >= UW_REGISTERS || !(m->known >> row->cfa_register & 1))
            return UW_TRUNCATED;
        cfa = s->registers[row->cfa_register] + (uint64_t)row->cfa_offset;
    }
    if (row->columns[UW_RA].where == UW_UNDEFINED) return UW_ENDS;
    bool exact = s->fde.signal_frame;
    if (!exact && cfa <= s->registers[UW_SP]) return UW_TRUNCATED;
    uint32_t known = 0;
    for (unsigned n = 0; n < UW_REGISTERS; n++) {
        int has = caller_value(m, n, cfa, &s->callers[n]);
        if (has < 0 && (n == UW_RA || n == UW_SP)) return UW_TRUNCATED;
        if (has > 0) known |= 1u << n;
    }
    if (!(known >> UW_RA & 1)) return UW_ENDS;
    if (!uw_is_code(s->callers[UW_RA]))
        return s->callers[UW_RA] == 0 && !exact ? UW_ENDS : UW_TRUNCATED;
    memcpy(s->registers, s->callers, sizeof s->registers);
    m->known = known;
    m->flags = exact ? UW_PC_EXACT : 0;
    return UW_GOES_ON;
}

__attribute__((noinline)) int uw__machine_walk(struct uw_level *l, uint64_t pc, uint64_t sp,
                                               uint64_t *count, struct uw_stop *stop) {
    struct machine m = {l, 0, UW_PC_EXACT};
    struct uw_cfi_scratch *s = &l->scratch;
    m.known = uw_registers_here(s->registers);
    for (unsigned own = 0;; own++) {
        if (s->registers[UW_SP] == sp && ((s->registers[UW_RA] ^ pc) & UW_PC_ADDRESS) == 0) break;
        if (own == OWN_FRAMES_MAX || step(&m) != UW_GOES_ON) return 0;
    }
    m.flags = pc & ~UW_PC_ADDRESS;
    stop->slots = 0;
    stop->forgettable = 1;
    for (*count = 0;;) {
        if (*count == l->fresh_capacity && !uw__fresh_grow(l)) {
            stop->end = UW_TRUNCATED;
            return 1;
        }
        l->fresh[(*count)++] = (struct uw_fresh){s->registers[UW_RA] | m.flags, s->registers[UW_SP],
                                                 0, uw_rule_make(UW_RULE_SLOW, 0, 0)};
        stop->end = step(&m);
        if (stop->end != UW_GOES_ON) return 1;
    }
}
