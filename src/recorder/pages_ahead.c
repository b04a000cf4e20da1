/* SPDX-License-Identifier: MIT
 * Makes the pages of a region ahead of the process that fills them. See pages_ahead.h. */
#include "recorder/pages_ahead.h"

#include <sys/mman.h>

enum { PAGE_BYTES = 4096, AT_MOST = 256 << 10 };

void pages_ahead(void *from, uint64_t capacity, uint64_t filled, uint64_t *made) {
    if (*made >= capacity) return;
    uint64_t ahead = filled > AT_MOST ? AT_MOST : filled;
    uint64_t to = filled < capacity ? (filled + ahead) & ~(uint64_t)(PAGE_BYTES - 1) : capacity;
    if (to > capacity) to = capacity;
    if (to > *made + AT_MOST) to = *made + AT_MOST;
    if (to <= *made) return;
    madvise((char *)from + *made, to - *made, MADV_POPULATE_WRITE);
    *made = to;
}
