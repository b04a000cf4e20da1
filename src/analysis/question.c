/* SPDX-License-Identifier: MIT
 * Chooses the pass that answers a question, and applies its filters. See question.h. */
#include "analysis/question.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/passing.h"

int an_answer_whole(struct an_profile *out, struct rec_file *r, struct failure *f) {
    memset(out, 0, sizeof *out);
    size_t count = 0;
    const struct rec_totals *t = rec_totals(r);
    const struct rec_node_totals *totals = rec_node_totals(r, &count, f);
    if (totals == NULL && count == 0 && t->allocations + t->failed > 0) return -1;
    out->entries = malloc((count + 1) * sizeof *out->entries);
    if (out->entries == NULL)
        return failure_set(f, "cannot list %zu call stacks: out of memory", count);
    uint64_t frees = rec_knows(r, REC_KNOWS_FREES);
    for (size_t i = 0; i < count; i++) {
        const struct rec_node_totals *n = &totals[i];
        out->entries[i] =
            (struct an_costs){.node = n->node,
                              .allocations = n->allocations,
                              .allocated_bytes = n->allocated_bytes,
                              .temporary = n->temporary,
                              .temporary_bytes = n->temporary_bytes,
                              .failed = n->failed,
                              .leaked_blocks = n->live_blocks,
                              .leaked_bytes = n->live_bytes,
                              .peak_blocks = n->peak_blocks,
                              .peak_bytes = n->peak_bytes,
                              .alive_blocks = n->live_blocks,
                              .alive_bytes = n->live_bytes,
                              .freed_blocks = frees * (n->allocations - n->live_blocks),
                              .freed_bytes = frees * (n->allocated_bytes - n->live_bytes),
                              .first_tick = AN_NO_TICK};
    }
    out->count = count;
    out->to_tick = out->alive_tick = AN_END;
    out->peak_tick = t->peak_tick;
    out->frees = t->frees;
    out->freed_bytes = t->freed_bytes;
    out->reallocations = t->reallocations;
    out->events = t->events;
    return 0;
}

int an_prepare(struct rec_file *r, struct failure *f) {
    size_t count;
    const struct rec_totals *t = rec_totals(r);
    if (rec_nodes(r, &count, f) == NULL || rec_addresses(r, &count, f) == NULL) return -1;
    if (rec_node_totals(r, &count, f) == NULL && t->allocations + t->failed > 0) return -1;
    if (rec_leaked(r, &count, f) == NULL && t->leaked_blocks > 0) return -1;
    return 0;
}

static int answer(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                  struct failure *f) {
    int whole = q->from_tick == 0 && q->from_event == 0 && an_moment_is_end(an_question_to(q), r) &&
                an_moment_is_end(an_question_alive(q), r);
    if (q->lives != NULL && q->threads == NULL && q->times == AN_TIMES_SKIP &&
        (!whole || an_has_bounds(q)))
        return an_answer_by_table(out, r, q, f);
    if (an_asks_of_blocks(q) || (q->lives != NULL && !whole))
        return an_answer_by_block(out, r, q, f);
    if ((whole ? an_answer_whole(out, r, f) : an_answer_range(out, r, q, f)) != 0) return -1;
    if (whole && q->peak == AN_PEAK_SKIP)
        for (size_t i = 0; i < out->count; i++)
            out->entries[i].peak_blocks = out->entries[i].peak_bytes = 0;
    if (q->times == AN_TIMES_FIND && an_find_times(out, r, q, f) != 0) {
        an_profile_release(out);
        return -1;
    }
    return 0;
}

int an_counts_reallocations(const struct rec_file *r) {
    const struct rec_totals *t = rec_totals(r);
    return t->unknown_frees == 0 && t->order_repairs == 0 && rec_process(r)->forked == 0;
}

/* Whether the recording can tell at all what is asked: an imported one may know totals alone. */
static int can_tell(const struct rec_file *r, const struct an_question *q, struct failure *f) {
    const struct rec_source *source = rec_source(r);
    if (source == NULL) return 0;
    if (q->threads != NULL && !rec_knows(r, REC_KNOWS_THREADS))
        return failure_set(f, "a file of %s does not tell threads apart: ask without them",
                           source->format);
    if (q->lifetime != NULL && !rec_knows(r, REC_KNOWS_LIFETIMES | REC_KNOWS_EVENTS))
        return failure_set(f, "a file of %s does not tell how long blocks lived: ask without it",
                           source->format);
    if (q->size != NULL && !rec_knows(r, REC_KNOWS_SIZES))
        return failure_set(f, "a file of %s does not tell the sizes of blocks: ask without them",
                           source->format);
    if (rec_knows(r, REC_KNOWS_EVENTS)) return 0;
    if (q->from_tick != 0 || !an_moment_is_end(an_question_to(q), r) ||
        !an_moment_is_end(an_question_alive(q), r) || q->size != NULL || q->group != AN_GROUP_ANY ||
        q->times != AN_TIMES_SKIP)
        return failure_set(f, "a file of %s has totals alone: ask for the whole run, without sizes",
                           source->format);
    return 0;
}

int an_question_needs_events(const struct rec_file *r, struct failure *f) {
    if (rec_knows(r, REC_KNOWS_EVENTS)) return 0;
    return failure_set(f, "a file of %s has totals alone, no single allocations",
                       rec_source(r)->format);
}

int an_question_nodes(uint8_t **pass, struct rec_file *r, const struct an_question *q,
                      struct an_frames *frames, struct failure *f) {
    size_t node_count;
    *pass = NULL;
    if (q->filter_count == 0 && q->group == AN_GROUP_ANY) return 0;
    if (rec_nodes(r, &node_count, f) == NULL) return -1;
    if (q->filter_count > 0) {
        *pass = an_filter_nodes(r, frames, q->filters, q->filter_count, f);
        if (*pass == NULL) return -1;
    } else {
        *pass = malloc(node_count + 1);
        if (*pass == NULL) return failure_set(f, "cannot choose call stacks: out of memory");
        memset(*pass, 1, node_count);
    }
    if (q->group == AN_GROUP_ANY || an_filter_nodes_leaked(*pass, node_count, r, f) == 0) return 0;
    free(*pass);
    *pass = NULL;
    return -1;
}

struct an_moment an_question_from(const struct an_question *q) {
    return q->from_event > 0 ? (struct an_moment){UINT64_MAX, q->from_event}
                             : an_moment_at(q->from_tick);
}

static struct an_moment upper(uint64_t tick, uint64_t event) {
    return event != AN_END ? (struct an_moment){UINT64_MAX, event} : an_moment_at(tick);
}

struct an_moment an_question_to(const struct an_question *q) {
    return upper(q->to_tick, q->to_event);
}

struct an_moment an_question_alive(const struct an_question *q) {
    return upper(q->alive_tick, q->alive_event);
}

int an_question_alive_is_end(const struct an_question *q, const struct rec_file *r) {
    return (q->alive_tick == q->to_tick && q->alive_event == q->to_event) ||
           (an_moment_is_end(an_question_alive(q), r) && an_moment_is_end(an_question_to(q), r));
}

/* Fills in what a question leaves at 0, and refuses what cannot be answered. */
int an_question_settle(struct an_question *q, const struct rec_file *r, struct failure *f) {
    if (q->to_tick == 0) q->to_tick = AN_END;
    if (q->to_event == 0) q->to_event = AN_END;
    if (q->alive_tick == 0) {
        q->alive_tick = q->to_tick;
        q->alive_event = q->to_event;
    }
    if (q->alive_event == 0) q->alive_event = AN_END;
    /* The table of lives answers in whole ticks. */
    if (q->from_event > 0 || q->to_event != AN_END || q->alive_event != AN_END) q->lives = NULL;
    if (q->from_event >= q->to_event)
        return failure_set(f, "the range is empty: no event lies in it");
    if (q->from_tick >= q->to_tick)
        return failure_set(f, "the range is empty: it begins at %llu ms and ends at %llu ms",
                           (unsigned long long)q->from_tick, (unsigned long long)q->to_tick);
    return can_tell(r, q, f);
}

/* All threads that there are leave nothing out; then a snapshot will do. What is told of
 * reallocations must be the same either way. */
static int asks_of_all_threads(const struct an_question *q, const struct rec_file *r) {
    size_t count;
    rec_threads(r, &count);
    for (size_t i = 0; i < count; i++)
        if (!q->threads[i]) return 0;
    return count > 0 && an_counts_reallocations(r);
}

int an_ask(struct an_profile *out, struct rec_file *r, const struct an_question *asked,
           struct an_frames *frames, struct failure *f) {
    struct an_question q = *asked;
    if (an_question_settle(&q, r, f) != 0) return -1;
    if (q.threads != NULL && asks_of_all_threads(&q, r)) q.threads = NULL;
    if (answer(out, r, &q, f) != 0) return -1;
    an_profile_sum(out);
    if (!an_has_bounds(&q)) out->all = out->sum;
    uint8_t *pass = NULL;
    if (an_question_nodes(&pass, r, &q, frames, f) != 0) {
        an_profile_release(out);
        return -1;
    }
    if (pass != NULL) an_filter_profile(out, pass);
    free(pass);
    return 0;
}
