/* SPDX-License-Identifier: MIT
 * Answers a question about a range from the table of all blocks (life_table.h): what one drags on a
 * time line, and so what must be quick. See question.h for what the costs mean.
 *
 * A moment of the question is two numbers here, of an event and of a block, so that what a block
 * adds is told by comparing its end with the first and its own number with the second; no time is
 * looked up, and most blocks that ended before the range are passed over by a look at one column.
 */
#include <string.h>

#include "analysis/cost_table.h"
#include "analysis/life_table.h"
#include "analysis/passing.h"

/* What one thread has counted; the table is made when the first block is. */
struct lane {
    struct an_cost_table table;
    uint64_t moved;
};

/* Between two events. */
struct moment {
    uint32_t event; /* the first that it is before */
    size_t block;   /* the first that was born after it */
};

struct moments {
    struct moment from, to; /* of the range */
    struct moment alive;    /* A */
    struct moment peak;
};

struct pass {
    const struct an_life_table *table;
    struct moments at;
    size_t node_count;
    struct lane lanes[AN_STREAM_WORKERS_MAX];
};

static inline void add(uint64_t *blocks, uint64_t *bytes, uint64_t size) {
    *blocks += 1;
    *bytes += size;
}

/* A block without an end has one after all events: AN_TABLE_NO_END. */
static inline int is_alive(struct moment at, size_t block, uint32_t end) {
    return block < at.block && end >= at.event;
}

static inline void add_block(struct an_costs *c, const struct moments *at, size_t block,
                             uint32_t end, uint64_t size, uint32_t flags) {
    int born = block >= at->from.block && block < at->to.block;
    int alive = is_alive(at->alive, block, end);
    if (born) add(&c->allocations, &c->allocated_bytes, size);
    if (end >= at->from.event && end < at->to.event) {
        add(&c->freed_blocks, &c->freed_bytes, size);
        if (flags & AN_TABLE_TEMPORARY) add(&c->temporary, &c->temporary_bytes, size);
    } else if (born && end != AN_TABLE_NO_END) {
        add(&c->later_blocks, &c->later_bytes, size);
    }
    if (alive) add(&c->alive_blocks, &c->alive_bytes, size);
    if (alive && born) add(&c->leaked_blocks, &c->leaked_bytes, size);
    if (is_alive(at->peak, block, end)) add(&c->peak_blocks, &c->peak_bytes, size);
}

static int no_costs(uint32_t node, struct failure *f) {
    return failure_set(
        f, "the recording names call stack %u, which does not exist, or memory is out", node);
}

static int look(void *context, unsigned number, size_t first, size_t end, struct failure *f) {
    struct pass *p = context;
    struct lane *lane = &p->lanes[number];
    const struct an_life_table *t = p->table;
    const struct moments at = p->at;
    const uint32_t from = at.from.event, to = at.to.event;
    const uint32_t first_end = from < at.alive.event ? from : at.alive.event;
    uint64_t moved = 0;
    if (lane->table.slot_of == NULL && an_cost_table_init(&lane->table, p->node_count, f) != 0)
        return -1;
    for (size_t block = first; block < end; block++) {
        uint32_t ended = t->ends[block];
        if (ended < first_end) continue; /* it adds nothing, and most are passed over here */
        uint32_t flags = t->nodes[block], node = flags & AN_TABLE_NODE;
        struct an_costs *c = an_cost_table_at(&lane->table, node);
        if (c == NULL) return no_costs(node, f);
        add_block(c, &at, block, ended, an_table_size(t, block), flags);
        moved += (flags & AN_TABLE_MOVED) != 0 && ended >= from && ended < to;
    }
    lane->moved += moved;
    return 0;
}

/* Failed calls, and frees of what was not known. */
static int look_at_odd(struct pass *p, uint64_t *events, struct failure *f) {
    const struct an_life_table *t = p->table;
    for (size_t i = 0; i < t->odd_count; i++) {
        const struct an_odd_event *e = &t->odd[i];
        if (e->event < p->at.from.event || e->event >= p->at.to.event) continue;
        ++*events;
        if (e->kind != REC_FAILED) continue;
        struct an_cost_table *costs = &p->lanes[0].table;
        if (costs->slot_of == NULL && an_cost_table_init(costs, p->node_count, f) != 0) return -1;
        struct an_costs *c = an_cost_table_at(costs, e->node);
        if (c == NULL) return no_costs(e->node, f);
        c->failed++;
    }
    return 0;
}

static int sum_up(struct an_profile *out, struct pass *p, const struct an_question *q,
                  struct rec_file *r, struct failure *f) {
    struct an_cost_table *tables[AN_STREAM_WORKERS_MAX];
    size_t used = 0;
    uint64_t moved = 0;
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++) {
        moved += p->lanes[i].moved;
        if (p->lanes[i].table.slot_of != NULL) tables[used++] = &p->lanes[i].table;
    }
    out->entries = an_cost_table_take_all(tables, used, &out->count, f);
    if (out->entries == NULL) return -1;
    an_profile_sum(out);
    out->frees = out->sum.freed_blocks;
    out->freed_bytes = out->sum.freed_bytes;
    out->events += out->sum.allocations + out->frees - moved; /* a reallocation is one event */
    out->reallocations = an_counts_reallocations(r) ? moved : AN_UNKNOWN;
    out->from_tick = q->from_tick;
    out->to_tick = q->to_tick;
    out->alive_tick = q->alive_tick;
    out->alive_elsewhere = !an_question_alive_is_end(q, r);
    return 0;
}

static struct moment moment_at(const struct an_life_table *t, uint64_t tick) {
    return (struct moment){an_table_first_event(t, tick), an_table_first_block(t, tick)};
}

int an_answer_by_table(struct an_profile *out, struct rec_file *r, const struct an_question *q,
                       struct failure *f) {
    const struct an_life_table *t = q->lives;
    struct pass p = {.table = t,
                     .at = {.from = moment_at(t, q->from_tick),
                            .to = moment_at(t, q->to_tick),
                            .alive = moment_at(t, q->alive_tick)}};
    memset(out, 0, sizeof *out);
    if (rec_nodes(r, &p.node_count, f) == NULL) return -1;
    if (q->peak == AN_PEAK_FIND) {
        struct an_peak peak = an_life_table_peak(t, q->from_tick, q->to_tick);
        p.at.peak.event = (uint32_t)peak.event + 1;
        p.at.peak.block = an_table_births(t, (uint32_t)peak.event);
        out->peak_tick = peak.tick;
    }
    if (out->peak_tick < q->from_tick) out->peak_tick = q->from_tick;
    size_t end = p.at.to.block > p.at.alive.block ? p.at.to.block : p.at.alive.block;
    struct an_table_work work = {look, &p};
    struct an_watch watch = an_question_watch(q);
    int failed = look_at_odd(&p, &out->events, f) != 0 ||
                 an_life_table_share(t, end, &work, &watch, f) != 0 ||
                 sum_up(out, &p, q, r, f) != 0;
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++)
        an_cost_table_release(&p.lanes[i].table);
    return failed ? -1 : 0;
}
