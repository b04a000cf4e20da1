/* SPDX-License-Identifier: MIT
 * DWARF expressions with numbers: the stack machine of the standard. */
#include "unwind/expression.h"

#include <string.h>

/* More operations than any expression has: only a loop that does not end gets here. */
enum { OPERATIONS_MAX = 100000 };

bool uw__op_constant(uint8_t op, const uint8_t **p, uint64_t *value) {
    if (op >= UW_OP_LIT0 && op <= UW_OP_LIT31) {
        *value = op - UW_OP_LIT0;
        return true;
    }
    unsigned bytes;
    switch (op) {
    case UW_OP_CONST1U:
    case UW_OP_CONST1S:
        bytes = 1;
        break;
    case UW_OP_CONST2U:
    case UW_OP_CONST2S:
        bytes = 2;
        break;
    case UW_OP_CONST4U:
    case UW_OP_CONST4S:
        bytes = 4;
        break;
    case UW_OP_ADDR:
    case UW_OP_CONST8U:
    case UW_OP_CONST8S:
        bytes = 8;
        break;
    case UW_OP_CONSTU:
        *value = uw__read_uleb(p);
        return true;
    case UW_OP_CONSTS:
        *value = (uint64_t)uw__read_sleb(p);
        return true;
    case UW_OP_GNU_ENCODED_ADDR: {
        uint8_t encoding = *(*p)++;
        *value = uw__read_encoded(p, encoding, 0);
        return true;
    }
    default:
        return false;
    }
    uint64_t bits = 0;
    memcpy(&bits, *p, bytes);
    *p += bytes;
    bool is_signed = op == UW_OP_CONST1S || op == UW_OP_CONST2S || op == UW_OP_CONST4S;
    if (is_signed && bits >> (8 * bytes - 1)) bits |= ~0ull << (8 * bytes);
    *value = bits;
    return true;
}

bool uw__op_binary(uint8_t op, uint64_t a, uint64_t b, uint64_t *value) {
    int64_t sa = (int64_t)a, sb = (int64_t)b;
    switch (op) {
    case UW_OP_AND:
        *value = a & b;
        return true;
    case UW_OP_OR:
        *value = a | b;
        return true;
    case UW_OP_XOR:
        *value = a ^ b;
        return true;
    case UW_OP_PLUS:
        *value = a + b;
        return true;
    case UW_OP_MINUS:
        *value = a - b;
        return true;
    case UW_OP_MUL:
        *value = a * b;
        return true;
    case UW_OP_DIV:
        if (b == 0) return false;
        *value = sb == -1 ? 0 - a : (uint64_t)(sa / sb);
        return true;
    case UW_OP_MOD:
        if (b == 0) return false;
        *value = a % b;
        return true;
    case UW_OP_SHL:
        *value = b < 64 ? a << b : 0;
        return true;
    case UW_OP_SHR:
        *value = b < 64 ? a >> b : 0;
        return true;
    case UW_OP_SHRA:
        *value = (uint64_t)(sa >> (b < 64 ? b : 63));
        return true;
    case UW_OP_EQ:
        *value = a == b;
        return true;
    case UW_OP_NE:
        *value = a != b;
        return true;
    case UW_OP_GE:
        *value = sa >= sb;
        return true;
    case UW_OP_GT:
        *value = sa > sb;
        return true;
    case UW_OP_LE:
        *value = sa <= sb;
        return true;
    case UW_OP_LT:
        *value = sa < sb;
        return true;
    }
    return false;
}

bool uw__expression_value(const uint8_t *expression, const uint64_t registers[UW_REGISTERS],
                          uint32_t known, const uint64_t *first, uint64_t *values,
                          uw_read_word *read, void *memory, uint64_t *result) {
    const uint8_t *p = expression;
    uint64_t length = uw__read_uleb(&p);
    const uint8_t *start = p, *end = p + length;
    unsigned depth = 0;
    if (first != NULL) values[depth++] = *first;
    for (unsigned operations = 0; p < end; operations++) {
        if (operations == OPERATIONS_MAX || depth > UW_EXPRESSION_DEPTH - 2) return false;
        uint8_t op = *p++;
        uint64_t *top = values + depth - 1; /* valid if depth > 0 */
        uint64_t number;
        if (uw__op_constant(op, &p, &values[depth])) {
            depth++;
        } else if ((op >= UW_OP_REG0 && op <= UW_OP_REG31) || op == UW_OP_REGX ||
                   (op >= UW_OP_BREG0 && op <= UW_OP_BREG31) || op == UW_OP_BREGX) {
            int64_t offset = 0;
            if (op == UW_OP_REGX || op == UW_OP_BREGX)
                number = uw__read_uleb(&p);
            else
                number = op < UW_OP_BREG0 ? op - UW_OP_REG0 : op - UW_OP_BREG0;
            if (op >= UW_OP_BREG0 && op != UW_OP_REGX) offset = uw__read_sleb(&p);
            if (number >= UW_REGISTERS || !(known >> number & 1)) return false;
            values[depth++] = registers[number] + (uint64_t)offset;
        } else if (op == UW_OP_NOP) {
        } else if (op == UW_OP_SKIP || op == UW_OP_BRA) {
            int16_t distance;
            memcpy(&distance, p, sizeof distance);
            p += 2;
            if (op == UW_OP_BRA) {
                if (depth < 1) return false;
                depth--;
                if (*top == 0) continue;
            }
            p += distance;
            if (p < start || p > end) return false;
        } else if (depth < 1) {
            return false;
        } else if (op == UW_OP_DEREF || op == UW_OP_DEREF_SIZE) {
            unsigned bytes = op == UW_OP_DEREF ? 8 : *p++;
            if (bytes == 0 || bytes > 8) return false;
            /* A word that holds the bytes and does not cross into a page that they do not touch. */
            uint64_t aligned = *top & ~7ull, skip = *top & 7, low;
            if (skip + bytes <= 8) {
                if (!read(memory, aligned, &low)) return false;
                low >>= 8 * skip;
            } else if (!read(memory, *top, &low)) {
                return false;
            }
            *top = bytes == 8 ? low : low & ((1ull << 8 * bytes) - 1);
        } else if (op == UW_OP_DUP) {
            values[depth++] = *top;
        } else if (op == UW_OP_DROP) {
            depth--;
        } else if (op == UW_OP_PICK) {
            number = *p++;
            if (number >= depth) return false;
            values[depth] = values[depth - 1 - number];
            depth++;
        } else if (op == UW_OP_ABS) {
            if ((int64_t)*top < 0) *top = 0 - *top;
        } else if (op == UW_OP_NEG) {
            *top = 0 - *top;
        } else if (op == UW_OP_NOT) {
            *top = ~*top;
        } else if (op == UW_OP_PLUS_UCONST) {
            *top += uw__read_uleb(&p);
        } else if (depth < 2) {
            return false;
        } else if (op == UW_OP_OVER) {
            values[depth] = values[depth - 2];
            depth++;
        } else if (op == UW_OP_SWAP) {
            number = top[0], top[0] = top[-1], top[-1] = number;
        } else if (op == UW_OP_ROT) {
            if (depth < 3) return false;
            number = top[0], top[0] = top[-1], top[-1] = top[-2], top[-2] = number;
        } else if (uw__op_binary(op, top[-1], top[0], &top[-1])) {
            depth--;
        } else {
            return false;
        }
    }
    if (depth == 0) return false;
    *result = values[depth - 1];
    return true;
}
