/* SPDX-License-Identifier: MIT
 * Takes what the program told of itself. See told.h.
 *
 * Names are known to the recording by their index in the region; the text of one is handed over
 * when a record names it first. Forbidden allocations are counted by call stack and handed over in
 * parts, so that a program that never stops making them makes no larger file. */
#include "recorder/told.h"

#include <stdlib.h>
#include <string.h>

#include "core/atomics.h"
#include "recorder/pool_blocks.h"
#include "wire/record.h"

enum { SNAPSHOTS_MAX = 1000, FORBIDDEN_MAX = 1 << 12 };

struct forbidden {
    uint32_t node, name;
    uint64_t allocations, bytes; /* not yet handed over */
};

struct told {
    struct pool_blocks blocks;
    uint8_t pool_told[WIRE_NAMES_MAX]; /* 1: the recording has the pool's name */
    struct forbidden *forbidden;       /* few places of a program are so */
    size_t forbidden_count, forbidden_capacity;
    uint32_t snapshots;
};

void told_release(struct told *told) {
    if (told == NULL) return;
    pool_blocks_release(&told->blocks);
    free(told->forbidden);
    free(told);
}

/* A copy of the text, made while the process may write there. */
static void name_copy(const struct tracee *t, uint64_t index, char text[64]) {
    text[0] = '\0';
    if (index == 0 || index >= WIRE_NAMES_MAX) return;
    const struct wire_name *n =
        (const struct wire_name *)((const char *)t->region + t->layout.names_offset) + index;
    /* acquire: pairs with the agent's store after the text */
    if (load_acquire(&n->whole) != WIRE_NAME_WHOLE) return;
    memcpy(text, n->text, sizeof n->text);
    text[sizeof n->text] = '\0';
}

static void pool_name_tell(struct tracee *t, uint32_t name) {
    char text[64];
    if (name == 0 || name >= WIRE_NAMES_MAX || t->told->pool_told[name]) return;
    t->told->pool_told[name] = 1;
    name_copy(t, name, text);
    rec_writer_pool(t->writer, name, text);
}

static void pool_alloc(struct tracee *t, struct ring_reader *r, const struct told_record *e) {
    pool_name_tell(t, (uint32_t)(e->pool & WIRE_POOL_NAME));
    uint64_t block = e->address | POOL_BLOCK, old = e->old | POOL_BLOCK;
    int moved = e->old != 0 && pool_blocks_remove(&t->told->blocks, old);
    int added = pool_blocks_add(&t->told->blocks, e->pool, block);
    if (added < 0) tracee_out_of_memory(t);
    /* What lived there ended without a word: an arena was rewound. */
    if (added > 0) account_end(t, r, block, e->stamp);
    if (moved)
        account_move(t, r, old, block, e->size, e->node, e->stamp, e->stamp);
    else
        account_birth(t, r, block, e->size, e->node, e->stamp);
}

static void pool_reset(struct tracee *t, struct ring_reader *r, const struct told_record *e) {
    uint64_t block;
    while ((block = pool_blocks_take(&t->told->blocks, e->size)) != 0)
        account_end(t, r, block, e->stamp);
}

static void mark(struct tracee *t, struct ring_reader *r, const struct told_record *e) {
    char name[64];
    name_copy(t, e->size, name);
    if (e->address == WIRE_MARK_THREAD_NAME) {
        r->named = 1;
        rec_writer_thread_name(t->writer, r->thread, name);
        return;
    }
    struct rec_mark m = {.tick = t->tick,
                         .thread = r->thread,
                         .event = t->totals.events,
                         .live_bytes = t->live_bytes,
                         .live_blocks = t->live_blocks,
                         .allocations = t->totals.allocations,
                         .allocated_bytes = t->totals.allocated_bytes,
                         .name = name};
    if (e->address == WIRE_MARK_SNAPSHOT && t->told->snapshots < SNAPSHOTS_MAX) {
        t->told->snapshots++;
        m.has_snapshot = tracee_snapshot(t);
    }
    rec_writer_mark(t->writer, &m);
}

/* The entry of a call stack, made if need be; when there are too many, that of unknown stacks. */
static struct forbidden *forbidden_entry(struct told *told, uint32_t node, uint32_t name) {
    for (size_t i = told->forbidden_count; i-- > 0;)
        if (told->forbidden[i].node == node && told->forbidden[i].name == name)
            return &told->forbidden[i];
    if (told->forbidden_count == FORBIDDEN_MAX && node != 0) return forbidden_entry(told, 0, 0);
    if (told->forbidden_count == told->forbidden_capacity) {
        size_t more = told->forbidden_capacity == 0 ? 16 : 2 * told->forbidden_capacity;
        struct forbidden *grown = realloc(told->forbidden, more * sizeof *grown);
        if (grown == NULL) return NULL;
        told->forbidden = grown;
        told->forbidden_capacity = more;
    }
    struct forbidden *fresh = &told->forbidden[told->forbidden_count++];
    *fresh = (struct forbidden){.node = node, .name = name};
    return fresh;
}

static void forbidden(struct tracee *t, const struct told_record *e) {
    uint32_t name = e->address < WIRE_NAMES_MAX ? (uint32_t)e->address : 0;
    struct forbidden *f = forbidden_entry(t->told, e->node, name);
    if (f == NULL) {
        tracee_out_of_memory(t);
        return;
    }
    f->allocations++;
    f->bytes += e->size;
}

void told_flush(struct tracee *t) {
    struct told *told = t->told;
    for (size_t i = 0; told != NULL && i < told->forbidden_count; i++) {
        struct forbidden *f = &told->forbidden[i];
        char name[64];
        if (f->allocations == 0) continue;
        name_copy(t, f->name, name);
        if (t->stats.nodes[f->node].file_node == 0) tracee_learn_node(t, f->node);
        rec_writer_forbidden(t->writer,
                             &(struct rec_forbidden){.node = t->stats.nodes[f->node].file_node,
                                                     .allocations = f->allocations,
                                                     .bytes = f->bytes,
                                                     .label = name});
        f->allocations = f->bytes = 0;
    }
}

void told_record(struct tracee *t, struct ring_reader *r, const struct told_record *e) {
    if (t->told == NULL) t->told = calloc(1, sizeof *t->told);
    if (t->told == NULL) {
        tracee_out_of_memory(t);
        return;
    }
    switch (e->kind) {
    case WIRE_POOL_ALLOC:
        pool_alloc(t, r, e);
        break;
    case WIRE_POOL_FREE:
        pool_blocks_remove(&t->told->blocks, e->address | POOL_BLOCK);
        account_end(t, r, e->address | POOL_BLOCK, e->stamp);
        break;
    case WIRE_POOL_RESET:
        pool_reset(t, r, e);
        break;
    case WIRE_MARK:
        mark(t, r, e);
        break;
    case WIRE_FORBIDDEN:
        forbidden(t, e);
        break;
    default:
        break;
    }
}
