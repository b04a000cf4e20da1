/* SPDX-License-Identifier: MIT
 * Which of many overlapping address ranges holds an address, for addresses asked in ascending
 * order.
 *
 * Where several hold it the one with the greatest priority is the answer. The whole sweep over r
 * ranges and a addresses costs O((r + a) log r), however the ranges nest: symbol tables and perf
 * maps come from files that may be made to be slow. */
#ifndef HEAPWISE_SYMBOLS_RANGE_SWEEP_H
#define HEAPWISE_SYMBOLS_RANGE_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#define SYM_RANGE_NONE SIZE_MAX

struct sym_range {
    uint64_t start, end; /* [start, end), start < end */
    uint64_t priority;
    uint64_t id; /* the owner's own */
};

struct sym_sweep {
    const struct sym_range *ranges; /* in ascending order of start */
    size_t count, next;
    size_t *heap; /* those begun already, the greatest priority at the top */
    size_t heap_count;
};

/* Sorts by start, then by priority. */
void sym_ranges_sort(struct sym_range *ranges, size_t count);

/* The ranges must stay sorted and in place while the sweep lives. -1: memory is out. */
int sym_sweep_init(struct sym_sweep *sweep, const struct sym_range *ranges, size_t count);
void sym_sweep_release(struct sym_sweep *sweep);

/* The index of the range that holds `address`, which must not be less than the one asked before;
 * SYM_RANGE_NONE when there is none. */
size_t sym_sweep_at(struct sym_sweep *sweep, uint64_t address);

#endif
