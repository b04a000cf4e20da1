/* SPDX-License-Identifier: MIT
 * A recording being read: what rec_open found, and the tables loaded so far. Private to the reader.
 *
 *   open ──► index found ───────────────► small tables, summary
 *        └─► not found: scan of chunks ─┬► the same, when the summary is there
 *                                       └► replay of the events: totals rebuilt, damage said */
#ifndef HEAPWISE_RECORDING_RECORDING_FILE_H
#define HEAPWISE_RECORDING_RECORDING_FILE_H

#include <pthread.h>
#include <stdatomic.h>

#include "recording/event_codec.h"
#include "recording/format.h"
#include "recording/reader.h"
#include "recording/table_codec.h"
#include "recording/table_marks.h"

/* One chunk of the file, headers included. */
struct rec_chunk_place {
    uint64_t offset;
    uint32_t length;
    uint32_t sequence;
    uint8_t kind, flags;
};

/* Tables that are loaded at first use. */
enum rec_loaded { REC_LOADED_NODES = 1, REC_LOADED_NODE_TOTALS = 2, REC_LOADED_LEAKED = 4,
                  REC_LOADED_SYMBOLS = 8 };

struct rec_file {
    int fd;
    uint64_t length;
    char damage[512]; /* empty: whole */

    struct rec_chunk_place *places;
    size_t place_count, place_capacity;
    struct rec_chunk *chunks;   /* of events */
    size_t *chunk_places;       /* where each is in `places` */
    size_t chunk_count, chunk_capacity, chunk_place_capacity;
    struct rec_snapshot *snapshots;
    size_t *snapshot_places;    /* the place of its SNAPSHOT chunk; its tables follow */
    size_t snapshot_count, snapshot_capacity, snapshot_place_capacity;

    pthread_mutex_t decoders_lock;
    struct rec_event_decoder *decoders; /* not in use now: their tables are large */

    struct rec_process_table process;
    struct rec_source_table source;
    struct rec_module_table modules;
    struct rec_thread_table threads;
    struct rec_timeline_table timeline;
    struct rec_summary_table summary;

    pthread_mutex_t loading; /* held by who loads one of the tables below */
    atomic_uint loaded;      /* enum rec_loaded: what is there, and no longer changes */
    struct rec_node_table nodes;
    struct rec_node_totals_table node_totals;
    struct rec_live_table leaked;
    struct rec_string_table strings;
    struct rec_symbol_table symbols;
    int has_symbols;
    struct rec_marks_table marks;
    struct rec_frame *pool_frames; /* by place in marks.pools; NULL: no pools */
    char **pool_names;
    struct rec_frame unknown_frame;
};

/* Notes the first damage; later ones say nothing new. */
__attribute__((format(printf, 2, 3))) void rec_file_damage(struct rec_file *r, const char *format,
                                                           ...);

/* Reads the chunk at `place` into *data (malloc) and checks both checksums and the column table.
 * `known` is the number of column ids that the caller knows. Safe to call from several threads. */
int rec_place_load(const struct rec_file *r, const struct rec_chunk_place *place, uint8_t known,
                   uint8_t **data, struct rec_payload *payload, struct failure *f);

/* Fill places and chunks from the index, or by going from chunk to chunk. -1: there is no (whole)
 * index; `f` says why. */
int rec_index_load(struct rec_file *r, struct failure *f);
int rec_index_scan(struct rec_file *r, struct failure *f);

/* By its index if it has a whole one; or in any case from chunk to chunk, up to the first that is
 * damaged: what lies after it does not count. */
enum rec_open_way { REC_OPEN_BY_INDEX, REC_OPEN_BY_SCAN };
int rec_open_by(struct rec_file **out, const char *path, enum rec_open_way way, struct failure *f);

/* Rebuilds totals, node totals, timeline, histograms and the blocks left from the events. */
int rec_replay(struct rec_file *r, struct failure *f);

#endif
