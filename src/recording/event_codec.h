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
    REC_EVENTS_SECOND_STEPS = 11, /* likewise, by the second model */
    REC_EVENTS_STEPS = 12,        /* range-coded decisions on steps, by the third model */
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

/* At most so many records a chunk; from so many on, the model's tables have one size. */
#define REC_EVENT_CHUNK_RECORDS (1u << 17)
#define REC_EVENT_FULL_TABLES (1u << 16)

struct rec_event_segment {
    struct rec_event *events;
    uint32_t count, capacity;
};

/* The state of the encoder; one serves any number of recordings, one chunk after the other. */
struct rec_event_encoder {
    struct rec_event_model model;
    struct rec_bytes columns[REC_EVENTS_COLUMNS];
    struct rec_range_encoder steps, sizes;
    struct rec_event_facts facts; /* of the chunk as far as it is encoded */
    uint64_t last_unknown;
    int failed; /* memory ran out */
};
void rec_event_encoder_release(struct rec_event_encoder *x);

/* Begins a chunk of exactly `records` records; of REC_EVENT_FULL_TABLES or more, up to
 * REC_EVENT_CHUNK_RECORDS, when that is what is given. `first` says in what state: first_event,
 * first_block, first_tick, first_thread and top_node. */
void rec_events_begin(struct rec_event_encoder *x, const struct rec_event_facts *first,
                      uint32_t records);
/* Encodes the events that follow. */
void rec_events_put(struct rec_event_encoder *x, struct rec_event_segment segment);
/* Ends the chunk: adds its columns to `p` and fills `facts`. Then moves `next` to the facts that the
 * following chunk begins with. 0, or -1 when memory ran out, be it at any of these steps. */
int rec_events_end(struct rec_event_encoder *x, struct rec_event_facts *facts,
                   struct rec_event_facts *next, struct rec_payload_writer *p);

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
