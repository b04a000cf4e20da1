/* SPDX-License-Identifier: MIT
 * The encoder thread's half of a writer: takes what the caller appended, in order, and turns it into
 * chunks. Used by one thread at a time; nothing here locks. */
#ifndef HEAPWISE_RECORDING_STREAM_H
#define HEAPWISE_RECORDING_STREAM_H

#include "recording/chunk_file.h"
#include "recording/table_codec.h"
#include "recording/table_marks.h"

/* A node as the caller gave it. */
struct rec_raw_node {
    uint64_t address;
    uint32_t parent, module;
    uint8_t exact, guessed;
};

/* What turns tables into chunks: shared by all streams of an encoder thread. */
struct rec_press {
    struct rec_payload_writer payload;
    struct rec_event_encoder events;
    /* Encodes one stream's chunk while that still grows, so that little is left to do when the
     * program ends. */
    struct rec_event_encoder ahead;
    struct rec_stream *ahead_of; /* whose, until that is cut; NULL: nobody's */
    void (*drop)(void *owner, struct rec_event_segment segment);
    void (*rest)(void *owner); /* called between the parts of what takes long */
    void *owner;
};

struct rec_stream {
    struct rec_chunk_file file;
    /* Events wait here, in the caller's buffers, until they make a chunk, or are encoded ahead. */
    struct rec_event_segment *segments;
    size_t segment_count, segment_capacity;
    uint32_t records; /* of the next chunk, also those that are encoded already */
    struct rec_event_facts next; /* what the next chunk begins with */
    uint32_t snapshots;
    struct rec_node_table nodes;
    size_t nodes_written, addresses_written;
    uint32_t *address_slots; /* open addressing: index into nodes.addresses, 0 = free */
    size_t address_slot_count;
    struct rec_module_table modules;
    size_t modules_written;
    struct rec_thread_table threads;
    uint32_t *changed_threads;
    size_t changed_count, changed_capacity;
    struct rec_marks_table marks; /* not yet in the file */
};

int rec_stream_open(struct rec_stream *s, const char *path, const struct rec_process *process,
                    struct failure *f);
void rec_stream_release(struct rec_stream *s);

void rec_stream_add_nodes(struct rec_stream *s, const struct rec_raw_node *nodes, size_t count);
void rec_stream_add_module(struct rec_stream *s, const struct rec_module *m);
void rec_stream_add_marks(struct rec_stream *s, const struct rec_marks_table *marks);
void rec_stream_set_thread(struct rec_stream *s, uint32_t index, const struct rec_thread *thread);
/* Keeps the buffer until its events are encoded, at the next cut or before, and gives it back through
 * `press->drop`; cuts first when a chunk could not hold it as well. */
void rec_stream_add_events(struct rec_stream *s, struct rec_press *press,
                           struct rec_event_segment segment);
/* Writes everything that is not yet in the file. */
void rec_stream_cut(struct rec_stream *s, struct rec_press *press);
/* Sorts both arrays. */
void rec_stream_add_snapshot(struct rec_stream *s, struct rec_press *press,
                             struct rec_node_totals *nodes, size_t node_count,
                             struct rec_live_block *blocks, size_t block_count);
void rec_stream_add_symbols(struct rec_stream *s, struct rec_press *press,
                            const uint32_t *first, const struct rec_frame *frames,
                            size_t address_count);
/* Sorts the array of the part. */
void rec_stream_add_summary(struct rec_stream *s, struct rec_press *press,
                            const struct rec_summary *summary, enum rec_summary_part part);
/* Ends the file. */
void rec_stream_finish(struct rec_stream *s, struct rec_press *press);

#endif
