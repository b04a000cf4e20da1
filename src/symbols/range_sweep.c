/* SPDX-License-Identifier: MIT
 * A sweep over address ranges. See range_sweep.h. */
#include "symbols/range_sweep.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
    const struct sym_range *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->priority != y->priority) return x->priority < y->priority ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

void sym_ranges_sort(struct sym_range *ranges, size_t count) {
    if (count > 1) qsort(ranges, count, sizeof *ranges, compare);
}

int sym_sweep_init(struct sym_sweep *sweep, const struct sym_range *ranges, size_t count) {
    memset(sweep, 0, sizeof *sweep);
    sweep->ranges = ranges;
    sweep->count = count;
    sweep->heap = malloc((count + 1) * sizeof *sweep->heap);
    return sweep->heap == NULL ? -1 : 0;
}

void sym_sweep_release(struct sym_sweep *sweep) {
    free(sweep->heap);
    memset(sweep, 0, sizeof *sweep);
}

static uint64_t priority_at(const struct sym_sweep *sweep, size_t place) {
    return sweep->ranges[sweep->heap[place]].priority;
}

static void heap_push(struct sym_sweep *sweep, size_t range) {
    size_t place = sweep->heap_count++;
    sweep->heap[place] = range;
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (priority_at(sweep, parent) >= priority_at(sweep, place)) break;
        size_t other = sweep->heap[parent];
        sweep->heap[parent] = sweep->heap[place];
        sweep->heap[place] = other;
        place = parent;
    }
}

static void heap_pop(struct sym_sweep *sweep) {
    sweep->heap[0] = sweep->heap[--sweep->heap_count];
    for (size_t place = 0;;) {
        size_t child = place * 2 + 1;
        if (child >= sweep->heap_count) return;
        if (child + 1 < sweep->heap_count &&
            priority_at(sweep, child + 1) > priority_at(sweep, child))
            child++;
        if (priority_at(sweep, place) >= priority_at(sweep, child)) return;
        size_t other = sweep->heap[child];
        sweep->heap[child] = sweep->heap[place];
        sweep->heap[place] = other;
        place = child;
    }
}

/* A range that has ended never holds a later address, so it may go as soon as it is at the top. */
static void drop_ended(struct sym_sweep *sweep, uint64_t address) {
    while (sweep->heap_count > 0 && sweep->ranges[sweep->heap[0]].end <= address)
        heap_pop(sweep);
}

size_t sym_sweep_at(struct sym_sweep *sweep, uint64_t address) {
    for (; sweep->next < sweep->count && sweep->ranges[sweep->next].start <= address;
         sweep->next++) {
        drop_ended(sweep, sweep->ranges[sweep->next].start);
        if (sweep->ranges[sweep->next].end > address) heap_push(sweep, sweep->next);
    }
    drop_ended(sweep, address);
    return sweep->heap_count > 0 ? sweep->heap[0] : SYM_RANGE_NONE;
}
