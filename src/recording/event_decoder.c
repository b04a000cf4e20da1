/* SPDX-License-Identifier: MIT
 * Turns the columns of an EVENTS chunk back into events. See event_codec.h. */
#include "recording/event_codec.h"

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
    free(raw);
    if (c.failed || records > REC_CHUNK_ENTRIES_MAX || events > records || births > events ||
        last_tick > UINT32_MAX || first_tick > last_tick || first_thread > UINT32_MAX ||
        last_thread > UINT32_MAX || facts->first_block > facts->first_event ||
        facts->first_event > UINT64_MAX / 2)
        return failure_set(f, "its facts are impossible");
    facts->events = (uint32_t)events;
    facts->records = (uint32_t)records;
    facts->births = (uint32_t)births;
    facts->first_tick = (uint32_t)first_tick;
    facts->last_tick = (uint32_t)last_tick;
    facts->first_thread = (uint32_t)first_thread;
    facts->last_thread = (uint32_t)last_thread;
    return 0;
}

struct columns {
    struct rec_cursor operations, nodes, sizes, blocks, side;
};

static const char *decode(struct columns *c, const struct rec_event_facts *facts,
                          struct rec_event *events) {
    uint64_t next_block = facts->first_block;
    uint32_t last_node = 0;
    uint64_t tick = facts->first_tick, thread = facts->first_thread;
    uint32_t counted = 0;
    for (uint32_t i = 0; i < facts->records; i++) {
        struct rec_event e = {0};
        e.kind = rec_cursor_u8(&c->operations);
        switch (e.kind) {
        case REC_TICK:
            tick += rec_cursor_varint(&c->side);
            if (tick > UINT32_MAX) return "a tick is too large";
            e.size = tick;
            break;
        case REC_THREAD:
            e.size = thread = rec_cursor_varint(&c->side);
            if (thread > UINT32_MAX) return "a thread's index is too large";
            break;
        case REC_FREE:
        case REC_REALLOC: {
            uint64_t distance = rec_cursor_varint(&c->blocks);
            if (distance > next_block || (distance == 0 && e.kind == REC_FREE))
                return "a free names a block that was not born";
            e.block = distance == 0 ? REC_NO_BLOCK : next_block - distance;
            break;
        }
        case REC_ALLOC:
        case REC_FAILED:
        case REC_UNKNOWN_FREE:
            break;
        default:
            return "an event is of no known kind";
        }
        if (e.kind < REC_THREAD) {
            counted++;
            if (e.kind == REC_ALLOC || e.kind == REC_REALLOC || e.kind == REC_FAILED) {
                last_node += (uint32_t)rec_unzigzag(rec_cursor_varint(&c->nodes));
                e.node = last_node;
            }
            if (e.kind != REC_FREE) e.size = rec_cursor_varint(&c->sizes);
            if (e.kind == REC_ALLOC) e.block = next_block++;
            if (e.kind == REC_REALLOC) next_block++;
        }
        events[i] = e;
    }
    if (c->operations.failed || c->nodes.failed || c->sizes.failed || c->blocks.failed ||
        c->side.failed)
        return "a column ends too early";
    if (counted != facts->events || next_block - facts->first_block != facts->births ||
        tick != facts->last_tick || thread != facts->last_thread)
        return "its facts and its events disagree";
    return NULL;
}

int rec_events_decode(const struct rec_payload *p, const struct rec_event_facts *facts,
                      struct rec_event *events, struct failure *f) {
    struct columns c;
    uint8_t *raw[5] = {0};
    size_t n = facts->records;
    int result = -1;
    if (rec_payload_column(p, REC_EVENTS_OPERATION, n, &raw[0], &c.operations, f) == 0 &&
        rec_payload_column(p, REC_EVENTS_NODE, n * 5, &raw[1], &c.nodes, f) == 0 &&
        rec_payload_column(p, REC_EVENTS_SIZE, n * REC_VARINT_MAX, &raw[2], &c.sizes, f) == 0 &&
        rec_payload_column(p, REC_EVENTS_BLOCK, n * REC_VARINT_MAX, &raw[3], &c.blocks, f) == 0 &&
        rec_payload_column(p, REC_EVENTS_SIDE, n * REC_VARINT_MAX, &raw[4], &c.side, f) == 0) {
        const char *wrong = decode(&c, facts, events);
        result = wrong == NULL ? 0 : failure_set(f, "%s", wrong);
    }
    for (int i = 0; i < 5; i++) free(raw[i]);
    return result;
}
