/* SPDX-License-Identifier: MIT
 * What an imported recording can tell. See known.h. */
#include "analysis/known.h"

#include "analysis/profile.h"

static const struct {
    uint32_t main, second;
} costs[AN_COSTS] = {
    [AN_PEAK] = {REC_KNOWS_PEAK, REC_KNOWS_PEAK_BLOCKS},
    [AN_LEAKED] = {REC_KNOWS_LEAKED, REC_KNOWS_LEAKED_BLOCKS},
    [AN_ALLOCATED] = {REC_KNOWS_ALLOCATED, REC_KNOWS_CALLS},
    [AN_CALLS] = {REC_KNOWS_CALLS, REC_KNOWS_ALLOCATED},
    [AN_TEMPORARY] = {REC_KNOWS_TEMPORARY, REC_KNOWS_TEMPORARY},
    [AN_FAILED] = {REC_KNOWS_FAILED, REC_KNOWS_FAILED},
    [AN_ALIVE] = {REC_KNOWS_LEAKED, REC_KNOWS_LEAKED_BLOCKS},
    [AN_FREED] = {REC_KNOWS_FREES, REC_KNOWS_FREES},
    [AN_LATER] = {REC_KNOWS_EVENTS, REC_KNOWS_EVENTS},
};

int an_cost_known(const struct rec_file *r, enum an_cost c) {
    return rec_knows(r, costs[c].main);
}
int an_cost_second_known(const struct rec_file *r, enum an_cost c) {
    return rec_knows(r, costs[c].second);
}

const char *const an_known_names[REC_KNOWN_COUNT] = {
    "time",   "events",        "frees", "lifetimes",   "threads", "temporary",
    "calls",  "allocated",     "peak",  "peak_blocks", "leaked",  "leaked_blocks",
    "failed", "reallocations", "sizes", "rss"};

const char *const an_known_words[REC_KNOWN_COUNT] = {"time",
                                                     "single allocations and frees",
                                                     "frees",
                                                     "lifetimes of blocks",
                                                     "threads",
                                                     "temporary allocations",
                                                     "the number of allocations",
                                                     "allocated bytes",
                                                     "the peak",
                                                     "the number of blocks at the peak",
                                                     "leaks",
                                                     "the number of leaked blocks",
                                                     "failed allocations",
                                                     "reallocations",
                                                     "sizes of blocks",
                                                     "resident memory"};

void an_totals_forget(struct rec_totals *t, const struct rec_file *r) {
    if (rec_source(r) == NULL) return;
    t->unknown_frees = AN_UNKNOWN;
#define FORGET(what, field)                                                                        \
    if (!rec_knows(r, what)) t->field = AN_UNKNOWN;
    FORGET(REC_KNOWS_CALLS, allocations)
    FORGET(REC_KNOWS_ALLOCATED, allocated_bytes)
    FORGET(REC_KNOWS_FREES, frees)
    FORGET(REC_KNOWS_FREES, freed_bytes)
    FORGET(REC_KNOWS_REALLOCATIONS, reallocations)
    FORGET(REC_KNOWS_FAILED, failed)
    FORGET(REC_KNOWS_TEMPORARY, temporary)
    FORGET(REC_KNOWS_TEMPORARY, temporary_bytes)
    FORGET(REC_KNOWS_LEAKED_BLOCKS, leaked_blocks)
    FORGET(REC_KNOWS_LEAKED, leaked_bytes)
    FORGET(REC_KNOWS_PEAK, peak_bytes)
    FORGET(REC_KNOWS_PEAK_BLOCKS, peak_blocks)
    FORGET(REC_KNOWS_PEAK | REC_KNOWS_TIME, peak_tick)
    /* Totals may come without the moment of the peak, which would be none at the very start. */
    if (!rec_knows(r, REC_KNOWS_EVENTS) && t->peak_tick == 0) t->peak_tick = AN_UNKNOWN;
    FORGET(REC_KNOWS_TIME, duration_ms)
    FORGET(REC_KNOWS_RSS, peak_rss_bytes)
    FORGET(REC_KNOWS_THREADS, threads)
    FORGET(REC_KNOWS_EVENTS, events)
#undef FORGET
}
