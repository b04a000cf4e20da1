/* SPDX-License-Identifier: MIT
 * Amounts as people read them: sizes in binary units that say so, grouped counts, times, shares. */
#ifndef HEAPWISE_EXPORT_QUANTITY_H
#define HEAPWISE_EXPORT_QUANTITY_H

#include <stdint.h>

/* Room for any of the texts below. */
struct ex_quantity {
    char text[40];
};

enum ex_size_form { EX_SIZE_UNITS, EX_SIZE_EXACT };

/* "88.2 MiB", "512 B"; exact: "92,484,403 B". */
struct ex_quantity ex_size(uint64_t bytes, enum ex_size_form form);
/* "2,590,112" */
struct ex_quantity ex_count(uint64_t n);
/* "47.7 %" of a whole; "<0.1 %" for a little; "-" when the whole is 0. */
struct ex_quantity ex_share(uint64_t part, uint64_t whole);
/* "312 ms", "2.91 s", "3 min 12 s", "2 h 5 min" */
struct ex_quantity ex_duration(uint64_t ms);

#endif
