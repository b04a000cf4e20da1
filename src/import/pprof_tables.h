/* SPDX-License-Identifier: MIT
 * The tables of a pprof profile: all but its samples. Ids are the file's own; indexes are ours. */
#ifndef HEAPWISE_IMPORT_PPROF_TABLES_H
#define HEAPWISE_IMPORT_PPROF_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "import/block_map.h"
#include "import/input.h"

#define IM_PPROF_TYPES_MAX 32
#define IM_PPROF_LINES_MAX 256 /* inlined frames of one address */
enum { IM_PPROF_SAMPLE = 2 };  /* field of the outermost message */

struct im_pprof_function {
    uint64_t name, system_name, file; /* texts */
};
struct im_pprof_mapping {
    uint64_t start, offset, file;
};
struct im_pprof_line {
    uint64_t function; /* id */
    uint64_t line;
};
struct im_pprof_location {
    uint64_t mapping, address; /* mapping: id */
    uint32_t first_line, line_count;
};

struct im_pprof_tables {
    char *texts; /* one after the other, each with its NUL */
    size_t text_bytes, text_capacity;
    size_t *text_at;
    size_t text_count, text_at_capacity;
    struct im_pprof_function *functions;
    size_t function_count, function_capacity;
    struct im_pprof_mapping *mappings;
    size_t mapping_count, mapping_capacity;
    struct im_pprof_location *locations;
    size_t location_count, location_capacity;
    struct im_pprof_line *lines;
    size_t line_count, line_capacity;
    struct im_block_map function_index, mapping_index, location_index; /* id -> index */
    uint64_t types[IM_PPROF_TYPES_MAX];                                /* texts */
    size_t type_count;
    uint64_t period, time_ns, duration_ns;
};

int im_pprof_tables_read(struct im_pprof_tables *t, struct im_input *in, struct failure *f);
void im_pprof_tables_release(struct im_pprof_tables *t);

/* "" when there is none. */
const char *im_pprof_text(const struct im_pprof_tables *t, uint64_t text);
/* By id; NULL when there is none. */
const struct im_pprof_function *im_pprof_function(const struct im_pprof_tables *t, uint64_t id);
const struct im_pprof_mapping *im_pprof_mapping(const struct im_pprof_tables *t, uint64_t id);

#endif
