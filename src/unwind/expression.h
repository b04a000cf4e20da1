/* SPDX-License-Identifier: MIT
 * DWARF expressions: computed with numbers for one frame, or with symbols for all frames at once.
 */
#ifndef HEAPWISE_UNWIND_EXPRESSION_H
#define HEAPWISE_UNWIND_EXPRESSION_H

#include "unwind/cfi.h"

enum uw_op {
    UW_OP_ADDR = 0x03,
    UW_OP_DEREF = 0x06,
    UW_OP_CONST1U = 0x08,
    UW_OP_CONST1S = 0x09,
    UW_OP_CONST2U = 0x0a,
    UW_OP_CONST2S = 0x0b,
    UW_OP_CONST4U = 0x0c,
    UW_OP_CONST4S = 0x0d,
    UW_OP_CONST8U = 0x0e,
    UW_OP_CONST8S = 0x0f,
    UW_OP_CONSTU = 0x10,
    UW_OP_CONSTS = 0x11,
    UW_OP_DUP = 0x12,
    UW_OP_DROP = 0x13,
    UW_OP_OVER = 0x14,
    UW_OP_PICK = 0x15,
    UW_OP_SWAP = 0x16,
    UW_OP_ROT = 0x17,
    UW_OP_ABS = 0x19,
    UW_OP_AND = 0x1a,
    UW_OP_DIV = 0x1b,
    UW_OP_MINUS = 0x1c,
    UW_OP_MOD = 0x1d,
    UW_OP_MUL = 0x1e,
    UW_OP_NEG = 0x1f,
    UW_OP_NOT = 0x20,
    UW_OP_OR = 0x21,
    UW_OP_PLUS = 0x22,
    UW_OP_PLUS_UCONST = 0x23,
    UW_OP_SHL = 0x24,
    UW_OP_SHR = 0x25,
    UW_OP_SHRA = 0x26,
    UW_OP_XOR = 0x27,
    UW_OP_BRA = 0x28,
    UW_OP_EQ = 0x29,
    UW_OP_GE = 0x2a,
    UW_OP_GT = 0x2b,
    UW_OP_LE = 0x2c,
    UW_OP_LT = 0x2d,
    UW_OP_NE = 0x2e,
    UW_OP_SKIP = 0x2f,
    UW_OP_LIT0 = 0x30,
    UW_OP_LIT31 = 0x4f,
    UW_OP_REG0 = 0x50,
    UW_OP_REG31 = 0x6f,
    UW_OP_BREG0 = 0x70,
    UW_OP_BREG31 = 0x8f,
    UW_OP_REGX = 0x90,
    UW_OP_BREGX = 0x92,
    UW_OP_DEREF_SIZE = 0x94,
    UW_OP_NOP = 0x96,
    UW_OP_GNU_ENCODED_ADDR = 0xf1
};

/* Reads the operand of a constant (ADDR, CONST*, LIT*) and moves *p behind it; false if `op` is
 * none. */
bool uw__op_constant(uint8_t op, const uint8_t **p, uint64_t *value);
/* Computes "a op b" of the operations with two operands; false if `op` is none of them. */
bool uw__op_binary(uint8_t op, uint64_t a, uint64_t b, uint64_t *value);

/* How an expression reads memory: false when the word cannot be read. */
typedef bool uw_read_word(void *memory, uint64_t address, uint64_t *value);

/* Evaluates `expression` (a ULEB length and its bytes). `known` is a mask of the registers that
 * have a value; `first`, if not NULL, is pushed before. Uses values[UW_EXPRESSION_DEPTH]. */
bool uw__expression_value(const uint8_t *expression, const uint64_t registers[UW_REGISTERS],
                          uint32_t known, const uint64_t *first, uint64_t *values,
                          uw_read_word *read, void *memory, uint64_t *result);

/* What an expression amounts to when sp and bp are not known yet. */
enum uw_form { UW_FORM_NUMBER, UW_FORM_SP, UW_FORM_BP, UW_FORM_AT_SP, UW_FORM_AT_BP };
struct uw_symbol {
    enum uw_form form;
    int64_t offset; /* to be added; before reading, where the form is AT_* */
};

/* The same with symbols, the code address being `pc`. False when it is not of such a form. */
bool uw__expression_symbol(const uint8_t *expression, uint64_t pc, struct uw_symbol *result);

#endif
