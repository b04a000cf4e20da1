/* SPDX-License-Identifier: MIT
 * Reads recordings. The file is treated as hostile: every length, index and offset is checked before
 * use, and what cannot be trusted is reported, never guessed. Opening reads the index, the summary
 * and the small tables only; events are decoded a chunk at a time on demand.
 *
 * A recording without its index (the recorder was killed, the disk was full, the file was cut) is
 * opened by scanning its chunks and replaying them up to the last whole one; rec_damage then says
 * so, and totals are those of what is there.
 *
 * Threads: all functions but rec_close, rec_set_symbols and rec_note_damage may be called by several
 * threads at once on one file. */
#ifndef HEAPWISE_RECORDING_READER_H
#define HEAPWISE_RECORDING_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/event.h"
#include "recording/tables.h"
#include "recording/writer.h"

struct rec_file;

int rec_open(struct rec_file **out, const char *path, struct failure *f);
void rec_close(struct rec_file *r);

/* NULL for a whole recording; else a sentence: what is missing or damaged, and from where on. */
const char *rec_damage(const struct rec_file *r);

/* Says of a recording that something is missing, if nothing has been said yet; the text is copied. */
void rec_note_damage(struct rec_file *r, const char *sentence);

/* All of these are owned by the file and live until rec_close. */
const struct rec_process *rec_process(const struct rec_file *r);
const struct rec_totals *rec_totals(const struct rec_file *r);
const struct rec_module *rec_modules(const struct rec_file *r, size_t *count);
const struct rec_thread *rec_threads(const struct rec_file *r, size_t *count);
const struct rec_time_point *rec_timeline(const struct rec_file *r, size_t *count);
const struct rec_histogram *rec_sizes(const struct rec_file *r);
const struct rec_histogram *rec_lifetimes(const struct rec_file *r);
/* NULL when heapwise recorded it itself. */
const struct rec_source *rec_source(const struct rec_file *r);
/* Whether it can tell all of these (enum rec_known, or'ed). What it cannot must not be shown as a number. */
int rec_knows(const struct rec_file *r, uint32_t what);
const char *rec_version(const struct rec_file *r); /* of the heapwise that wrote it */

/* What the program told of itself (docs/c-api.md). */
const struct rec_mark *rec_marks(const struct rec_file *r, size_t *count);
const struct rec_pool *rec_pools(const struct rec_file *r, size_t *count);
/* The program's own list of leaks to suppress, in LeakSanitizer's syntax, and the file that had it; NULL:
 * none. */
const char *rec_suppressions(const struct rec_file *r, const char **from);

/* Loaded at first use, so that a question that needs them not does not pay; who asks for what another
 * thread is loading waits for it. NULL on failure. */
const struct rec_node *rec_nodes(struct rec_file *r, size_t *count, struct failure *f);
const struct rec_address *rec_addresses(struct rec_file *r, size_t *count, struct failure *f);
const struct rec_node_totals *rec_node_totals(struct rec_file *r, size_t *count, struct failure *f);
const struct rec_live_block *rec_leaked(struct rec_file *r, size_t *count, struct failure *f);

/* Allocations where the program allows none; NULL on failure. */
const struct rec_forbidden *rec_forbidden(struct rec_file *r, size_t *count, struct failure *f);

/* Whether symbols were stored. If not, the caller resolves addresses itself (src/symbols) and gives
 * the result to rec_set_symbols, in the form of rec_writer_symbols; strings are copied. */
int rec_has_symbols(const struct rec_file *r);
int rec_set_symbols(struct rec_file *r, const uint32_t *first, const struct rec_frame *frames,
                    size_t address_count, struct failure *f);
/* The source-level frames of an address, innermost first; at least one, whose function is NULL when
 * nothing is known. Loads the symbols at first use. */
const struct rec_frame *rec_frames(struct rec_file *r, uint32_t address, size_t *count,
                                   struct failure *f);

/* Event chunks, in order. */
struct rec_chunk {
    uint64_t first_event;   /* events (no THREAD, TICK) before this chunk */
    uint64_t first_block;   /* blocks born before this chunk */
    uint32_t events;        /* events in it (no THREAD, TICK) */
    uint32_t records;       /* including THREAD and TICK */
    uint32_t first_tick, last_tick;
    uint32_t first_thread;  /* the thread current at its start */
    uint32_t reserved;
};
const struct rec_chunk *rec_chunks(const struct rec_file *r, size_t *count);
/* Decodes one chunk into `events`, which has room for its `records`. */
int rec_chunk_decode(struct rec_file *r, size_t chunk, struct rec_event *events, struct failure *f);

/* Snapshots, in order; each holds the state before the events of chunk `chunk`. */
struct rec_snapshot {
    uint64_t event;  /* events before it */
    uint64_t first_block; /* blocks born before it */
    uint32_t tick;
    uint32_t chunk;
};
const struct rec_snapshot *rec_snapshots(const struct rec_file *r, size_t *count);
/* Loads one; the caller frees both arrays with free(). Blocks come sorted by block number. */
int rec_snapshot_load(struct rec_file *r, size_t snapshot, struct rec_node_totals **nodes,
                      size_t *node_count, struct rec_live_block **blocks, size_t *block_count,
                      struct failure *f);

/* Checks everything in a file. Returns 0 when it is whole, 1 when it is damaged but readable up to a
 * point, -1 when it cannot be read; `f` says what is wrong. */
int rec_check(const char *path, struct failure *f);
/* Writes a whole recording to `out_path` from what is readable of `path`: index and summary rebuilt. */
int rec_repair(const char *path, const char *out_path, struct failure *f);

#endif
