/* SPDX-License-Identifier: MIT
 * Call frame information: runs the program of a function's description up to an address, which
 * gives the row that says where the caller's registers are. */
#ifndef HEAPWISE_UNWIND_CFI_H
#define HEAPWISE_UNWIND_CFI_H

#include "unwind/arch.h"
#include "unwind/eh_frame.h"

#include <stddef.h>

enum uw_where {
    UW_SAME, /* also: nothing said */
    UW_UNDEFINED,
    UW_AT_OFFSET,     /* in memory at CFA + offset */
    UW_IS_OFFSET,     /* is CFA + offset */
    UW_IN_REGISTER,   /* is another register */
    UW_AT_EXPRESSION, /* in memory at the expression's value, CFA pushed first */
    UW_IS_EXPRESSION  /* is the expression's value */
};

struct uw_column {
    enum uw_where where;
    union {
        int64_t offset;
        uint64_t number;           /* of a register */
        const uint8_t *expression; /* a ULEB length, then so many bytes */
    };
};

struct uw_row {
    const uint8_t *cfa_expression; /* or NULL: then register + offset */
    uint64_t cfa_register;
    int64_t cfa_offset;
    struct uw_column columns[UW_REGISTERS];
};

enum { UW_ROWS_REMEMBERED = 16, UW_EXPRESSION_DEPTH = 64 };

/* Working memory of the slow parts. It is kept beside the thread's memos, not on the stack, which
 * may be a few kilobytes of a signal or coroutine stack. */
struct uw_cfi_scratch {
    struct uw_row row, initial, remembered[UW_ROWS_REMEMBERED];
    struct uw_fde fde;
    uint64_t values[UW_EXPRESSION_DEPTH];
    uint64_t registers[UW_REGISTERS], callers[UW_REGISTERS];
};

/* Leaves the row for `address` in s->row; s->fde must describe the function. False if malformed. */
bool uw__cfi_run(struct uw_cfi_scratch *s, uint64_t address);

#endif
