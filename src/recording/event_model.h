/* SPDX-License-Identifier: MIT
 * What the writer and the reader of an EVENTS chunk both expect of the next event.
 *
 * Programs repeat themselves. The last symbols of a thread (its calls, in short) lead to an entry
 * that remembers what came next the last time; most events are then one decision, "as expected".
 *
 * Nouns:
 * - step: what is predicted as one: a birth (node), an end (block), the end that a realloc begins
 *   with (block; a birth follows), or something rare that is written out
 * - local: a block born in this chunk: its node is known, and so is whether it still lives
 * - entry: what followed one history: the step, and in which way its block could have been told
 * - history, of a thread: the last symbol with a little of the one before (the short one), and a
 *   hash of about the last eleven (the long one)
 * - slot: what is known of a node in this chunk: sizes of its last births, its live local blocks as
 *   a list (newest first), and the neighbours of the one that ended last
 *
 * All of it begins empty with each chunk. Tables are addressed by hash without any check, but slots
 * know their node; whoever comes last, stays. Block numbers are compared by their low 32 bits: a
 * predicted block is at most 2^32 births old.
 *
 * The functions here are the definition of the format as far as prediction goes: writer and reader
 * must come to the same state after each step. */
#ifndef HEAPWISE_RECORDING_EVENT_MODEL_H
#define HEAPWISE_RECORDING_EVENT_MODEL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "recording/number_coder.h"

enum rec_step { REC_STEP_NONE = 0, REC_STEP_BIRTH, REC_STEP_END, REC_STEP_MOVE, REC_STEP_RARE };

/* How the block that ends could have been told. */
enum rec_mode {
    REC_MODE_GAP,    /* as far from the last one that ended as the last time */
    REC_MODE_AGE,    /* as many births ago as the last time */
    REC_MODE_STRIDE, /* as far from the last one that ended here as that was from the one before */
    REC_MODE_NEWEST, /* the newest block of the node that it was of the last time */
    REC_MODE_BEFORE, /* of that node, the one before the one that ended last */
    REC_MODE_AFTER,  /* of that node, the one after it */
    REC_MODES
};
#define REC_MODE_LISTS REC_MODE_NEWEST /* from here on the slot's list is asked */

#define REC_CONFIDENCE_MAX 15
#define REC_NO_LOCAL UINT32_MAX
#define REC_NOT_LOCAL (UINT32_MAX - 1)
#define REC_SLOT_EMPTY UINT32_MAX /* not a node */
#define REC_HISTORY_THREADS 256
/* A distance from the last block that ended beyond which only its direction counts in a symbol. */
#define REC_GAP_NEAR 1000

/* The models there are. All are read, the third is written. */
enum rec_form {
    REC_FORM_FIRST = 1,  /* format 1.0 and 1.1: fewer neighbours, sizes by the last one alone, and
                            distant blocks that ended are not remembered */
    REC_FORM_SECOND = 2, /* format 1.2: histories are shorter, and the short entry learns every
                            step, as in the first */
    REC_FORM_THIRD = 3   /* the short entry learns what the long one did not foresee */
};

/* How a block was told that no entry knew: 0 not yet, neighbour i as i + 1, by a number. */
#define REC_NEIGHBOURS 6
#define REC_NEIGHBOURS_FIRST 3
#define REC_SEARCH_NUMBER (REC_NEIGHBOURS + 1)
#define REC_SEARCHES (REC_NEIGHBOURS + 2)

struct rec_entry {
    uint8_t step, mode, confidence;
    uint8_t search; /* how the last block was told that was not expected here */
    uint32_t node;  /* BIRTH: the node; END, MOVE: the node of the local block, 0 for others */
    /* For the modes before REC_MODE_LISTS: what to add to the model's `base` of the mode. */
    uint32_t offset[REC_MODE_LISTS];
    uint32_t last; /* low bits of the last block that ended here */
};
_Static_assert(sizeof(struct rec_entry) == 24, "entries are packed");

struct rec_slot {
    uint32_t node;
    uint32_t list[REC_MODES - REC_MODE_LISTS]; /* local blocks: newest, before, after */
    uint64_t size;                             /* of its last birth */
    union {
        uint64_t before;     /* of the birth before that */
        uint64_t confidence; /* the first model: in that the size will stay */
    };
};
_Static_assert(sizeof(struct rec_slot) == 32, "slots are packed");

struct rec_local {
    uint32_t node;
    uint32_t before, after; /* neighbours among its node's live blocks: older, younger */
};

struct rec_history {
    uint64_t last; /* the last symbol; above it the low bits of the one before (not in old forms) */
    uint64_t recent; /* a hash of the last ones */
};

/* How many low bits of the symbol before go along with the last one, and where. */
#define REC_HISTORY_BEFORE_BITS 6
#define REC_HISTORY_BEFORE_AT (64 - REC_HISTORY_BEFORE_BITS)

/* Probabilities of the decisions of a step, by what is known when they are made. */
struct rec_probabilities {
    uint16_t long_hit[REC_CONFIDENCE_MAX + 1][8];
    uint16_t short_hit[2][REC_CONFIDENCE_MAX + 1][8];
    uint16_t is_birth[REC_STEP_RARE + 1][REC_STEP_RARE + 1];
    uint16_t is_end[REC_STEP_RARE + 1], is_move[REC_STEP_RARE + 1];
    uint16_t is_new[2];
    uint16_t neighbour[REC_SEARCHES][REC_SEARCHES][REC_NEIGHBOURS];
    uint16_t is_map[REC_SEARCHES], is_age[REC_SEARCHES];
    uint16_t size_hit[REC_CONFIDENCE_MAX + 1], size_again[2];
    struct rec_number map, age, gap;
};

struct rec_event_model {
    struct rec_entry *long_entries, *short_entries;
    struct rec_slot *slots;
    struct rec_local *locals; /* the one before the first belongs to no block */
    uint64_t *living;         /* a bit for each local block; two words more than there are blocks */
    uint64_t *sizes;          /* event_sizes.h */
    uint32_t *map;            /* event_search.h */
    uint64_t
        *distant_ends; /* blocks of earlier chunks that ended in this one, + 1, by their low bits */
    enum rec_form form;
    /* By the form: which bits of the symbol before are kept, and by how much the hash is shifted.
     */
    uint64_t history_before;
    unsigned history_shift;
    unsigned long_bits, short_bits, slot_bits;
    uint64_t first_block, next_block, last_end;
    uint64_t earlier_ends[2]; /* the last but one, the last but two */
    /* Low bits of what the offset of a mode counts from: last_end, next_block, 0. */
    uint32_t base[REC_MODE_LISTS];
    uint32_t top_node;  /* the highest that was named before */
    uint32_t last_node; /* of the last birth */
    unsigned last_was_new;
    struct rec_history histories[REC_HISTORY_THREADS];
    struct rec_history *history;
    struct rec_probabilities p;
    /* The memory of the tables, kept from chunk to chunk. */
    void *memory;
    size_t memory_size;
};

/* Begins a chunk of `records` records and `births` births. 0; -1 when memory ran out. */
int rec_event_model_begin(struct rec_event_model *m, enum rec_form form, uint32_t records,
                          uint32_t births, uint64_t first_block, uint32_t top_node,
                          uint32_t thread);
void rec_event_model_release(struct rec_event_model *m);

#define REC_HASH_FACTOR 0x9e3779b97f4a7c15u

static inline uint32_t rec_model_hash(uint64_t v, unsigned bits) {
    return (uint32_t)(v * REC_HASH_FACTOR >> (64 - bits));
}

static inline void rec_model_thread(struct rec_event_model *m, uint64_t thread) {
    m->history = &m->histories[thread % REC_HISTORY_THREADS];
}

static inline struct rec_entry *rec_model_long(struct rec_event_model *m) {
    return &m->long_entries[rec_model_hash(m->history->recent, m->long_bits)];
}

static inline struct rec_entry *rec_model_short(struct rec_event_model *m) {
    return &m->short_entries[rec_model_hash(m->history->last, m->short_bits)];
}

static inline struct rec_slot *rec_model_slot(struct rec_event_model *m, uint32_t node) {
    return &m->slots[rec_model_hash(node, m->slot_bits)];
}

/* The block with these low bits that was born most recently; REC_NO_BLOCK when there is none. */
static inline uint64_t rec_model_block(const struct rec_event_model *m, uint32_t low) {
    uint32_t age = (uint32_t)m->next_block - low;
    return age == 0 || age > m->next_block ? UINT64_MAX : m->next_block - age;
}

static inline uint64_t *rec_model_distant_end(const struct rec_event_model *m, uint64_t block) {
    return &m->distant_ends[block & ((1u << m->short_bits) - 1)];
}

/* Whether a block may still end, as far as is known. */
static inline int rec_model_lives(const struct rec_event_model *m, uint64_t block) {
    if (block >= m->next_block) return 0;
    uint64_t local = block - m->first_block;
    if (block >= m->first_block) return m->living[local / 64] >> local % 64 & 1;
    return *rec_model_distant_end(m, block) != block + 1;
}

/* The local block of this index. That of REC_NO_LOCAL is there to be written to: whether a block
 * has a neighbour is no habit. */
static inline struct rec_local *rec_model_local(const struct rec_event_model *m, uint32_t local) {
    return &m->locals[(int32_t)local];
}

/* The local block that a slot's list names, or REC_NO_LOCAL when the node has no slot. */
static inline uint32_t rec_model_listed(struct rec_event_model *m, uint32_t node, unsigned mode) {
    const struct rec_slot *s = rec_model_slot(m, node);
    return s->node == node ? s->list[mode - REC_MODE_LISTS] : REC_NO_LOCAL;
}

/* The block that an entry of step END or MOVE expects, or UINT64_MAX. */
static inline uint64_t rec_model_expected(struct rec_event_model *m, const struct rec_entry *t) {
    uint64_t block;
    if (t->mode < REC_MODE_LISTS) {
        block = rec_model_block(m, m->base[t->mode] + t->offset[t->mode]);
    } else {
        uint32_t local = rec_model_listed(m, t->node, t->mode);
        block = local == REC_NO_LOCAL ? UINT64_MAX : m->first_block + local;
    }
    return rec_model_lives(m, block) ? block : UINT64_MAX;
}

/* The column of the hit probabilities that an entry uses. */
static inline unsigned rec_model_way(const struct rec_entry *t) {
    return t->step == REC_STEP_BIRTH ? 7 : t->step == REC_STEP_MOVE ? 6 : t->mode;
}

/* 1 or 0. One decision, not two: which of them is wrong, is no habit. */
static inline unsigned rec_entry_tells_birth(const struct rec_entry *t, uint32_t node) {
    return (unsigned)(t->step == REC_STEP_BIRTH) & (unsigned)(t->node == node);
}

/* `told`: rec_entry_tells_birth. */
static inline void rec_entry_learn_birth(struct rec_entry *t, unsigned told, uint32_t node) {
    unsigned confidence = t->confidence + (t->confidence < REC_CONFIDENCE_MAX);
    t->step = REC_STEP_BIRTH;
    t->node = node;
    t->confidence = (uint8_t)(confidence & (0 - told));
}

/* A block that ends, as entries may tell it. */
struct rec_ending {
    uint64_t block;
    uint32_t node; /* 0 when it is not of this chunk */
    /* What an entry's offset is when the mode tells the block. */
    uint32_t offset[REC_MODE_LISTS];
    uint32_t local; /* REC_NOT_LOCAL when it is not of this chunk */
};

static inline struct rec_ending rec_model_ending(const struct rec_event_model *m, uint64_t block) {
    uint32_t low = (uint32_t)block;
    int is_local = block >= m->first_block;
    return (struct rec_ending){
        .block = block,
        .node = is_local ? m->locals[block - m->first_block].node : 0,
        .offset = {low - m->base[REC_MODE_GAP], low - m->base[REC_MODE_AGE], low},
        .local = is_local ? low - (uint32_t)m->first_block : REC_NOT_LOCAL};
}

/* The first mode, the entry's own before the others, in which it would have told the block;
 * REC_MODES if there is none. But for its own without branches: which mode it is, is no habit. */
static inline unsigned rec_model_mode_of(struct rec_event_model *m, const struct rec_entry *t,
                                         const struct rec_ending *end) {
    unsigned ways = 0, lists = 0;
    for (unsigned mode = 0; mode < REC_MODE_LISTS; mode++)
        ways |= (unsigned)(t->offset[mode] == end->offset[mode]) << mode;
    if (ways >> t->mode & 1) return t->mode;
    const struct rec_slot *s = rec_model_slot(m, t->node);
    for (unsigned mode = REC_MODE_LISTS; mode < REC_MODES; mode++)
        lists |= (unsigned)(s->list[mode - REC_MODE_LISTS] == end->local) << mode;
    ways |= lists & (0 - (unsigned)(s->node == t->node));
    if (ways >> t->mode & 1) return t->mode;
    return (unsigned)__builtin_ctz(ways | 1u << REC_MODES);
}

/* `mode` is how the entry would have told the block (rec_model_mode_of). An entry of another step
 * begins with mode GAP, which is 0, and no confidence. */
static inline void rec_entry_learn_end(struct rec_entry *t, enum rec_step step,
                                       const struct rec_ending *end, unsigned mode) {
    uint32_t stride = end->offset[REC_MODE_STRIDE] * 2 - t->last;
    unsigned same = t->step == step, known = mode < REC_MODES;
    unsigned more = t->confidence + (t->confidence < REC_CONFIDENCE_MAX);
    unsigned confidence = (mode == t->mode ? more : known) & (0 - same);
    unsigned told = (known ? mode : t->mode) & (0 - same);
    t->step = (uint8_t)step;
    t->mode = (uint8_t)told;
    t->confidence = (uint8_t)confidence;
    t->node = end->node;
    t->offset[REC_MODE_GAP] = end->offset[REC_MODE_GAP];
    t->offset[REC_MODE_AGE] = end->offset[REC_MODE_AGE];
    t->offset[REC_MODE_STRIDE] = stride;
    t->last = end->offset[REC_MODE_STRIDE];
}

static inline void rec_model_remember(struct rec_event_model *m, uint64_t symbol) {
    struct rec_history *h = m->history;
    h->last = (h->last & m->history_before) << REC_HISTORY_BEFORE_AT | symbol;
    h->recent = (h->recent << m->history_shift) + symbol * 0xd6e8feb86659fd93u;
}

/* A birth happened, and entries have learnt it: the block joins its node's list. Gives the node's
 * slot, emptied if it was another node's. */
static inline struct rec_slot *rec_model_birth(struct rec_event_model *m, uint32_t node) {
    struct rec_slot *s = rec_model_slot(m, node);
    if (s->node != node)
        *s = (struct rec_slot){
            .node = node, .size = UINT64_MAX, .list = {REC_NO_LOCAL, REC_NO_LOCAL, REC_NO_LOCAL}};
    uint32_t local = (uint32_t)(m->next_block - m->first_block);
    m->locals[local] = (struct rec_local){node, s->list[0], REC_NO_LOCAL};
    m->living[local / 64] |= (uint64_t)1 << local % 64;
    rec_model_local(m, s->list[0])->after = local;
    s->list[0] = local;
    m->base[REC_MODE_AGE] = (uint32_t)++m->next_block;
    m->last_was_new = node > m->top_node;
    if (node > m->top_node) m->top_node = node;
    m->last_node = node;
    rec_model_remember(m, (uint64_t)node * 4);
    return s;
}

/* A block ended, and entries have learnt it. It lives, as far as is known. */
static inline void rec_model_end(struct rec_event_model *m, enum rec_step step,
                                 const struct rec_ending *end) {
    uint64_t kind = step == REC_STEP_MOVE, symbol, block = end->block;
    uint32_t local = end->local, node = end->node;
    if (local != REC_NOT_LOCAL) {
        struct rec_slot *s = rec_model_slot(m, node);
        struct rec_local *l = &m->locals[local];
        rec_model_local(m, l->before)->after = l->after;
        rec_model_local(m, l->after)->before = l->before;
        if (s->node == node) {
            if (s->list[0] == local) s->list[0] = l->before;
            s->list[1] = l->before;
            s->list[2] = l->after;
        }
        m->living[local / 64] &= ~((uint64_t)1 << local % 64);
        symbol = (uint64_t)node * 4 + 1 + kind;
    } else {
        if (m->form != REC_FORM_FIRST) *rec_model_distant_end(m, block) = block + 1;
        int64_t gap = (int64_t)(block - m->last_end);
        if (gap >= -REC_GAP_NEAR && gap <= REC_GAP_NEAR)
            symbol = (rec_zigzag(gap) * 2 + kind) * 4 + 3;
        else
            symbol = (((uint64_t)1 << 33) + (gap < 0 ? 2 : 0) + kind) * 4 + 3;
    }
    m->earlier_ends[1] = m->earlier_ends[0];
    m->earlier_ends[0] = m->last_end;
    m->last_end = block;
    m->base[REC_MODE_GAP] = (uint32_t)block;
    rec_model_remember(m, symbol);
}

#endif
