/* SPDX-License-Identifier: MIT
 * What the program tells of itself through the C API: blocks of pools, marks, names of threads,
 * allocations where it allows none.
 *
 * A pool's block may begin where a malloc'ed block begins. So that both live, the live heap knows
 * pool blocks by their address with POOL_BLOCK set, which no address of a program has. */
#ifndef HEAPWISE_RECORDER_TOLD_H
#define HEAPWISE_RECORDER_TOLD_H

#include "recorder/tracee.h"

#define POOL_BLOCK (1ull << 47)

/* A record of the kinds from WIRE_POOL_ALLOC on, checked as far as lengths go. */
struct told_record {
    uint32_t kind, node; /* of the agent's, in range */
    uint64_t address;
    uint64_t size; /* of records without one: their first word */
    uint64_t old, pool;
    uint64_t stamp;
};

void told_record(struct tracee *t, struct ring_reader *r, const struct told_record *e);
/* Hands over what has been counted since the last time: at least every second. */
void told_flush(struct tracee *t);
void told_release(struct told *told);

#endif
