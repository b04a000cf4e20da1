/* SPDX-License-Identifier: MIT
 * The figures of a call stack as columns, under the names that the JSON report gives them: one list
 * for all formats that are tables. */
#ifndef HEAPWISE_EXPORT_SITE_COLUMNS_H
#define HEAPWISE_EXPORT_SITE_COLUMNS_H

/* Calls X(name, what) for each column; `name` is a member of struct an_costs, and `what` must be
 * known (rec_knows) for the figure to mean anything. */
#define EX_SITE_COLUMNS(X)                                                                         \
    X(allocations, REC_KNOWS_CALLS)                                                                \
    X(allocated_bytes, REC_KNOWS_ALLOCATED)                                                        \
    X(peak_bytes, REC_KNOWS_PEAK)                                                                  \
    X(peak_blocks, REC_KNOWS_PEAK_BLOCKS)                                                          \
    X(leaked_bytes, REC_KNOWS_LEAKED)                                                              \
    X(leaked_blocks, REC_KNOWS_LEAKED_BLOCKS)                                                      \
    X(temporary, REC_KNOWS_TEMPORARY)                                                              \
    X(temporary_bytes, REC_KNOWS_TEMPORARY)                                                        \
    X(failed, REC_KNOWS_FAILED)                                                                    \
    X(alive_bytes, REC_KNOWS_LEAKED)                                                               \
    X(alive_blocks, REC_KNOWS_LEAKED_BLOCKS)                                                       \
    X(freed_bytes, REC_KNOWS_FREES)                                                                \
    X(freed_blocks, REC_KNOWS_FREES)                                                               \
    X(later_bytes, REC_KNOWS_EVENTS)                                                               \
    X(later_blocks, REC_KNOWS_EVENTS)

#endif
