/* SPDX-License-Identifier: MIT
 * Puts together the totals of a report. See totals.h. */
#include "export/totals.h"

#include "analysis/known.h"
#include "analysis/question.h"

struct rec_totals ex_totals(const struct ex_report *r) {
    struct rec_totals t = *rec_totals(r->file);
    if (!r->is_part) {
        if (r->suppressions != NULL) {
            t.leaked_blocks -= r->suppressions->blocks;
            t.leaked_bytes -= r->suppressions->bytes;
        }
        an_totals_forget(&t, r->file);
        return t;
    }
    const struct an_costs *all = &r->profile->all;
    t.allocations = all->allocations;
    t.allocated_bytes = all->allocated_bytes;
    t.temporary = all->temporary;
    t.temporary_bytes = all->temporary_bytes;
    t.failed = all->failed;
    t.leaked_blocks = all->leaked_blocks;
    t.leaked_bytes = all->leaked_bytes;
    t.peak_blocks = all->peak_blocks;
    t.peak_bytes = all->peak_bytes;
    t.peak_tick = r->profile->peak_tick;
    t.frees = r->profile->frees;
    t.freed_bytes = r->profile->freed_bytes;
    t.reallocations = r->profile->reallocations;
    t.events = r->profile->events;
    t.unknown_frees = t.peak_rss_bytes = t.threads = AN_UNKNOWN;
    uint64_t to = r->profile->to_tick < t.duration_ms ? r->profile->to_tick : t.duration_ms;
    t.duration_ms = to > r->profile->from_tick ? to - r->profile->from_tick : 0;
    an_totals_forget(&t, r->file);
    return t;
}

const char *ex_leaked_words(const struct ex_report *r) {
    uint64_t how = rec_totals(r->file)->ended_how;
    if (r->profile->alive_elsewhere) return "alive at that moment";
    if (r->profile->to_tick != 0 && r->profile->to_tick != AN_END) return "alive at the end of the range";
    if (how == REC_END_UNKNOWN || how == REC_END_DETACHED) return "alive where the recording ends";
    return "never freed";
}
