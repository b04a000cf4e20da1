/* SPDX-License-Identifier: MIT
 * The state at a moment. See moment.h. */
#include "analysis/moment.h"

#include <stdlib.h>
#include <string.h>

int an_moment_end(struct an_moment_state *s, struct rec_file *r, uint64_t first_block,
                  struct failure *f) {
    size_t leaked_count = 0;
    const struct rec_totals *t = rec_totals(r);
    memset(s, 0, sizeof *s);
    s->totals = rec_node_totals(r, &s->count, f);
    const struct rec_live_block *leaked = rec_leaked(r, &leaked_count, f);
    if ((s->totals == NULL && t->allocations > 0) || (leaked == NULL && t->leaked_blocks > 0))
        return -1;
    s->event = t->events;
    s->next_block = t->allocations;
    s->live_blocks = t->leaked_blocks;
    s->live_bytes = t->leaked_bytes;
    s->born = malloc((leaked_count + 1) * sizeof *s->born);
    if (s->born == NULL) return failure_set(f, "cannot list the leaks: out of memory");
    for (size_t i = 0; i < leaked_count; i++)
        if (leaked[i].block >= first_block)
            s->born[s->born_count++] = (struct an_block){
                .block = leaked[i].block, .size = leaked[i].size, .node = leaked[i].node};
    return 0;
}

static void where(struct an_moment_state *s, const struct an_replay *p) {
    memset(s, 0, sizeof *s);
    s->event = p->event;
    s->next_block = p->next_block;
    s->live_blocks = p->live_blocks;
    s->live_bytes = p->live_bytes;
}

int an_moment_take(struct an_moment_state *s, struct an_replay *p, uint64_t first_block,
                   struct failure *f) {
    where(s, p);
    s->born = an_live_collect(&p->live, first_block, &s->born_count);
    if (s->born == NULL && s->born_count > 0)
        return failure_set(f, "cannot list the living blocks: out of memory");
    s->totals = s->owned = p->nodes.totals;
    s->count = p->nodes.count;
    p->nodes.totals = NULL;
    p->nodes.count = p->nodes.capacity = 0;
    return 0;
}

int an_moment_copy(struct an_moment_state *s, const struct an_replay *p, struct failure *f) {
    where(s, p);
    s->owned = malloc((p->nodes.count + 1) * sizeof *s->owned);
    if (s->owned == NULL)
        return failure_set(f, "cannot keep the start of the range: out of memory");
    if (p->nodes.count > 0) memcpy(s->owned, p->nodes.totals, p->nodes.count * sizeof *s->owned);
    s->totals = s->owned;
    s->count = p->nodes.count;
    return 0;
}

int an_moment_find(struct an_moment_state *s, struct rec_file *r, struct an_moment m,
                   uint64_t first_block, const struct an_watch *watch, struct failure *f) {
    memset(s, 0, sizeof *s);
    if (an_moment_is_end(m, r)) return an_moment_end(s, r, first_block, f);
    struct an_replay p;
    if (an_replay_start(&p, r, m, m, watch, f) != 0) return -1;
    int failed = an_replay_run(&p, m, f) || an_moment_take(s, &p, first_block, f);
    an_replay_release(&p);
    return failed ? -1 : 0;
}

void an_moment_release(struct an_moment_state *s) {
    free(s->owned);
    free(s->born);
    memset(s, 0, sizeof *s);
}
