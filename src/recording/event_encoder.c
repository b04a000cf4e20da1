/* SPDX-License-Identifier: MIT
 * Turns events into columns. See event_codec.h. */
#include "recording/event_codec.h"

#include "recording/format.h"

struct rec_event_encoder {
    struct rec_event_facts facts;
    struct rec_bytes operations, nodes, sizes, blocks, side;
    uint64_t next_block;
    uint32_t last_node, tick, thread;
};

struct rec_event_encoder *rec_event_encoder_new(void) {
    return calloc(1, sizeof(struct rec_event_encoder));
}

void rec_event_encoder_free(struct rec_event_encoder *x) {
    if (x == NULL) return;
    rec_bytes_free(&x->operations);
    rec_bytes_free(&x->nodes);
    rec_bytes_free(&x->sizes);
    rec_bytes_free(&x->blocks);
    rec_bytes_free(&x->side);
    free(x);
}

const struct rec_event_facts *rec_event_encoder_facts(const struct rec_event_encoder *x) {
    return &x->facts;
}

static void put_node(struct rec_event_encoder *x, uint32_t node) {
    rec_bytes_put_varint(&x->nodes, rec_zigzag((int64_t)node - x->last_node));
    x->last_node = node;
}

void rec_event_encoder_add(struct rec_event_encoder *x, const struct rec_event *events,
                           size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct rec_event *e = &events[i];
        x->facts.records++;
        rec_bytes_put_u8(&x->operations, e->kind);
        switch (e->kind) {
        case REC_TICK:
            rec_bytes_put_varint(&x->side, e->size - x->tick);
            x->tick = (uint32_t)e->size;
            continue;
        case REC_THREAD:
            rec_bytes_put_varint(&x->side, e->size);
            x->thread = (uint32_t)e->size;
            continue;
        case REC_REALLOC:
        case REC_FREE:
            rec_bytes_put_varint(&x->blocks,
                                 e->block == REC_NO_BLOCK ? 0 : x->next_block - e->block);
            break;
        }
        x->facts.events++;
        if (e->kind == REC_ALLOC || e->kind == REC_REALLOC || e->kind == REC_FAILED) put_node(x, e->node);
        if (e->kind != REC_FREE) rec_bytes_put_varint(&x->sizes, e->size);
        if (e->kind == REC_ALLOC || e->kind == REC_REALLOC) {
            x->next_block++;
            x->facts.births++;
        }
    }
    x->facts.last_tick = x->tick;
    x->facts.last_thread = x->thread;
}

static void put_head(struct rec_event_encoder *x, struct rec_payload_writer *p) {
    struct rec_bytes head = {0};
    const struct rec_event_facts *facts = &x->facts;
    rec_bytes_put_varint(&head, facts->first_event);
    rec_bytes_put_varint(&head, facts->first_block);
    rec_bytes_put_varint(&head, facts->events);
    rec_bytes_put_varint(&head, facts->records);
    rec_bytes_put_varint(&head, facts->births);
    rec_bytes_put_varint(&head, facts->first_tick);
    rec_bytes_put_varint(&head, facts->last_tick);
    rec_bytes_put_varint(&head, facts->first_thread);
    rec_bytes_put_varint(&head, facts->last_thread);
    rec_payload_add(p, REC_EVENTS_HEAD, head.data, head.length, 1);
    rec_bytes_free(&head);
}

static int put_column(struct rec_payload_writer *p, uint8_t id, struct rec_bytes *b, int level) {
    rec_payload_add(p, id, b->data, b->length, level);
    b->length = 0;
    return b->failed ? -1 : 0;
}

int rec_event_encoder_finish(struct rec_event_encoder *x, struct rec_payload_writer *p) {
    int failed = 0;
    put_head(x, p);
    failed |= put_column(p, REC_EVENTS_OPERATION, &x->operations, 1);
    failed |= put_column(p, REC_EVENTS_NODE, &x->nodes, 1);
    failed |= put_column(p, REC_EVENTS_SIZE, &x->sizes, 1);
    failed |= put_column(p, REC_EVENTS_BLOCK, &x->blocks, 1);
    failed |= put_column(p, REC_EVENTS_SIDE, &x->side, 1);
    x->facts.first_event += x->facts.events;
    x->facts.first_block += x->facts.births;
    x->facts.events = x->facts.records = x->facts.births = 0;
    x->facts.first_tick = x->facts.last_tick;
    x->facts.first_thread = x->facts.last_thread;
    x->last_node = 0;
    return failed ? -1 : 0;
}
