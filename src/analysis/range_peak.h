/* SPDX-License-Identifier: MIT
 * When the most bytes were alive within a range, and which nodes held them.
 *
 * The timeline tells how much can have been alive at most in each of its buckets, and so in which
 * pieces of the range the peak can be. A piece is promising while that is more than what was found
 * so far, or as much and earlier. Stretches of pieces are replayed, the most promising first, until
 * none is left.
 *
 * A replay costs mainly the events that it decodes, from its snapshot on. So whoever replays the
 * range's start and end for their own sake lets the search share these replays:
 *
 *   an_peak_search_init
 *   the replay of the start, run to there and no further than an_peak_search_reach:
 *       an_peak_search_start
 *   while an_peak_search_next gives a piece, either
 *       an_peak_search_replay, a replay for the search alone, or
 *       an_peak_search_end, in the replay of the end, if the piece lies behind the same snapshot
 *   then `best` is the answer
 *
 * or an_peak_search_through alone, in a replay of the whole range. */
#ifndef HEAPWISE_ANALYSIS_RANGE_PEAK_H
#define HEAPWISE_ANALYSIS_RANGE_PEAK_H

#include <stdint.h>

#include "analysis/question.h"
#include "analysis/state_replay.h"
#include "base/failure.h"
#include "recording/reader.h"

struct an_range_peak {
    struct an_peak peak;
    struct rec_node_totals *shares; /* peak_* of the nodes that held something; each node once */
    size_t share_count;
};

struct an_peak_piece {
    struct an_moment from, to;
    uint64_t first_tick, bound; /* the most that can have been alive in it */
    long snapshot;              /* that a replay of it begins at, as an_replay_snapshot tells */
    enum { AN_PIECE_OPEN, AN_PIECE_SEEN } state;
};

struct an_peak_search {
    struct rec_file *file;
    struct an_peak_piece *pieces; /* of the whole range, in the order of time */
    size_t count;
    struct an_range_peak best;
};

/* All take a settled question, and of it the range alone. */
int an_peak_search_init(struct an_peak_search *s, struct rec_file *r, const struct an_question *q,
                        struct failure *f);
void an_peak_search_release(struct an_peak_search *s);
/* How far the replay of the range's start is of use to the search. */
struct an_moment an_peak_search_reach(const struct an_peak_search *s);
/* In a replay that stands at the start: looks at what is alive there, and goes on as far as `reach`
 * if that may be worth it. */
int an_peak_search_start(struct an_peak_search *s, struct an_replay *p, struct failure *f);
/* The most promising piece, or NULL. */
const struct an_peak_piece *an_peak_search_next(const struct an_peak_search *s);
int an_peak_search_replay(struct an_peak_search *s, const struct an_peak_piece *piece,
                          const struct an_watch *watch, struct failure *f);
/* Runs a replay that began at the snapshot of `piece` to the end of the range, and looks at all
 * promising pieces on its way. */
int an_peak_search_end(struct an_peak_search *s, struct an_replay *p,
                       const struct an_peak_piece *piece, struct an_moment end, struct failure *f);

/* In a replay that stands at the start: runs it to the end of the range and looks at everything. */
int an_peak_search_through(struct an_peak_search *s, struct an_replay *p, struct an_moment end,
                           struct failure *f);

/* Only the moment of the most bytes alive from the start of a range to its end. */
int an_range_peak_moment(struct an_peak *out, struct rec_file *r, const struct an_question *q,
                         const struct an_watch *watch, struct failure *f);
/* Whether the peak of the whole process, which the recording knows, lies in the range. */
int an_range_has_peak(const struct rec_file *r, const struct an_question *q);
void an_range_peak_release(struct an_range_peak *p);

#endif
