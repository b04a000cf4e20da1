/* SPDX-License-Identifier: MIT
 * Looks things up in the table of all blocks. See life_table.h. */
#include "analysis/life_table.h"

#include <stdlib.h>
#include <string.h>

void an_life_table_release(struct an_life_table *t) {
    free(t->ends);
    free(t->nodes);
    free(t->sizes);
    free(t->born);
    free(t->birth_hints);
    free(t->large);
    free(t->odd);
    free(t->ticks);
    free(t->turns);
    free(t->tick_hints);
    free(t->turn_hints);
    memset(t, 0, sizeof *t);
}

size_t an_table_tick_index(const struct an_life_table *t, uint64_t tick) {
    size_t low = 0, high = t->tick_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->ticks[middle].tick < tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct an_peak an_life_table_peak(const struct an_life_table *t, uint64_t from_tick,
                                  uint64_t to_tick) {
    size_t from = an_table_tick_index(t, from_tick), to = an_table_tick_index(t, to_tick);
    const struct an_table_tick *first = &t->ticks[from];
    struct an_peak peak = {first->start_bytes, first->start_blocks,
                           from > 0 ? t->ticks[from - 1].tick : 0, first->first_event - 1};
    for (size_t i = from; i < to; i++) {
        const struct an_table_tick *k = &t->ticks[i];
        if (k->peak_bytes <= peak.bytes) continue;
        peak = (struct an_peak){k->peak_bytes, k->peak_blocks, k->tick, k->peak_event};
    }
    return peak;
}

uint64_t an_table_large_size(const struct an_life_table *t, uint64_t block) {
    size_t low = 0, high = t->large_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->large[middle].block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return t->large[low].size;
}

uint32_t an_table_birth(const struct an_life_table *t, size_t block) {
    uint32_t event = t->birth_hints[block >> AN_TABLE_BIRTH_SHIFT];
    size_t left = block & (((size_t)1 << AN_TABLE_BIRTH_SHIFT) - 1);
    size_t word = event / 64;
    uint64_t bits = t->born[word] >> event % 64 << event % 64;
    for (size_t here; (here = (size_t)__builtin_popcountll(bits)) <= left; left -= here)
        bits = t->born[++word];
    for (; left > 0; left--)
        bits &= bits - 1;
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}

size_t an_table_births(const struct an_life_table *t, uint32_t event) {
    size_t low = 0,
           high = (t->block_count + (1 << AN_TABLE_BIRTH_SHIFT) - 1) >> AN_TABLE_BIRTH_SHIFT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->birth_hints[middle] <= event)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return 0; /* no block was born before the first */
    size_t births = (low - 1) << AN_TABLE_BIRTH_SHIFT, first = t->birth_hints[low - 1];
    for (size_t word = first / 64; word <= event / 64; word++) {
        uint64_t bits = t->born[word];
        if (word == first / 64) bits = bits >> first % 64 << first % 64;
        if (word == event / 64) bits = bits << (63 - event % 64) >> (63 - event % 64);
        births += (size_t)__builtin_popcountll(bits);
    }
    return births;
}
