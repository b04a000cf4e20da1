/* SPDX-License-Identifier: MIT
 * Writes one recording. The calling thread only appends to buffers; a second thread (one for all
 * writers of an encoder) turns full buffers into chunks, compresses and writes them. The caller
 * blocks only when more than the encoder's bound of buffers is waiting.
 *
 * Order of calls: open, then events, nodes, modules, threads, snapshots in any mixture (a node is
 * given before the first event that names it, a parent before its child, a module before the first
 * node in it), then addresses, parts of the summary, symbols, and close. A recording that is never closed is
 * readable up to its last whole chunk; chunks reach the file at least every second (call _tick).
 *
 * After a write error (disk full) the writer drops what follows, keeps what is on disk readable, and
 * rec_writer_close returns the first failure. */
#ifndef HEAPWISE_RECORDING_WRITER_H
#define HEAPWISE_RECORDING_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/event.h"
#include "recording/tables.h"

struct rec_encoder; /* the second thread */
struct rec_writer;

/* Starts the encoder thread (all signals blocked in it). */
int rec_encoder_start(struct rec_encoder **out, struct failure *f);
/* Waits until all its work is done, ends the thread, frees it. All writers must be closed. */
void rec_encoder_stop(struct rec_encoder *e);
/* Gives back the memory that it keeps for the events of full streams: at once, or when it has encoded all. */
void rec_encoder_shrink(struct rec_encoder *e);
/* Has the thread rest until it is let go, so that the caller has a processor instead of it. Waits a little
 * until it does, not for ever: it is a matter of speed alone. Whoever waits for its work lets it go; and when
 * half as much waits for it as a writer may give it, it is let go instead. */
void rec_encoder_hold(struct rec_encoder *e);
void rec_encoder_let_go(struct rec_encoder *e);

/* Creates `path` (replacing an older file) and writes the process facts. */
int rec_writer_open(struct rec_writer **out, struct rec_encoder *e, const char *path,
                    const struct rec_process *process, struct failure *f);

/* The buffer that events are appended to. Public so that appending is a few inline instructions. */
struct rec_event_buffer {
    struct rec_event *next, *end;
};
struct rec_event_buffer *rec_writer_events(struct rec_writer *w);
/* Hands the full buffer over and gives a fresh one. Called by rec_event_append. */
void rec_writer_turn(struct rec_writer *w);

/* The place of the next event, which the caller fills field by field: all of them, since what is there
 * is old. (An event that is put together elsewhere and copied stalls the processor, which cannot
 * forward narrow stores to wide loads.) */
static inline struct rec_event *rec_event_next(struct rec_writer *w, struct rec_event_buffer *b) {
    if (__builtin_expect(b->next == b->end, 0)) rec_writer_turn(w);
    return b->next++;
}

static inline void rec_event_append(struct rec_writer *w, struct rec_event_buffer *b,
                                    struct rec_event event) {
    *rec_event_next(w, b) = event;
}

/* Each returns the index of the new entry: 0 is the root node, module "no file", respectively given
 * by the first call for threads. */
uint32_t rec_writer_node(struct rec_writer *w, uint32_t parent, uint32_t module, uint64_t address,
                         int exact, int guessed);
uint32_t rec_writer_module(struct rec_writer *w, const struct rec_module *m);
uint32_t rec_writer_thread(struct rec_writer *w, uint32_t tid);
/* A thread's name, when it becomes known or changes. */
void rec_writer_thread_name(struct rec_writer *w, uint32_t thread, const char *name);

/* What the program told of itself; all is copied. */
void rec_writer_mark(struct rec_writer *w, const struct rec_mark *m);
void rec_writer_pool(struct rec_writer *w, uint32_t number, const char *name);
void rec_writer_forbidden(struct rec_writer *w, const struct rec_forbidden *f);
void rec_writer_suppressions(struct rec_writer *w, const char *text, const char *from);

/* A block alive at a snapshot. */
struct rec_live_block {
    uint64_t block, address, size;
    uint32_t node, reserved;
};
/* The state after all events appended so far: what each node's allocations came to, and all live
 * blocks in any order. Takes ownership of both arrays, which were made with malloc. */
void rec_writer_snapshot(struct rec_writer *w, struct rec_node_totals *nodes, size_t node_count,
                         struct rec_live_block *blocks, size_t block_count);

/* Whether it is time for one that would list so many nodes and blocks, `since` events after the last, with `all`
 * events so far: soon where that is next to nothing beside the events, since questions about a range of time
 * begin with it, and sooner in a long recording, where they are otherwise slow. */
int rec_snapshot_is_due(uint64_t all, uint64_t since, uint64_t listed);

/* To be called at least every 100 ms: lets a buffer that has waited for a second go out. */
void rec_writer_tick(struct rec_writer *w);

/* Everything so far shall be encoded and written, soon. */
void rec_writer_send(struct rec_writer *w);
/* Waits until it is. */
void rec_writer_flush(struct rec_writer *w);
/* The distinct code addresses of all nodes so far, to be resolved; owned by the writer, and good
 * until the next node is given. Events may still be on their way to the file. */
const struct rec_address *rec_writer_addresses(struct rec_writer *w, size_t *count);
const struct rec_module *rec_writer_modules(struct rec_writer *w, size_t *count);

/* The resolved frames: address a has frames[first[a] .. first[a+1]). Strings are copied. */
void rec_writer_symbols(struct rec_writer *w, const uint32_t *first, const struct rec_frame *frames,
                        size_t address_count);

struct rec_summary {
    struct rec_totals totals;
    struct rec_node_totals *nodes;      /* nodes that have any own allocation; live_* as at the end */
    size_t node_count;
    struct rec_time_point *timeline;
    size_t timeline_count;
    struct rec_histogram sizes;         /* of births, by requested size */
    struct rec_histogram lifetimes;     /* of ended blocks, by number of births during their life */
    struct rec_live_block *leaked;      /* blocks alive at the end */
    size_t leaked_count;
};
/* What has been given so far shall be all: nothing that follows is taken, and the file ends without its
 * summary, as that of a recorder that was killed does. Also done by the writer itself when its memory
 * runs out. */
void rec_writer_abandon(struct rec_writer *w);
int rec_writer_has_failed(const struct rec_writer *w); /* for want of memory, or abandoned */

/* Begins to write a part of the summary, after the last event: `leaked`, `nodes`, or all else. It must
 * stay as it is until the writer is closed; the other parts need not be known yet. */
enum rec_summary_part { REC_SUMMARY_BLOCKS, REC_SUMMARY_NODES, REC_SUMMARY_REST, REC_SUMMARY_PARTS };
void rec_writer_summary(struct rec_writer *w, const struct rec_summary *s,
                        enum rec_summary_part part);
/* Writes the parts of the summary that were not given before (NULL: the file shall have none) and the
 * index, closes the file and frees the writer. Returns the first failure of the writer's whole life.
 * `bytes` (may be NULL) receives the size of the file. */
int rec_writer_close(struct rec_writer *w, const struct rec_summary *s, uint64_t *bytes,
                     struct failure *f);

#endif
