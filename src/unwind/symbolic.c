/* SPDX-License-Identifier: MIT
 * DWARF expressions with symbols: most expressions in real code are sp or bp plus a number, or the
 * word there, once the code address is known (a PLT entry's depends on its low bits), and then a
 * plain rule says the same. */
#include "unwind/expression.h"

enum { SYMBOLS_MAX = 16 };

static bool is_number(const struct uw_symbol *s) {
    return s->form == UW_FORM_NUMBER;
}

/* a + sign * b where at most one is not a number. */
static bool add(struct uw_symbol *a, const struct uw_symbol *b, int sign) {
    if (is_number(b)) {
        if (a->form == UW_FORM_AT_SP || a->form == UW_FORM_AT_BP) return b->offset == 0;
        a->offset += sign * b->offset;
        return true;
    }
    if (sign < 0 || !is_number(a)) return false;
    if (b->form == UW_FORM_AT_SP || b->form == UW_FORM_AT_BP) return false;
    a->form = b->form;
    a->offset += b->offset;
    return true;
}

bool uw__expression_symbol(const uint8_t *expression, uint64_t pc, struct uw_symbol *result) {
    const uint8_t *p = expression;
    uint64_t length = uw__read_uleb(&p);
    const uint8_t *end = p + length;
    struct uw_symbol stack[SYMBOLS_MAX];
    unsigned depth = 0;
    while (p < end) {
        if (depth == SYMBOLS_MAX) return false;
        uint8_t op = *p++;
        uint64_t number;
        struct uw_symbol *top = stack + depth - 1; /* valid if depth > 0 */
        if (uw__op_constant(op, &p, &number)) {
            stack[depth++] = (struct uw_symbol){UW_FORM_NUMBER, (int64_t)number};
        } else if ((op >= UW_OP_BREG0 && op <= UW_OP_BREG31) || op == UW_OP_BREGX) {
            number = op == UW_OP_BREGX ? uw__read_uleb(&p) : (uint64_t)(op - UW_OP_BREG0);
            int64_t offset = uw__read_sleb(&p);
            if (number == UW_RA)
                stack[depth++] = (struct uw_symbol){UW_FORM_NUMBER, (int64_t)pc + offset};
            else if (number == UW_SP)
                stack[depth++] = (struct uw_symbol){UW_FORM_SP, offset};
            else if (number == UW_BP)
                stack[depth++] = (struct uw_symbol){UW_FORM_BP, offset};
            else
                return false;
        } else if (op == UW_OP_NOP) {
        } else if (depth < 1) {
            return false;
        } else if (op == UW_OP_DEREF) {
            if (top->form == UW_FORM_SP)
                top->form = UW_FORM_AT_SP;
            else if (top->form == UW_FORM_BP)
                top->form = UW_FORM_AT_BP;
            else
                return false;
        } else if (op == UW_OP_PLUS_UCONST) {
            struct uw_symbol addend = {UW_FORM_NUMBER, (int64_t)uw__read_uleb(&p)};
            if (!add(top, &addend, 1)) return false;
        } else if (depth < 2) {
            return false;
        } else if (op == UW_OP_PLUS || op == UW_OP_MINUS) {
            if (!add(top - 1, top, op == UW_OP_PLUS ? 1 : -1)) return false;
            depth--;
        } else if (is_number(top) && is_number(top - 1) &&
                   uw__op_binary(op, (uint64_t)top[-1].offset, (uint64_t)top->offset, &number)) {
            top[-1].offset = (int64_t)number;
            depth--;
        } else {
            return false;
        }
    }
    if (depth == 0) return false;
    *result = stack[depth - 1];
    return true;
}
