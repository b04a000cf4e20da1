/* SPDX-License-Identifier: MIT
 * A question asked of a recording: which time, which blocks, which stacks. Every view and command
 * asks here.
 *
 * Nouns:
 *   range    the ticks from <= t < to
 *   A        the moment `alive_tick`: the end of the range, or any other moment
 *   passing  a block passes when its thread, its size and its lifetime are asked about
 *
 * A bound of the range, and A, may also be the moment of a mark, which lies between two events.
 *
 * What the costs mean; every one counts passing blocks only:
 *   allocated, calls   blocks born in the range
 *   failed             calls of the range that returned NULL; their size is what they asked for. They
 *                      have no lifetime, so that none passes a bound on lifetimes
 *   freed              blocks that ended in the range, however old
 *   temporary          blocks that ended in the range and were temporary
 *   alive              blocks alive at A, however old
 *   leaked             blocks born in the range and alive at A: what grew between two moments
 *   later              blocks born in the range and freed after its end
 *   peak               blocks alive at the moment, from the start of the range to its end, when the
 *                      most bytes of the whole process were alive; blocks older than the range count
 *   first, last        the ticks of the first and of the last birth in the range
 * A block that was never freed has no end: its lifetime is above every bound. A thread's blocks are
 * those that it allocated, whoever freed them. So the answers of all threads, sizes or lifetimes add
 * up to the answer without that filter (except `failed` over lifetimes).
 *
 * Filters on call stacks (filter.h): only stacks that pass all of them. `group` looks at all blocks
 * that a stack ever allocated.
 *
 * Threads: questions may be asked of one recording by several threads at once after an_prepare, if
 * each has its own an_frames or none. */
#ifndef HEAPWISE_ANALYSIS_QUESTION_H
#define HEAPWISE_ANALYSIS_QUESTION_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/chunk_stream.h"
#include "analysis/filter.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/state_replay.h"
#include "base/failure.h"
#include "recording/reader.h"

#define AN_END UINT64_MAX
#define AN_NO_BOUND UINT64_MAX

struct an_bounds {
    uint64_t min, max; /* min <= value <= max; AN_NO_BOUND: nothing is too much */
};

enum an_group {
    AN_GROUP_ANY,
    AN_GROUP_LEAKED, /* "whole group leaks": stacks none of whose blocks was ever freed */
};

/* What costs a look at every event of the range is answered only when asked for. */
enum an_times { AN_TIMES_SKIP, AN_TIMES_FIND };
enum an_peak_wish { AN_PEAK_FIND, AN_PEAK_SKIP };

struct an_question {
    uint64_t from_tick;  /* 0: from the start */
    uint64_t to_tick;    /* 0 or AN_END: to the end */
    uint64_t alive_tick; /* A: all events before this tick have happened. 0: to_tick */
    /* Moments between two events of one tick: so many events are before them. 0: only the tick
     * counts. Otherwise from_tick is the moment's tick, and to_tick and alive_tick are the next. */
    uint64_t from_event, to_event, alive_event;
    const uint8_t *threads;       /* NULL: all; else threads[i] is 1 when thread i is asked about */
    const struct an_bounds *size; /* bytes; NULL: all */
    const struct an_bounds *lifetime; /* ticks from birth to end; NULL: all */
    const struct an_filter *filters;
    size_t filter_count;
    enum an_group group;
    enum an_times times;               /* first_tick and last_tick */
    const struct an_life_table *lives; /* all blocks of the recording, to answer from instead of its
                                          events; NULL: not at hand */
    enum an_peak_wish peak; /* AN_PEAK_SKIP leaves peak_* 0 and saves the search for it */
    /* Called now and then while events are read; NULL: never. */
    void (*progress)(void *context, size_t done, size_t total);
    void *progress_context;
    /* Asked now and then, by any thread: a value other than 0 ends the work with a failure. NULL:
     * never asked. */
    int (*withdrawn)(void *context);
    void *withdrawn_context;
};

/* Answers. `frames` is needed for filters only and may be NULL without them. A question about the
 * whole recording costs no more than its table of node totals; one about a range decodes the events
 * from the nearest snapshot to its ends and to A, and around its peak; one about sizes or times
 * decodes the events of the range; one about threads or lifetimes decodes all events up to the end
 * of the range, or as far as the longest lifetime asked about. */
int an_ask(struct an_profile *out, struct rec_file *r, const struct an_question *q,
           struct an_frames *frames, struct failure *f);

/* The start and the end of the range, and A, of a settled question. */
struct an_moment an_question_from(const struct an_question *q);
struct an_moment an_question_to(const struct an_question *q);
struct an_moment an_question_alive(const struct an_question *q);
/* Whether A is the end of the range. */
int an_question_alive_is_end(const struct an_question *q, const struct rec_file *r);

static inline struct an_watch an_question_watch(const struct an_question *q) {
    return (struct an_watch){q->progress, q->progress_context, q->withdrawn, q->withdrawn_context};
}

/* Loads what questions share. */
int an_prepare(struct rec_file *r, struct failure *f);

/* For the other answers (histogram.h, history.h, thread_table.h), which are asked by the same
 * question: fills in what it leaves at 0 and refuses what the recording cannot tell; and one byte
 * for each node, 1 when its stack passes filters and group, or NULL when all do. */
int an_question_settle(struct an_question *q, const struct rec_file *r, struct failure *f);
/* Refuses a recording that holds totals alone, as some imported ones do. */
int an_question_needs_events(const struct rec_file *r, struct failure *f);
int an_question_nodes(uint8_t **pass, struct rec_file *r, const struct an_question *q,
                      struct an_frames *frames, struct failure *f);

/* The passes, each in its own file; they leave filters on stacks to an_ask. `q` has no field left
 * at its default of 0 ticks. */
int an_answer_whole(struct an_profile *out, struct rec_file *r, struct failure *f);
int an_answer_range(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                    struct failure *f);
int an_answer_by_block(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                       struct failure *f);
/* From the table of all blocks, which `q` must have; threads and times are not asked about.
 */
int an_answer_by_table(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                       struct failure *f);
/* Whether the reallocations of a range can be told from its events. Where frees of unknown blocks
 * happened their number within the range is not known; the same where the block that a reallocation
 * ended was ended before by a repair, or came from the process that forked this one. */
int an_counts_reallocations(const struct rec_file *r);
/* Fills in first_tick and last_tick. */
int an_find_times(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                  struct failure *f);

#endif
