/* SPDX-License-Identifier: MIT
 * Modules by address. See ranges.h. */
#include "import/ranges.h"

#include <stdlib.h>
#include <string.h>

void im_ranges_release(struct im_ranges *r) {
    free(r->list);
    memset(r, 0, sizeof *r);
}

void im_ranges_clear(struct im_ranges *r) {
    r->count = 0;
}

int im_ranges_add(struct im_ranges *r, uint64_t start, uint64_t size, uint32_t module) {
    if (size == 0 || start + size < start) return 0;
    if (r->count == r->capacity) {
        size_t capacity = r->capacity == 0 ? 64 : r->capacity * 2;
        struct im_range *list = realloc(r->list, capacity * sizeof *list);
        if (list == NULL) return -1;
        r->list = list;
        r->capacity = capacity;
    }
    r->list[r->count] = (struct im_range){start, start + size, module, (uint32_t)r->count};
    r->count++;
    r->is_sorted = 0;
    return 0;
}

static int by_start(const void *a, const void *b) {
    const struct im_range *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

uint32_t im_ranges_find(struct im_ranges *r, uint64_t address) {
    if (!r->is_sorted && r->count > 0) qsort(r->list, r->count, sizeof *r->list, by_start);
    r->is_sorted = 1;
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->list[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* Ranges of one module do not nest; a few steps back see those that an odd file overlaps. */
    for (size_t i = low, steps = 0; i-- > 0 && steps < 8; steps++)
        if (address < r->list[i].end) return r->list[i].module;
    return 0;
}
