/* SPDX-License-Identifier: MIT
 * Turns events into the columns of an EVENTS chunk, and back.
 *
 * A chunk is decoded from its own bytes alone: all state of the prediction begins anew with it. */
#ifndef HEAPWISE_RECORDING_EVENT_CODEC_H
#define HEAPWISE_RECORDING_EVENT_CODEC_H

#include "base/failure.h"
#include "recording/column.h"
#include "recording/event.h"

enum rec_event_column {
    REC_EVENTS_HEAD = 1,
    REC_EVENTS_OPERATION = 2,
    REC_EVENTS_NODE = 3,
    REC_EVENTS_SIZE = 4,
    REC_EVENTS_BLOCK = 5,
    REC_EVENTS_SIDE = 6,
    REC_EVENTS_COLUMNS
};

/* Facts of a chunk: stored in its head, and once more in the index. */
struct rec_event_facts {
    uint64_t first_event, first_block; /* before it */
    uint32_t events;  /* without THREAD and TICK */
    uint32_t records; /* with them */
    uint32_t births;
    uint32_t first_tick, last_tick, first_thread, last_thread;
};

/* At most so many records a chunk. */
#define REC_EVENT_CHUNK_RECORDS (1u << 18)

struct rec_event_encoder;
struct rec_event_encoder *rec_event_encoder_new(void); /* NULL: no memory */
void rec_event_encoder_free(struct rec_event_encoder *x);
/* Adds events to the chunk being built; there must be room for them. */
void rec_event_encoder_add(struct rec_event_encoder *x, const struct rec_event *events, size_t count);
/* What the chunk being built holds so far. */
const struct rec_event_facts *rec_event_encoder_facts(const struct rec_event_encoder *x);
/* Adds the columns to `p` and begins the next chunk. 0, or -1 when memory ran out. */
int rec_event_encoder_finish(struct rec_event_encoder *x, struct rec_payload_writer *p);

/* Reads the head of a payload. Everything in it is checked against what a chunk can hold. */
int rec_event_head_read(const struct rec_payload *p, struct rec_event_facts *facts,
                        struct failure *f);
/* Decodes a payload whose head is `facts` into `events`, which has room for facts->records. */
int rec_events_decode(const struct rec_payload *p, const struct rec_event_facts *facts,
                      struct rec_event *events, struct failure *f);

#endif
