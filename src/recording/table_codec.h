/* SPDX-License-Identifier: MIT
 * Turns the tables of a recording (tables.h) into the columns of their chunks, and back.
 *
 * The writers add columns to a payload that the caller began. The readers append to a table that
 * grows from chunk to chunk, and check every index against what is there already; they give 0, or
 * -1 and a failure. All memory of a table is freed by its release. */
#ifndef HEAPWISE_RECORDING_TABLE_CODEC_H
#define HEAPWISE_RECORDING_TABLE_CODEC_H

#include "base/failure.h"
#include "recording/column.h"
#include "recording/node_model.h"
#include "recording/tables.h"
#include "recording/writer.h"

/* Process facts and who wrote them. Strings point into `storage`. */
struct rec_process_table {
    struct rec_process process;
    const char *version;
    uint8_t *storage[4];
    const char **lists[2];
};
void rec_process_write(struct rec_payload_writer *p, const struct rec_process *process);
int rec_process_read(struct rec_process_table *t, const struct rec_payload *p, struct failure *f);
void rec_process_release(struct rec_process_table *t);

/* The file that a recording was made from. Strings point into `storage`. */
struct rec_source_table {
    struct rec_source source;
    uint8_t *storage;
};
void rec_source_write(struct rec_payload_writer *p, const struct rec_source *source);
int rec_source_read(struct rec_source_table *t, const struct rec_payload *p, struct failure *f);
void rec_source_release(struct rec_source_table *t);

struct rec_module_table {
    struct rec_module *entries; /* paths are owned */
    size_t count, capacity;
};
void rec_modules_write(struct rec_payload_writer *p, const struct rec_module *modules, size_t count);
int rec_modules_read(struct rec_module_table *t, const struct rec_payload *p, struct failure *f);
int rec_module_add(struct rec_module_table *t, const struct rec_module *m);
void rec_modules_release(struct rec_module_table *t);

/* Threads may be written again when a name changes: each entry names its index. */
struct rec_thread_table {
    struct rec_thread *entries;
    size_t count, capacity;
};
void rec_threads_write(struct rec_payload_writer *p, const struct rec_thread *threads,
                       const uint32_t *indexes, size_t count);
int rec_threads_read(struct rec_thread_table *t, const struct rec_payload *p, struct failure *f);
/* Sets entry `index`, at most one past the end. */
int rec_thread_set(struct rec_thread_table *t, uint32_t index, const struct rec_thread *thread);
void rec_threads_release(struct rec_thread_table *t);

struct rec_summary_table {
    struct rec_totals totals;
    struct rec_histogram sizes, lifetimes;
};
void rec_summary_write(struct rec_payload_writer *p, const struct rec_summary *s);
int rec_summary_read(struct rec_summary_table *t, const struct rec_payload *p, struct failure *f);

struct rec_timeline_table {
    struct rec_time_point *entries;
    size_t count, capacity;
};
void rec_timeline_write(struct rec_payload_writer *p, const struct rec_time_point *points,
                        size_t count);
int rec_timeline_read(struct rec_timeline_table *t, const struct rec_payload *p, struct failure *f);

struct rec_node_table {
    struct rec_node *nodes;
    size_t node_count, node_capacity;
    struct rec_address *addresses;
    size_t address_count, address_capacity;
    struct rec_node_model model;
};
/* Makes the root node, which no chunk holds. */
int rec_nodes_init(struct rec_node_table *t);
/* Writes nodes first_node … and the addresses that appear first in them. Ends with
 * p->failed set when memory runs out. */
void rec_nodes_write(struct rec_payload_writer *p, struct rec_node_table *t, size_t first_node,
                     size_t first_address);
/* `module_count` 0: not checked. */
int rec_nodes_read(struct rec_node_table *t, const struct rec_payload *p, size_t module_count,
                   struct failure *f);
void rec_nodes_release(struct rec_node_table *t);

struct rec_node_totals_table {
    struct rec_node_totals *entries;
    size_t count, capacity;
};
struct rec_live_table {
    struct rec_live_block *entries;
    size_t count, capacity;
};
/* Entries sorted by node, respectively block; at most REC_CHUNK_ENTRIES_MAX. */
void rec_node_totals_write(struct rec_payload_writer *p, uint32_t owner,
                           const struct rec_node_totals *entries, size_t count);
int rec_node_totals_read(struct rec_node_totals_table *t, uint32_t *owner,
                         const struct rec_payload *p, struct failure *f);
void rec_live_blocks_write(struct rec_payload_writer *p, uint32_t owner,
                           const struct rec_live_block *entries, size_t count);
int rec_live_blocks_read(struct rec_live_table *t, uint32_t *owner, const struct rec_payload *p,
                         struct failure *f);

struct rec_snapshot_facts {
    uint64_t event, first_block;
    uint32_t tick, ordinal;
};
void rec_snapshot_write(struct rec_payload_writer *p, const struct rec_snapshot_facts *s);
int rec_snapshot_read(struct rec_snapshot_facts *s, const struct rec_payload *p, struct failure *f);

/* Strings by index; 0 is NULL. */
struct rec_string_table {
    const char **entries;
    size_t count, capacity;
    uint8_t **storage;
    size_t storage_count, storage_capacity;
};
int rec_strings_init(struct rec_string_table *t);
void rec_strings_write(struct rec_payload_writer *p, const struct rec_bytes *strings, size_t count);
int rec_strings_read(struct rec_string_table *t, const struct rec_payload *p, struct failure *f);
void rec_strings_release(struct rec_string_table *t);

/* The frames of address a are frames[first[a]] … frames[first[a + 1] - 1]. */
struct rec_symbol_table {
    uint32_t *first;
    struct rec_frame *frames;
    size_t address_count, first_capacity;
    size_t frame_count, frame_capacity;
};
/* One frame whose strings are already numbers. */
struct rec_frame_entry {
    uint32_t function, file, line, inlined;
};
int rec_symbols_init(struct rec_symbol_table *t);
void rec_symbols_write(struct rec_payload_writer *p, const uint32_t *frame_counts, size_t count,
                       const struct rec_frame_entry *frames, size_t frame_count);
int rec_symbols_read(struct rec_symbol_table *t, const struct rec_string_table *strings,
                     const struct rec_payload *p, struct failure *f);
void rec_symbols_release(struct rec_symbol_table *t);

/* Makes room for `more` entries of `size` bytes in a growing array, which exists afterwards even if
 * `more` is 0; 0 or -1. */
int rec_table_reserve(void **entries, size_t *capacity, size_t count, size_t more, size_t size,
                      struct failure *f);

#endif
