/* SPDX-License-Identifier: MIT
 * Turns the columns of an EVENTS chunk back into events. See event_codec.h; event_encoder.c is its
 * mirror image. */
#include "recording/event_codec.h"

#include "recording/event_search.h"
#include "recording/event_sizes.h"
#include "recording/format.h"

int rec_event_head_read(const struct rec_payload *p, struct rec_event_facts *facts,
                        struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, REC_EVENTS_HEAD, 16 * REC_VARINT_MAX, &raw, &c, f) < 0) return -1;
    facts->first_event = rec_cursor_varint(&c);
    facts->first_block = rec_cursor_varint(&c);
    uint64_t events = rec_cursor_varint(&c), records = rec_cursor_varint(&c);
    uint64_t births = rec_cursor_varint(&c);
    uint64_t first_tick = rec_cursor_varint(&c), last_tick = rec_cursor_varint(&c);
    uint64_t first_thread = rec_cursor_varint(&c), last_thread = rec_cursor_varint(&c);
    uint64_t top_node = rec_cursor_varint(&c);
    free(raw);
    if (c.failed || records > REC_CHUNK_ENTRIES_MAX || events > records || births > events ||
        last_tick > UINT32_MAX || first_tick > last_tick || first_thread > UINT32_MAX ||
        last_thread > UINT32_MAX || top_node >= UINT32_MAX ||
        facts->first_block > facts->first_event || facts->first_event > UINT64_MAX / 2)
        return failure_set(f, "its facts are impossible");
    facts->events = (uint32_t)events;
    facts->records = (uint32_t)records;
    facts->births = (uint32_t)births;
    facts->first_tick = (uint32_t)first_tick;
    facts->last_tick = (uint32_t)last_tick;
    facts->first_thread = (uint32_t)first_thread;
    facts->last_thread = (uint32_t)last_thread;
    facts->top_node = (uint32_t)top_node;
    return 0;
}

struct step {
    enum rec_step step;
    uint64_t value; /* node or block */
};

static inline struct step expect(struct rec_event_model *m, const struct rec_entry *t,
                                 int only_birth) {
    if (t->step == REC_STEP_BIRTH) return (struct step){REC_STEP_BIRTH, t->node};
    if (t->step == REC_STEP_NONE || only_birth) return (struct step){REC_STEP_NONE, UINT64_MAX};
    uint64_t block = rec_model_expected(m, t);
    if (block == UINT64_MAX) return (struct step){REC_STEP_NONE, UINT64_MAX};
    return (struct step){t->step, block};
}

/* The block that ends, by a number. */
static uint64_t get_number(struct rec_event_decoder *x, unsigned told_before) {
    struct rec_event_model *m = &x->model;
    struct rec_range_decoder *d = &x->steps;
    uint32_t *map = rec_search_map(m);
    uint64_t block;
    if (*map != 0 && rec_range_get(d, &m->p.is_map[told_before]))
        block = rec_model_block(m, (uint32_t)m->last_end + *map +
                                       (uint32_t)rec_unzigzag(rec_number_get(d, &m->p.map)));
    else if (rec_range_get(d, &m->p.is_age[told_before]))
        block = m->next_block - 1 - rec_number_get(d, &m->p.age);
    else
        block = m->last_end + (uint64_t)rec_unzigzag(rec_number_get(d, &m->p.gap));
    *map = (uint32_t)(block - m->last_end);
    return block;
}

/* The block that ends, which no entry foresaw. */
static uint64_t get_block(struct rec_event_decoder *x, struct rec_entry *a, struct rec_entry *b) {
    struct rec_event_model *m = &x->model;
    unsigned told_before = b->search;
    uint16_t *likely = m->p.neighbour[a->search][told_before];
    uint64_t tried[REC_NEIGHBOURS];
    for (unsigned i = 0; i < REC_NEIGHBOURS; i++) {
        tried[i] = rec_search_try(m, i, likely[i]);
        if (rec_search_is_new(tried, i) && rec_range_get(&x->steps, &likely[i])) {
            rec_search_learn(a, b, i + 1);
            return tried[i];
        }
    }
    rec_search_learn(a, b, REC_SEARCH_NUMBER);
    return get_number(x, told_before);
}

/* The same in the first model, where entries do not remember how a block was told. */
static uint64_t get_first_block(struct rec_event_decoder *x) {
    struct rec_event_model *m = &x->model;
    uint64_t tried[REC_NEIGHBOURS_FIRST];
    for (unsigned i = 0; i < REC_NEIGHBOURS_FIRST; i++) {
        tried[i] = rec_search_neighbour(m, i);
        if (rec_search_is_new(tried, i) && rec_range_get(&x->steps, &m->p.neighbour[0][0][i]))
            return tried[i];
    }
    if (rec_range_get(&x->steps, &m->p.is_age[0]))
        return m->next_block - 1 - rec_cursor_varint(&x->columns[REC_EVENTS_AGE]);
    return m->last_end + (uint64_t)rec_unzigzag(rec_cursor_varint(&x->columns[REC_EVENTS_GAP]));
}

/* The node of a birth that no entry foresaw. */
static uint64_t get_node(struct rec_event_decoder *x) {
    struct rec_event_model *m = &x->model;
    if (rec_range_get(&x->steps, &m->p.is_new[m->last_was_new]))
        return m->top_node + 1 + rec_cursor_varint(&x->columns[REC_EVENTS_NEW_NODE]);
    return m->last_node + (uint64_t)rec_unzigzag(rec_cursor_varint(&x->columns[REC_EVENTS_NODE]));
}

static uint64_t get_size(struct rec_event_decoder *x, struct rec_slot *s) {
    struct rec_event_model *m = &x->model;
    if (s->size == UINT64_MAX)
        return s->size = s->before = rec_cursor_varint(&x->columns[REC_EVENTS_FIRST_SIZE]);
    uint64_t *entry = rec_sizes_entry(m, s), size = rec_sizes_expected(entry);
    if (!rec_range_get(&x->sizes, &m->p.size_hit[rec_sizes_confidence(entry)])) {
        if (s->size != size && rec_range_get(&x->sizes, &m->p.size_again[s->size == s->before]))
            size = s->size;
        else
            size = rec_cursor_varint(&x->columns[REC_EVENTS_SIZE]);
    }
    rec_sizes_learn(entry, s, size);
    return size;
}

/* The same in the first model: a node's last size, or another. */
static uint64_t get_first_size(struct rec_event_decoder *x, struct rec_slot *s) {
    if (s->size == UINT64_MAX) {
        s->confidence = 0;
        return s->size = rec_cursor_varint(&x->columns[REC_EVENTS_FIRST_SIZE]);
    }
    if (rec_range_get(&x->sizes, &x->model.p.size_hit[s->confidence])) {
        s->confidence += s->confidence < REC_CONFIDENCE_MAX;
    } else {
        s->size = rec_cursor_varint(&x->columns[REC_EVENTS_SIZE]);
        s->confidence /= 2;
    }
    return s->size;
}

/* Puts into *learns_b whether the short entry learns the step. */
static inline struct step get_step(struct rec_event_decoder *x, struct rec_entry *a,
                                   struct rec_entry *b, int only_birth, int *learns_b) {
    struct rec_event_model *m = &x->model;
    struct rec_range_decoder *d = &x->steps;
    struct step first = expect(m, a, only_birth);
    *learns_b = m->form != REC_FORM_THIRD;
    if (first.step != REC_STEP_NONE &&
        rec_range_get(d, &m->p.long_hit[a->confidence][rec_model_way(a)]))
        return first;
    *learns_b = 1;
    struct step second = expect(m, b, only_birth);
    if (second.step == first.step && second.value == first.value) second.step = REC_STEP_NONE;
    if (second.step != REC_STEP_NONE &&
        rec_range_get(
            d, &m->p.short_hit[first.step != REC_STEP_NONE][b->confidence][rec_model_way(b)]))
        return second;
    enum rec_step step = REC_STEP_BIRTH;
    if (!only_birth && !rec_range_get(d, &m->p.is_birth[a->step][b->step]))
        step = rec_range_get(d, &m->p.is_end[b->step])    ? REC_STEP_END
               : rec_range_get(d, &m->p.is_move[b->step]) ? REC_STEP_MOVE
                                                          : REC_STEP_RARE;
    if (step == REC_STEP_RARE) return (struct step){step, 0};
    if (step == REC_STEP_BIRTH) return (struct step){step, get_node(x)};
    return (struct step){step, m->form == REC_FORM_FIRST ? get_first_block(x) : get_block(x, a, b)};
}

static const char *const too_many = "there are more births than its head says";

/* Finishes a birth whose step is decoded; the event's size and node. `b` is NULL when the short
 * entry does not learn it. */
static const char *take_birth(struct rec_event_decoder *x, struct rec_entry *a, struct rec_entry *b,
                              uint64_t node, uint64_t end_block, struct rec_event *e) {
    struct rec_event_model *m = &x->model;
    if (node >= UINT32_MAX) return "a call stack's number is too large";
    if (m->next_block == end_block) return too_many;
    uint32_t born = (uint32_t)node;
    rec_entry_learn_birth(a, rec_entry_tells_birth(a, born), born);
    if (b != NULL) rec_entry_learn_birth(b, rec_entry_tells_birth(b, born), born);
    struct rec_slot *s = rec_model_birth(m, born);
    e->size = m->form == REC_FORM_FIRST ? get_first_size(x, s) : get_size(x, s);
    e->node = (uint32_t)node;
    return NULL;
}

/* Finishes an end, likewise. */
static void take_end(struct rec_event_model *m, struct rec_entry *a, struct rec_entry *b,
                     struct step s) {
    struct rec_ending end = rec_model_ending(m, s.value);
    rec_entry_learn_end(a, s.step, &end, rec_model_mode_of(m, a, &end));
    if (b != NULL) rec_entry_learn_end(b, s.step, &end, rec_model_mode_of(m, b, &end));
    rec_model_end(m, s.step, &end);
}

/* A realloc's second step. */
static const char *take_moved(struct rec_event_decoder *x, uint64_t end_block,
                              struct rec_event *e) {
    struct rec_entry *a = rec_model_long(&x->model), *b = rec_model_short(&x->model);
    int learns_b;
    struct step born = get_step(x, a, b, 1, &learns_b);
    e->kind = REC_REALLOC;
    return take_birth(x, a, learns_b ? b : NULL, born.value, end_block, e);
}

static const char *take_rare(struct rec_event_decoder *x, uint64_t end_block, uint64_t *tick,
                             uint64_t *thread, struct rec_event *e) {
    struct rec_cursor *c = &x->columns[REC_EVENTS_RARE];
    uint64_t node;
    switch (rec_cursor_u8(c)) {
    case REC_RARE_THREAD:
        e->kind = REC_THREAD;
        e->size = *thread = rec_cursor_varint(c);
        if (*thread > UINT32_MAX) return "a thread's index is too large";
        rec_model_thread(&x->model, *thread);
        return NULL;
    case REC_RARE_TICK:
        e->kind = REC_TICK;
        node = rec_cursor_varint(c);
        if (node > UINT32_MAX - *tick) return "a tick is too large";
        e->size = *tick += node;
        return NULL;
    case REC_RARE_FAILED:
        e->kind = REC_FAILED;
        node = rec_cursor_varint(c);
        if (node >= UINT32_MAX) return "a call stack's number is too large";
        e->node = (uint32_t)node;
        e->size = rec_cursor_varint(c);
        return NULL;
    case REC_RARE_UNKNOWN_FREE:
        e->kind = REC_UNKNOWN_FREE;
        x->last_unknown += (uint64_t)rec_unzigzag(rec_cursor_varint(c));
        e->size = x->last_unknown;
        return NULL;
    case REC_RARE_REALLOC:
        e->block = REC_NO_BLOCK;
        return take_moved(x, end_block, e);
    default:
        return "an event is of no known kind";
    }
}

static const char *decode(struct rec_event_decoder *x, const struct rec_event_facts *facts,
                          struct rec_event *events) {
    struct rec_event_model *m = &x->model;
    uint64_t end_block = facts->first_block + facts->births;
    uint64_t tick = facts->first_tick, thread = facts->first_thread;
    uint32_t counted = 0;
    for (uint32_t i = 0; i < facts->records; i++) {
        struct rec_entry *a = rec_model_long(m), *b = rec_model_short(m);
        int learns_b;
        struct step s = get_step(x, a, b, 0, &learns_b);
        if (!learns_b) b = NULL;
        struct rec_event *e = &events[i];
        const char *wrong = NULL;
        *e = (struct rec_event){0};
        switch (s.step) {
        case REC_STEP_BIRTH:
            e->block = m->next_block;
            wrong = take_birth(x, a, b, s.value, end_block, e);
            break;
        case REC_STEP_END:
        case REC_STEP_MOVE:
            if (!rec_model_lives(m, s.value)) return "a block ends that does not live";
            take_end(m, a, b, s);
            e->kind = REC_FREE;
            e->block = s.value;
            if (s.step == REC_STEP_MOVE) wrong = take_moved(x, end_block, e);
            break;
        default:
            wrong = take_rare(x, end_block, &tick, &thread, e);
            break;
        }
        if (wrong != NULL) return wrong;
        counted += e->kind < REC_THREAD;
    }
    for (int i = REC_EVENTS_NEW_NODE; i < REC_EVENTS_SECOND_STEPS; i++)
        if (x->columns[i].failed) return "a column ends too early";
    if (x->steps.in.failed || x->sizes.in.failed) return "a column ends too early";
    if (counted != facts->events || m->next_block != end_block || tick != facts->last_tick ||
        thread != facts->last_thread)
        return "its facts and its events disagree";
    return NULL;
}

void rec_event_decoder_release(struct rec_event_decoder *x) {
    rec_event_model_release(&x->model);
}

int rec_events_decode(struct rec_event_decoder *x, const struct rec_payload *p,
                      const struct rec_event_facts *facts, struct rec_event *events,
                      struct failure *f) {
    uint8_t *raw[REC_EVENTS_COLUMNS] = {0};
    int result = 0;
    /* A record is at most 22 decisions of 11 bits and a number of 59 others. */
    size_t limit = (size_t)facts->records * 5 * REC_VARINT_MAX + 64;
    for (uint8_t i = REC_EVENTS_FIRST_STEPS; i < REC_EVENTS_COLUMNS && result == 0; i++)
        result = rec_payload_column(p, i, limit, &raw[i], &x->columns[i], f);
    enum rec_form form = raw[REC_EVENTS_STEPS] != NULL          ? REC_FORM_THIRD
                         : raw[REC_EVENTS_SECOND_STEPS] != NULL ? REC_FORM_SECOND
                                                                : REC_FORM_FIRST;
    if (result == 0 &&
        rec_event_model_begin(&x->model, form, facts->records, facts->births, facts->first_block,
                              facts->top_node, facts->first_thread) < 0)
        result = failure_set(f, "out of memory");
    if (result == 0) {
        x->last_unknown = 0;
        static const uint8_t steps[] = {[REC_FORM_FIRST] = REC_EVENTS_FIRST_STEPS,
                                        [REC_FORM_SECOND] = REC_EVENTS_SECOND_STEPS,
                                        [REC_FORM_THIRD] = REC_EVENTS_STEPS};
        rec_range_open(&x->steps, x->columns[steps[form]]);
        rec_range_open(&x->sizes, x->columns[REC_EVENTS_SIZES]);
        const char *wrong = decode(x, facts, events);
        if (wrong != NULL) result = failure_set(f, "%s", wrong);
    }
    for (int i = 0; i < REC_EVENTS_COLUMNS; i++)
        free(raw[i]);
    return result;
}
