/* SPDX-License-Identifier: MIT
 * Call frame information: runs the program of a function's description up to an address. */
#include "unwind/cfi.h"

#include <string.h>

enum { /* the high two bits, with an operand in the low six; else the whole byte */
       CFA_ADVANCE_LOC = 0x40,
       CFA_OFFSET = 0x80,
       CFA_RESTORE = 0xc0,
       CFA_NOP = 0x00,
       CFA_SET_LOC = 0x01,
       CFA_ADVANCE_LOC1 = 0x02,
       CFA_ADVANCE_LOC2 = 0x03,
       CFA_ADVANCE_LOC4 = 0x04,
       CFA_OFFSET_EXTENDED = 0x05,
       CFA_RESTORE_EXTENDED = 0x06,
       CFA_UNDEFINED = 0x07,
       CFA_SAME_VALUE = 0x08,
       CFA_REGISTER = 0x09,
       CFA_REMEMBER_STATE = 0x0a,
       CFA_RESTORE_STATE = 0x0b,
       CFA_DEF_CFA = 0x0c,
       CFA_DEF_CFA_REGISTER = 0x0d,
       CFA_DEF_CFA_OFFSET = 0x0e,
       CFA_DEF_CFA_EXPRESSION = 0x0f,
       CFA_EXPRESSION = 0x10,
       CFA_OFFSET_EXTENDED_SF = 0x11,
       CFA_DEF_CFA_SF = 0x12,
       CFA_DEF_CFA_OFFSET_SF = 0x13,
       CFA_VAL_OFFSET = 0x14,
       CFA_VAL_OFFSET_SF = 0x15,
       CFA_VAL_EXPRESSION = 0x16,
       CFA_GNU_ARGS_SIZE = 0x2e,
       CFA_GNU_NEGATIVE_OFFSET_EXTENDED = 0x2f
};

static const uint8_t *skip_block(const uint8_t **p) {
    const uint8_t *block = *p;
    uint64_t length = uw__read_uleb(p);
    *p += length;
    return block;
}

/* Columns that the machine does not keep (vector registers) are accepted and forgotten. */
static void set(struct uw_row *row, uint64_t number, enum uw_where where, int64_t offset) {
    if (number >= UW_REGISTERS) return;
    row->columns[number].where = where;
    row->columns[number].offset = offset;
}

static void set_expression(struct uw_row *row, uint64_t number, enum uw_where where,
                           const uint8_t *expression) {
    if (number >= UW_REGISTERS) return;
    row->columns[number].where = where;
    row->columns[number].expression = expression;
}

static void restore(struct uw_cfi_scratch *s, uint64_t number) {
    if (number < UW_REGISTERS) s->row.columns[number] = s->initial.columns[number];
}

static bool run(struct uw_cfi_scratch *s, const uint8_t *p, const uint8_t *end, uint64_t address) {
    struct uw_row *row = &s->row;
    const struct uw_fde *fde = &s->fde;
    uint64_t location = fde->start;
    unsigned remembered = 0;
    while (p < end) {
        uint8_t code = *p++;
        uint64_t number, low = code & 0x3f;
        switch (code & 0xc0) {
        case CFA_ADVANCE_LOC:
            location += low * fde->code_factor;
            if (location > address) return true;
            continue;
        case CFA_OFFSET:
            set(row, low, UW_AT_OFFSET, (int64_t)uw__read_uleb(&p) * fde->data_factor);
            continue;
        case CFA_RESTORE:
            restore(s, low);
            continue;
        }
        switch (code) {
        case CFA_NOP:
            break;
        case CFA_SET_LOC:
            location = uw__read_encoded(&p, fde->encoding, 0);
            goto moved;
        case CFA_ADVANCE_LOC1:
            location += *p * fde->code_factor, p += 1;
            goto moved;
        case CFA_ADVANCE_LOC2:
            location += (p[0] | (uint64_t)p[1] << 8) * fde->code_factor, p += 2;
            goto moved;
        case CFA_ADVANCE_LOC4: {
            uint32_t delta;
            memcpy(&delta, p, sizeof delta);
            location += delta * fde->code_factor, p += 4;
        moved:
            if (location > address) return true;
            break;
        }
        case CFA_OFFSET_EXTENDED:
            number = uw__read_uleb(&p);
            set(row, number, UW_AT_OFFSET, (int64_t)uw__read_uleb(&p) * fde->data_factor);
            break;
        case CFA_OFFSET_EXTENDED_SF:
            number = uw__read_uleb(&p);
            set(row, number, UW_AT_OFFSET, uw__read_sleb(&p) * fde->data_factor);
            break;
        case CFA_GNU_NEGATIVE_OFFSET_EXTENDED:
            number = uw__read_uleb(&p);
            set(row, number, UW_AT_OFFSET, -(int64_t)uw__read_uleb(&p) * fde->data_factor);
            break;
        case CFA_VAL_OFFSET:
            number = uw__read_uleb(&p);
            set(row, number, UW_IS_OFFSET, (int64_t)uw__read_uleb(&p) * fde->data_factor);
            break;
        case CFA_VAL_OFFSET_SF:
            number = uw__read_uleb(&p);
            set(row, number, UW_IS_OFFSET, uw__read_sleb(&p) * fde->data_factor);
            break;
        case CFA_RESTORE_EXTENDED:
            restore(s, uw__read_uleb(&p));
            break;
        case CFA_UNDEFINED:
            set(row, uw__read_uleb(&p), UW_UNDEFINED, 0);
            break;
        case CFA_SAME_VALUE:
            set(row, uw__read_uleb(&p), UW_SAME, 0);
            break;
        case CFA_REGISTER:
            number = uw__read_uleb(&p);
            set(row, number, UW_IN_REGISTER, (int64_t)uw__read_uleb(&p));
            break;
        case CFA_EXPRESSION:
            number = uw__read_uleb(&p);
            set_expression(row, number, UW_AT_EXPRESSION, skip_block(&p));
            break;
        case CFA_VAL_EXPRESSION:
            number = uw__read_uleb(&p);
            set_expression(row, number, UW_IS_EXPRESSION, skip_block(&p));
            break;
        case CFA_REMEMBER_STATE:
            if (remembered == UW_ROWS_REMEMBERED) return false;
            s->remembered[remembered++] = *row;
            break;
        case CFA_RESTORE_STATE:
            if (remembered == 0) return false;
            *row = s->remembered[--remembered];
            break;
        case CFA_DEF_CFA:
            row->cfa_expression = NULL;
            row->cfa_register = uw__read_uleb(&p);
            row->cfa_offset = (int64_t)uw__read_uleb(&p);
            break;
        case CFA_DEF_CFA_SF:
            row->cfa_expression = NULL;
            row->cfa_register = uw__read_uleb(&p);
            row->cfa_offset = uw__read_sleb(&p) * fde->data_factor;
            break;
        case CFA_DEF_CFA_REGISTER:
            row->cfa_expression = NULL;
            row->cfa_register = uw__read_uleb(&p);
            break;
        case CFA_DEF_CFA_OFFSET:
            row->cfa_expression = NULL;
            row->cfa_offset = (int64_t)uw__read_uleb(&p);
            break;
        case CFA_DEF_CFA_OFFSET_SF:
            row->cfa_expression = NULL;
            row->cfa_offset = uw__read_sleb(&p) * fde->data_factor;
            break;
        case CFA_DEF_CFA_EXPRESSION:
            row->cfa_expression = skip_block(&p);
            break;
        case CFA_GNU_ARGS_SIZE:
            uw__read_uleb(&p);
            break;
        default:
            return false;
        }
    }
    return true;
}

bool uw__cfi_run(struct uw_cfi_scratch *s, uint64_t address) {
    memset(&s->row, 0, sizeof s->row);
    /* The CIE's program sets the row at the start of every function and does not move. */
    if (!run(s, s->fde.initial, s->fde.initial_end, UINT64_MAX)) return false;
    s->initial = s->row;
    return run(s, s->fde.program, s->fde.program_end, address);
}
