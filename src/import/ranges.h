/* SPDX-License-Identifier: MIT
 * Which module's code lies at an address. Later ranges come before earlier ones where they overlap.
 */
#ifndef HEAPWISE_IMPORT_RANGES_H
#define HEAPWISE_IMPORT_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct im_range {
    uint64_t start, end;
    uint32_t module, order;
};

struct im_ranges {
    struct im_range *list; /* sorted by start once looked at */
    size_t count, capacity;
    int is_sorted;
};

void im_ranges_release(struct im_ranges *r);
void im_ranges_clear(struct im_ranges *r);
/* 0, or -1 when memory is out. An empty or wrapping range is passed over. */
int im_ranges_add(struct im_ranges *r, uint64_t start, uint64_t size, uint32_t module);
/* 0 when there is none. */
uint32_t im_ranges_find(struct im_ranges *r, uint64_t address);

#endif
