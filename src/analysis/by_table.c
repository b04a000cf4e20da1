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
    struct an_costs all; /* with bounds: blocks that do not pass them as well */
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
    const struct an_question *question;
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

/* Blocks that are asked about in one way: those of one tick, where lifetimes are. */
struct stretch {
    size_t first, end; /* blocks */
    struct an_bounds size;
    uint32_t end_from; /* a block passes that ended by no event before this one, */
    uint64_t end_to;   /* and by one before this: UINT64_MAX, also if it never ended */
};

/* So many blocks before its turn, what a block's costs lie in is fetched. */
#define SLOT_AHEAD 16
#define COSTS_AHEAD 8

static inline void fetch_ahead(const struct pass *p, const struct lane *lane, size_t block) {
    const struct an_life_table *t = p->table;
    if (block + SLOT_AHEAD >= t->block_count) return;
    an_cost_table_fetch_slot(&lane->table, t->nodes[block + SLOT_AHEAD] & AN_TABLE_NODE);
    an_cost_table_fetch(&lane->table, t->nodes[block + COSTS_AHEAD] & AN_TABLE_NODE);
}

static inline int look_at(struct pass *p, struct lane *lane, const struct stretch *s,
                          int has_bounds, struct failure *f) {
    const struct an_life_table *t = p->table;
    const struct moments at = p->at;
    const uint32_t from = at.from.event, to = at.to.event;
    const uint32_t first_end = from < at.alive.event ? from : at.alive.event;
    uint64_t moved = 0;
    for (size_t block = s->first; block < s->end; block++) {
        uint32_t ended = t->ends[block];
        if (ended < first_end) continue; /* it adds nothing, and most are passed over here */
        uint32_t flags = t->nodes[block], node = flags & AN_TABLE_NODE;
        uint64_t size = an_table_size(t, block);
        moved += (flags & AN_TABLE_MOVED) != 0 && ended >= from && ended < to;
        fetch_ahead(p, lane, block);
        if (has_bounds) {
            add_block(&lane->all, &at, block, ended, size, flags);
            if (!an_bounds_hold(&s->size, size) || ended < s->end_from || ended >= s->end_to)
                continue;
        }
        struct an_costs *c = an_cost_table_at(&lane->table, node);
        if (c == NULL) return no_costs(node, f);
        add_block(c, &at, block, ended, size, flags);
    }
    lane->moved += moved;
    return 0;
}

static uint64_t sum(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The blocks first <= b < end as far as they are of one tick. A lifetime is within bounds if its
 * end lies between two events, which are the same for all of them. */
static struct stretch stretch_from(const struct pass *p, size_t first, size_t end, size_t tick) {
    const struct an_life_table *t = p->table;
    const struct an_question *q = p->question;
    struct stretch s = {first, end, {0, AN_NO_BOUND}, 0, UINT64_MAX};
    if (q->size != NULL) s.size = *q->size;
    if (q->lifetime == NULL) return s;
    uint64_t born = t->ticks[tick].tick;
    if (t->ticks[tick + 1].first_block < end) s.end = t->ticks[tick + 1].first_block;
    s.end_from = an_table_first_event(t, sum(born, q->lifetime->min));
    if (q->lifetime->max != AN_NO_BOUND)
        s.end_to = an_table_first_event(t, sum(sum(born, q->lifetime->max), 1));
    return s;
}

/* The last tick that no block before `block` was born after. */
static size_t tick_of_block(const struct an_life_table *t, size_t block) {
    size_t low = 0, high = t->tick_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->ticks[middle + 1].first_block <= block)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int look(void *context, unsigned number, size_t first, size_t end, struct failure *f) {
    struct pass *p = context;
    struct lane *lane = &p->lanes[number];
    if (lane->table.slot_of == NULL && an_cost_table_init(&lane->table, p->node_count, f) != 0)
        return -1;
    if (!an_has_bounds(p->question)) {
        struct stretch all = {first, end, {0, AN_NO_BOUND}, 0, UINT64_MAX};
        return look_at(p, lane, &all, 0, f);
    }
    for (size_t tick = tick_of_block(p->table, first); first < end; tick++) {
        struct stretch s = stretch_from(p, first, end, tick);
        if (look_at(p, lane, &s, 1, f) != 0) return -1;
        first = s.end;
    }
    return 0;
}

/* Failed calls, and frees of what was not known. */
static int look_at_odd(struct pass *p, uint64_t *events, struct failure *f) {
    const struct an_life_table *t = p->table;
    const struct an_question *q = p->question;
    struct lane *lane = &p->lanes[0];
    for (size_t i = 0; i < t->odd_count; i++) {
        const struct an_odd_event *e = &t->odd[i];
        if (e->event < p->at.from.event || e->event >= p->at.to.event) continue;
        ++*events;
        if (e->kind != REC_FAILED) continue;
        lane->all.failed++;
        if (q->lifetime != NULL || !an_bounds_hold(q->size, e->size)) continue;
        struct an_cost_table *costs = &lane->table;
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
    out->all = an_costs_none(0);
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++) {
        moved += p->lanes[i].moved;
        an_costs_add(&out->all, &p->lanes[i].all);
        if (p->lanes[i].table.slot_of != NULL) tables[used++] = &p->lanes[i].table;
    }
    out->entries = an_cost_table_take_all(tables, used, &out->count, f);
    if (out->entries == NULL) return -1;
    an_profile_sum(out);
    const struct an_costs *all = an_has_bounds(q) ? &out->all : &out->sum;
    out->frees = all->freed_blocks;
    out->freed_bytes = all->freed_bytes;
    out->events += all->allocations + out->frees - moved; /* a reallocation is one event */
    out->reallocations = an_has_bounds(q) || an_counts_reallocations(r) ? moved : AN_UNKNOWN;
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
                     .question = q,
                     .at = {.from = moment_at(t, q->from_tick),
                            .to = moment_at(t, q->to_tick),
                            .alive = moment_at(t, q->alive_tick)}};
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < AN_STREAM_WORKERS_MAX; i++)
        p.lanes[i].all = an_costs_none(0);
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
