/* SPDX-License-Identifier: MIT
 * Gives each pair of numbers that it meets a number of its own: 0, 1, 2, … in the order of meeting. */
#ifndef HEAPWISE_EXPORT_PAIR_TABLE_H
#define HEAPWISE_EXPORT_PAIR_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct ex_pair {
    uint64_t first;
    uint32_t second, reserved;
};

/* All zero is an empty table. */
struct ex_pair_table {
    struct ex_pair *pairs;
    size_t count, capacity;
    uint32_t *slots; /* open addressing: a pair's number + 1 */
    size_t mask;
};

#define EX_NO_PAIR UINT32_MAX

void ex_pair_table_release(struct ex_pair_table *t);
/* The number of a pair, EX_NO_PAIR when memory is out. A pair that is new gets the number that
 * `count` had before. */
uint32_t ex_pair_number(struct ex_pair_table *t, uint64_t first, uint32_t second);

#endif
