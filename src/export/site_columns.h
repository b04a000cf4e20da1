/* SPDX-License-Identifier: MIT
 * The figures of a call stack as columns, under the names that the JSON report gives them: one list
 * for all formats that are tables. */
#ifndef HEAPWISE_EXPORT_SITE_COLUMNS_H
#define HEAPWISE_EXPORT_SITE_COLUMNS_H

/* Calls X(name) for each column; `name` is a member of struct an_costs. */
#define EX_SITE_COLUMNS(X)                                                                         \
    X(allocations)                                                                                 \
    X(allocated_bytes)                                                                             \
    X(peak_bytes)                                                                                  \
    X(peak_blocks)                                                                                 \
    X(leaked_bytes)                                                                                \
    X(leaked_blocks)                                                                               \
    X(temporary)                                                                                   \
    X(temporary_bytes)                                                                             \
    X(failed)                                                                                      \
    X(alive_bytes)                                                                                 \
    X(alive_blocks)                                                                                \
    X(freed_bytes)                                                                                 \
    X(freed_blocks)                                                                                \
    X(later_bytes)                                                                                 \
    X(later_blocks)

#endif
