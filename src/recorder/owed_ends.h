/* SPDX-License-Identifier: MIT
 * Ends that are owed: blocks that had to be ended by the next birth at their address, because their
 * own end had not been met yet (account.c says when that is so). Address -> how many, and the stamp
 * of the latest birth that displaced one. An open-addressing hash; mostly empty. */
#ifndef HEAPWISE_RECORDER_OWED_ENDS_H
#define HEAPWISE_RECORDER_OWED_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct owed_end {
    uint64_t address, birth;
    uint64_t count; /* 0: the slot is free */
};

struct owed_ends {
    struct owed_end *slots;
    size_t used, capacity; /* capacity: 0 or a power of two, at most half used */
};

void owed_ends_release(struct owed_ends *o);

/* The block at `address` was displaced by a birth with stamp `birth`. Returns 0, or -1 when memory
 * is out. */
int owed_ends_add(struct owed_ends *o, uint64_t address, uint64_t birth);

/* Whether an end at `address`, made at `stamp`, is one that is owed; then it is paid. */
bool owed_ends_pay(struct owed_ends *o, uint64_t address, uint64_t stamp);

#endif
