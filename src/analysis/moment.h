/* SPDX-License-Identifier: MIT
 * What held at one moment of a recording: every node's totals since its start, with what is alive
 * in live_*, and the blocks alive that were born from some block on. */
#ifndef HEAPWISE_ANALYSIS_MOMENT_H
#define HEAPWISE_ANALYSIS_MOMENT_H

#include "analysis/state_replay.h"

struct an_moment_state {
    const struct rec_node_totals *totals; /* the recording's own table, or `owned` */
    size_t count;
    struct rec_node_totals *owned;
    struct an_block *born; /* sorted by number */
    size_t born_count;
    uint64_t event, next_block, live_blocks, live_bytes;
};

/* The end of the recording is known without a replay. */
int an_moment_end(struct an_moment_state *s, struct rec_file *r, uint64_t first_block,
                  struct failure *f);
/* Takes the state out of a replay that stands at the moment; only its release is left for it. */
int an_moment_take(struct an_moment_state *s, struct an_replay *p, uint64_t first_block,
                   struct failure *f);
/* Copies the totals out of a replay that will go on; lists no blocks. */
int an_moment_copy(struct an_moment_state *s, const struct an_replay *p, struct failure *f);
/* The state at a moment, whichever way is short. */
int an_moment_find(struct an_moment_state *s, struct rec_file *r, struct an_moment m,
                   uint64_t first_block, const struct an_watch *watch, struct failure *f);
void an_moment_release(struct an_moment_state *s);

#endif
