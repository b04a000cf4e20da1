/* SPDX-License-Identifier: MIT
 * The sweep over ranges against looking at every range for every address. */
#include "symbols/range_sweep.h"

#include "../check.h"

static uint32_t state = 7;

static uint32_t below(uint32_t bound) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % bound;
}

static size_t look_at_all(const struct sym_range *ranges, size_t count, uint64_t address) {
    size_t best = SYM_RANGE_NONE;
    for (size_t i = 0; i < count; i++) {
        if (address < ranges[i].start || address >= ranges[i].end) continue;
        if (best == SYM_RANGE_NONE || ranges[i].priority > ranges[best].priority) best = i;
    }
    return best;
}

static void random_ranges(void) {
    struct sym_range ranges[200];
    size_t count = below(200);
    for (size_t i = 0; i < count; i++) {
        ranges[i] = (struct sym_range){.start = below(1000), .id = i};
        ranges[i].end = ranges[i].start + 1 + below(i % 7 == 0 ? 600 : 20);
        ranges[i].priority = below(2) ? i : 1000 + below(100000) * 200 + i;
    }
    sym_ranges_sort(ranges, count);
    struct sym_sweep sweep;
    CHECK(sym_sweep_init(&sweep, ranges, count) == 0);
    for (uint64_t address = 0; address < 1700; address += below(4))
        CHECK_EQ_U64(sym_sweep_at(&sweep, address), look_at_all(ranges, count, address));
    sym_sweep_release(&sweep);
}

int main(void) {
    for (int i = 0; i < 300; i++)
        random_ranges();
    struct sym_sweep none;
    CHECK(sym_sweep_init(&none, NULL, 0) == 0);
    CHECK_EQ_U64(sym_sweep_at(&none, 5), SYM_RANGE_NONE);
    sym_sweep_release(&none);
    return 0;
}
