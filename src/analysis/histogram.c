/* SPDX-License-Identifier: MIT
 * Counts blocks by size and lifetime. See histogram.h. */
#include "analysis/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/life_costs.h"
#include "analysis/passing.h"

struct pass {
    const struct an_question *question;
    const uint8_t *nodes; /* which pass; NULL: all */
    size_t node_count;
    struct an_histogram lanes[AN_LIVES_LANES];
};

uint64_t an_bucket_min(unsigned bucket) {
    return bucket == 0 ? 0 : 1ull << (bucket - 1);
}

uint64_t an_bucket_max(unsigned bucket) {
    return bucket == 0 ? 0 : bucket >= 64 ? UINT64_MAX : (1ull << bucket) - 1;
}

static unsigned bucket_of(uint64_t value) {
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

static void count(struct rec_histogram *h, uint64_t value, uint64_t bytes) {
    unsigned bucket = bucket_of(value);
    h->count[bucket]++;
    h->bytes[bucket] += bytes;
}

static int take(void *context, unsigned lane, const struct an_life *lives, size_t life_count,
                struct failure *f) {
    struct pass *p = context;
    const struct an_question *q = p->question;
    struct an_histogram *h = &p->lanes[lane];
    for (size_t i = 0; i < life_count; i++) {
        const struct an_life *l = &lives[i];
        if (l->node >= p->node_count)
            return failure_set(f, "the recording names call stack %u, which does not exist",
                               l->node);
        if (!an_born_in_range(q, l) || !an_passes_thread(q, l->thread) || !an_passes_bounds(q, l) ||
            (p->nodes != NULL && !p->nodes[l->node]))
            continue;
        count(&h->sizes, l->size, l->size);
        if (l->flags & AN_LIFE_ENDED) {
            count(&h->lifetimes, l->end_tick - l->birth_tick, l->size);
        } else {
            h->never_count++;
            h->never_bytes += l->size;
        }
    }
    return 0;
}

static void add(struct rec_histogram *into, const struct rec_histogram *from) {
    for (int i = 0; i < REC_HISTOGRAM_BUCKETS; i++) {
        into->count[i] += from->count[i];
        into->bytes[i] += from->bytes[i];
    }
}

int an_histogram_ask(struct an_histogram *out, struct rec_file *r, const struct an_question *asked,
                     struct an_frames *frames, struct failure *f) {
    struct an_question q = *asked;
    struct an_watch watch = an_question_watch(&q);
    uint8_t *nodes = NULL;
    memset(out, 0, sizeof *out);
    struct pass *p = calloc(1, sizeof *p);
    if (p == NULL) return failure_set(f, "cannot count blocks: out of memory");
    int failed = an_question_settle(&q, r, f) || an_question_needs_events(r, f) ||
                 rec_nodes(r, &p->node_count, f) == NULL ||
                 an_question_nodes(&nodes, r, &q, frames, f);
    if (!failed) {
        p->question = &q;
        p->nodes = nodes;
        struct an_lives_span span = {q.lives, q.from_tick, AN_END, UINT64_MAX};
        struct an_lives_taker taker = {take, NULL, p};
        failed = an_lives_pass(r, &span, &taker, &watch, f);
    }
    for (unsigned i = 0; i < AN_LIVES_LANES && !failed; i++) {
        add(&out->sizes, &p->lanes[i].sizes);
        add(&out->lifetimes, &p->lanes[i].lifetimes);
        out->never_count += p->lanes[i].never_count;
        out->never_bytes += p->lanes[i].never_bytes;
    }
    free(nodes);
    free(p);
    return failed ? -1 : 0;
}
