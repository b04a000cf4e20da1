/* SPDX-License-Identifier: MIT
 * Turns events into the columns of an EVENTS chunk, and back.
 *
 * A chunk is decoded from its own bytes alone: all state of the prediction (event_model.h) begins
 * anew with it. */
#ifndef HEAPWISE_RECORDING_EVENT_CODEC_H
#define HEAPWISE_RECORDING_EVENT_CODEC_H

#include "base/failure.h"
#include "recording/column.h"
#include "recording/event.h"
#include "recording/event_model.h"

enum rec_event_column {
    REC_EVENTS_HEAD = 1,
    REC_EVENTS_FIRST_STEPS = 2, /* the same as STEPS, by the first model */
    REC_EVENTS_SIZES = 3,       /* range-coded decisions on sizes */
    REC_EVENTS_NEW_NODE = 4,    /* varints: what the decisions left open */
    REC_EVENTS_NODE = 5,
    REC_EVENTS_AGE = 6, /* of the first model */
    REC_EVENTS_GAP = 7, /* likewise */
    REC_EVENTS_FIRST_SIZE = 8,
    REC_EVENTS_SIZE = 9,
    REC_EVENTS_RARE = 10,
    REC_EVENTS_STEPS = 11, /* range-coded decisions on steps, by the second model */
    REC_EVENTS_COLUMNS
};

/* A rare step: its code and its numbers in the column RARE. */
enum rec_rare {
    REC_RARE_THREAD = 0,       /* index */
    REC_RARE_TICK = 1,         /* ticks since the last one */
    REC_RARE_FAILED = 2,       /* node, size */
    REC_RARE_UNKNOWN_FREE = 3, /* address, signed difference to the last such */
    REC_RARE_REALLOC = 4       /* of an unknown block; a birth follows */
};

/* Facts of a chunk: stored in its head, and once more in the index. */
struct rec_event_facts {
    uint64_t first_event, first_block; /* before it */
    uint32_t events;                   /* without THREAD and TICK */
    uint32_t records;                  /* with them */
    uint32_t births;
    uint32_t first_tick, last_tick, first_thread, last_thread;
    uint32_t top_node; /* the highest node that events before it name */
};

/* At most so many records a chunk. */
#define REC_EVENT_CHUNK_RECORDS (1u << 17)

struct rec_event_segment {
    struct rec_event *events;
    uint32_t count, capacity;
};

/* The state of the encoder; one serves any number of recordings, one chunk after the other. */
struct rec_event_encoder {
    struct rec_event_model model;
    struct rec_bytes columns[REC_EVENTS_COLUMNS];
    struct rec_range_encoder steps, sizes;
    uint64_t last_unknown;
};
void rec_event_encoder_release(struct rec_event_encoder *x);

/* Encodes the events of all segments as one chunk: adds its columns to `p` and fills `facts`, whose
 * first_event, first_block, first_tick, first_thread and top_node the caller has set. Then moves
 * `next` to the facts that the following chunk begins with. 0, or -1 when memory ran out. */
int rec_events_encode(struct rec_event_encoder *x, const struct rec_event_segment *segments,
                      size_t count, struct rec_event_facts *facts, struct rec_event_facts *next,
                      struct rec_payload_writer *p);

/* Reads the head of a payload. Everything in it is checked against what a chunk can hold. */
int rec_event_head_read(const struct rec_payload *p, struct rec_event_facts *facts,
                        struct failure *f);

/* The state of a decoder; one serves any number of chunks, one after the other. All zero to begin
 * with. */
struct rec_event_decoder {
    struct rec_event_model model;
    struct rec_range_decoder steps, sizes;
    struct rec_cursor columns[REC_EVENTS_COLUMNS];
    uint64_t last_unknown;
    struct rec_event_decoder *next; /* for whoever keeps several */
};
void rec_event_decoder_release(struct rec_event_decoder *x);
/* Decodes a payload whose head is `facts` into `events`, which has room for facts->records. */
int rec_events_decode(struct rec_event_decoder *x, const struct rec_payload *p,
                      const struct rec_event_facts *facts, struct rec_event *events,
                      struct failure *f);

#endif
