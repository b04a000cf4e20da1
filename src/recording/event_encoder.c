/* SPDX-License-Identifier: MIT
 * Turns events into columns. See event_codec.h; event_decoder.c is its mirror image. */
#include "recording/event_codec.h"

#include "recording/event_search.h"
#include "recording/event_sizes.h"
#include "recording/format.h"

void rec_event_encoder_release(struct rec_event_encoder *x) {
    for (int i = 0; i < REC_EVENTS_COLUMNS; i++)
        rec_bytes_free(&x->columns[i]);
    rec_event_model_release(&x->model);
}

/* What an entry expects: its step, and the node or block. */
struct expectation {
    unsigned step;
    uint64_t value;
};

static inline struct expectation expect(struct rec_event_model *m, const struct rec_entry *t,
                                        int only_birth) {
    if (t->step == REC_STEP_BIRTH) return (struct expectation){REC_STEP_BIRTH, t->node};
    if (t->step == REC_STEP_NONE || only_birth)
        return (struct expectation){REC_STEP_NONE, UINT64_MAX};
    uint64_t block = rec_model_expected(m, t);
    if (block == UINT64_MAX) return (struct expectation){REC_STEP_NONE, UINT64_MAX};
    return (struct expectation){t->step, block};
}

/* Codes the block that ends, which no entry foresaw. */
static void put_block(struct rec_event_encoder *x, struct rec_entry *a, struct rec_entry *b,
                      uint64_t block) {
    struct rec_event_model *m = &x->model;
    struct rec_range_encoder *e = &x->steps;
    unsigned told_before = b->search;
    uint16_t *likely = m->p.neighbour[a->search][told_before];
    uint64_t tried[REC_NEIGHBOURS];
    for (unsigned i = 0; i < REC_NEIGHBOURS; i++) {
        tried[i] = rec_search_try(m, i, likely[i]);
        if (!rec_search_is_new(tried, i)) continue;
        rec_range_put(e, &likely[i], tried[i] == block);
        if (tried[i] == block) {
            rec_search_learn(a, b, i + 1);
            return;
        }
    }
    rec_search_learn(a, b, REC_SEARCH_NUMBER);
    /* Whichever is the smallest number; the map knows the low bits only. */
    uint64_t age = m->next_block - 1 - block;
    uint64_t gap = rec_zigzag((int64_t)(block - m->last_end));
    uint32_t *map = rec_search_map(m), offset = (uint32_t)(block - m->last_end);
    if (*map != 0) {
        uint64_t error = rec_zigzag((int32_t)(offset - *map));
        int is_map = error < REC_MAP_REACH && error < age && error < gap && age < UINT32_MAX;
        rec_range_put(e, &m->p.is_map[told_before], is_map);
        if (is_map) {
            rec_number_put(e, &m->p.map, error);
            *map = offset;
            return;
        }
    }
    *map = offset;
    rec_range_put(e, &m->p.is_age[told_before], age <= gap);
    if (age <= gap)
        rec_number_put(e, &m->p.age, age);
    else
        rec_number_put(e, &m->p.gap, gap);
}

/* Codes that the long entry foresaw the step. */
static inline void put_foreseen(struct rec_event_encoder *x, const struct rec_entry *a) {
    rec_range_put(&x->steps, &x->model.p.long_hit[a->confidence][rec_model_way(a)], 1);
}

/* Codes that the long entry did not foresee the step, and whether the short one did (`b_tells`):
 * each that expects anything. Returns whether the short one did. */
static inline int put_unforeseen(struct rec_event_encoder *x, const struct rec_entry *a,
                                 const struct rec_entry *b, unsigned b_tells, int only_birth) {
    struct rec_event_model *m = &x->model;
    struct rec_range_encoder *e = &x->steps;
    struct expectation first = expect(m, a, only_birth);
    if (first.step != REC_STEP_NONE)
        rec_range_put(e, &m->p.long_hit[a->confidence][rec_model_way(a)], 0);
    uint16_t *hit = &m->p.short_hit[first.step != REC_STEP_NONE][b->confidence][rec_model_way(b)];
    if (b_tells) {
        rec_range_put(e, hit, 1);
        return 1;
    }
    struct expectation second = expect(m, b, only_birth);
    if (second.step != REC_STEP_NONE && (second.step != first.step || second.value != first.value))
        rec_range_put(e, hit, 0);
    return 0;
}

/* Codes which step it is that no entry foresaw. */
static void put_step(struct rec_event_encoder *x, const struct rec_entry *a,
                     const struct rec_entry *b, unsigned step) {
    struct rec_event_model *m = &x->model;
    struct rec_range_encoder *e = &x->steps;
    rec_range_put(e, &m->p.is_birth[a->step][b->step], step == REC_STEP_BIRTH);
    if (step == REC_STEP_BIRTH) return;
    rec_range_put(e, &m->p.is_end[b->step], step == REC_STEP_END);
    if (step != REC_STEP_END) rec_range_put(e, &m->p.is_move[b->step], step == REC_STEP_MOVE);
}

/* Codes the node of a birth, which no entry foresaw. */
static void put_node(struct rec_event_encoder *x, uint32_t node) {
    struct rec_event_model *m = &x->model;
    int is_new = node > m->top_node;
    rec_range_put(&x->steps, &m->p.is_new[m->last_was_new], is_new);
    if (is_new)
        rec_bytes_put_varint(&x->columns[REC_EVENTS_NEW_NODE], node - m->top_node - 1);
    else
        rec_bytes_put_varint(&x->columns[REC_EVENTS_NODE],
                             rec_zigzag((int64_t)node - m->last_node));
}

static inline void put_size(struct rec_event_encoder *x, struct rec_slot *s, uint64_t size) {
    struct rec_event_model *m = &x->model;
    if (s->size == UINT64_MAX) {
        rec_bytes_put_varint(&x->columns[REC_EVENTS_FIRST_SIZE], size);
        s->size = s->before = size;
        return;
    }
    uint64_t *entry = rec_sizes_entry(m, s), expected = rec_sizes_expected(entry);
    uint16_t *hit = &m->p.size_hit[rec_sizes_confidence(entry)];
    if (expected == size) {
        rec_range_put(&x->sizes, hit, 1);
    } else {
        rec_range_put(&x->sizes, hit, 0);
        int again = s->size == size;
        if (s->size != expected)
            rec_range_put(&x->sizes, &m->p.size_again[s->size == s->before], again);
        if (!again) rec_bytes_put_varint(&x->columns[REC_EVENTS_SIZE], size);
    }
    rec_sizes_learn(entry, s, size);
}

/* `only_birth`: nothing else can come here. */
static inline void put_birth(struct rec_event_encoder *x, uint32_t node, uint64_t size,
                             int only_birth) {
    struct rec_event_model *m = &x->model;
    struct rec_entry *a = rec_model_long(m);
    unsigned told = rec_entry_tells_birth(a, node);
    if (told) {
        put_foreseen(x, a);
    } else {
        struct rec_entry *b = rec_model_short(m);
        unsigned told_by_b = rec_entry_tells_birth(b, node);
        if (!put_unforeseen(x, a, b, told_by_b, only_birth)) {
            if (!only_birth) put_step(x, a, b, REC_STEP_BIRTH);
            put_node(x, node);
        }
        rec_entry_learn_birth(b, told_by_b, node);
    }
    rec_entry_learn_birth(a, told, node);
    put_size(x, rec_model_birth(m, node), size);
}

static inline void put_end(struct rec_event_encoder *x, enum rec_step step, uint64_t block) {
    struct rec_event_model *m = &x->model;
    struct rec_entry *a = rec_model_long(m);
    struct rec_ending end = rec_model_ending(m, block);
    unsigned way = rec_model_mode_of(m, a, &end);
    /* Beyond that its low bits are another's. */
    unsigned is_near = m->next_block - block <= UINT32_MAX;
    if ((unsigned)(a->step == step) & (unsigned)(way == a->mode) & is_near) {
        put_foreseen(x, a);
    } else {
        struct rec_entry *b = rec_model_short(m);
        unsigned way_of_b = rec_model_mode_of(m, b, &end);
        unsigned told_by_b =
            (unsigned)(b->step == step) & (unsigned)(way_of_b == b->mode) & is_near;
        if (!put_unforeseen(x, a, b, told_by_b, 0)) {
            put_step(x, a, b, step);
            put_block(x, a, b, block);
        }
        rec_entry_learn_end(b, step, &end, way_of_b);
    }
    rec_entry_learn_end(a, step, &end, way);
    rec_model_end(m, step, &end);
}

static void put_rare(struct rec_event_encoder *x, enum rec_rare code) {
    struct rec_entry *a = rec_model_long(&x->model), *b = rec_model_short(&x->model);
    put_unforeseen(x, a, b, 0, 0);
    put_step(x, a, b, REC_STEP_RARE);
    rec_bytes_put_u8(&x->columns[REC_EVENTS_RARE], code);
}

static void put_unknown_free(struct rec_event_encoder *x, uint64_t address) {
    put_rare(x, REC_RARE_UNKNOWN_FREE);
    rec_bytes_put_varint(&x->columns[REC_EVENTS_RARE],
                         rec_zigzag((int64_t)(address - x->last_unknown)));
    x->last_unknown = address;
}

static void put_event(struct rec_event_encoder *x, const struct rec_event *e) {
    struct rec_event_facts *facts = &x->facts;
    struct rec_bytes *rare = &x->columns[REC_EVENTS_RARE];
    switch (e->kind) {
    case REC_ALLOC:
        put_birth(x, e->node, e->size, 0);
        break;
    case REC_FREE:
        /* A block that does not live is the caller's mistake; the file must stay readable. */
        if (rec_model_lives(&x->model, e->block))
            put_end(x, REC_STEP_END, e->block);
        else
            put_unknown_free(x, 0);
        break;
    case REC_REALLOC:
        if (rec_model_lives(&x->model, e->block))
            put_end(x, REC_STEP_MOVE, e->block);
        else
            put_rare(x, REC_RARE_REALLOC);
        put_birth(x, e->node, e->size, 1);
        break;
    case REC_FAILED:
        put_rare(x, REC_RARE_FAILED);
        rec_bytes_put_varint(rare, e->node);
        rec_bytes_put_varint(rare, e->size);
        break;
    case REC_UNKNOWN_FREE:
        put_unknown_free(x, e->size);
        break;
    case REC_THREAD:
        put_rare(x, REC_RARE_THREAD);
        rec_bytes_put_varint(rare, (uint32_t)e->size);
        facts->last_thread = (uint32_t)e->size;
        rec_model_thread(&x->model, facts->last_thread);
        return;
    default: {
        uint32_t tick = e->size < facts->last_tick ? facts->last_tick
                        : e->size > UINT32_MAX     ? UINT32_MAX
                                                   : (uint32_t)e->size;
        put_rare(x, REC_RARE_TICK);
        rec_bytes_put_varint(rare, tick - facts->last_tick);
        facts->last_tick = tick;
        return;
    }
    }
    facts->events++;
}

static void put_head(struct rec_bytes *head, const struct rec_event_facts *facts) {
    rec_bytes_put_varint(head, facts->first_event);
    rec_bytes_put_varint(head, facts->first_block);
    rec_bytes_put_varint(head, facts->events);
    rec_bytes_put_varint(head, facts->records);
    rec_bytes_put_varint(head, facts->births);
    rec_bytes_put_varint(head, facts->first_tick);
    rec_bytes_put_varint(head, facts->last_tick);
    rec_bytes_put_varint(head, facts->first_thread);
    rec_bytes_put_varint(head, facts->last_thread);
    rec_bytes_put_varint(head, facts->top_node);
}

void rec_events_begin(struct rec_event_encoder *x, const struct rec_event_facts *first,
                      uint32_t records) {
    uint32_t most = records < REC_EVENT_FULL_TABLES ? records : REC_EVENT_CHUNK_RECORDS;
    x->facts = *first;
    x->facts.last_tick = first->first_tick;
    x->facts.last_thread = first->first_thread;
    x->facts.records = x->facts.events = 0;
    x->last_unknown = 0;
    for (int i = 0; i < REC_EVENTS_COLUMNS; i++)
        x->columns[i].length = 0;
    x->failed = rec_event_model_begin(&x->model, REC_FORM_THIRD, records, most, first->first_block,
                                      first->top_node, first->first_thread);
    rec_range_begin(&x->steps, &x->columns[REC_EVENTS_STEPS]);
    rec_range_begin(&x->sizes, &x->columns[REC_EVENTS_SIZES]);
}

void rec_events_put(struct rec_event_encoder *x, struct rec_event_segment segment) {
    if (x->failed) return;
    x->facts.records += segment.count;
    for (uint32_t i = 0; i < segment.count; i++)
        put_event(x, &segment.events[i]);
}

int rec_events_end(struct rec_event_encoder *x, struct rec_event_facts *facts,
                   struct rec_event_facts *next, struct rec_payload_writer *p) {
    if (x->failed) return -1;
    rec_range_end(&x->steps);
    rec_range_end(&x->sizes);
    x->facts.births = (uint32_t)(x->model.next_block - x->facts.first_block);
    *facts = x->facts;
    put_head(&x->columns[REC_EVENTS_HEAD], facts);
    int failed = 0;
    for (int i = REC_EVENTS_HEAD; i < REC_EVENTS_COLUMNS; i++) {
        /* What the range coder wrote is as random as it gets. */
        int level = i == REC_EVENTS_STEPS || i == REC_EVENTS_SIZES ? REC_LEVEL_STORED : 1;
        rec_payload_add(p, (uint8_t)i, x->columns[i].data, x->columns[i].length, level);
        failed |= x->columns[i].failed;
    }
    *next = (struct rec_event_facts){.first_event = facts->first_event + facts->events,
                                     .first_block = x->model.next_block,
                                     .first_tick = facts->last_tick,
                                     .last_tick = facts->last_tick,
                                     .first_thread = facts->last_thread,
                                     .last_thread = facts->last_thread,
                                     .top_node = x->model.top_node};
    return failed ? -1 : 0;
}
