/* SPDX-License-Identifier: MIT
 * The state of the reader of heaptrack's files, and the lines that tell what happened. Private to
 * heaptrack.c, where the format is described. */
#ifndef HEAPWISE_IMPORT_HEAPTRACK_READER_H
#define HEAPWISE_IMPORT_HEAPTRACK_READER_H

#include "import/block_map.h"
#include "import/heaptrack_live.h"
#include "import/input.h"
#include "import/ranges.h"
#include "import/target.h"
#include "import/words.h"

struct im_heaptrack_reader {
    struct im_input *in;
    const char *path;
    struct im_target *target; /* NULL until the first line that is not a fact of the process */
    uint64_t version, format;
    int is_raw, has_pointers;
    uint64_t page_size;
    char *executable;
    struct im_words command;
    char *suppressions; /* lines, the last one ended by a NUL; NULL: none */
    size_t suppression_bytes, suppression_capacity;
    char **strings;
    size_t string_count, string_capacity;
    uint32_t *locations; /* by number of the i line - 1 */
    size_t location_count, location_capacity;
    uint64_t traces;
    struct im_ranges modules; /* raw */
    struct im_block_map pointers;
    struct im_heaptrack_live live; /* interpreted */
};

int im_heaptrack_out_of_memory(const struct im_heaptrack_reader *r, struct failure *f);

/* A line that begins with a, +, -, c or R, behind its letter. */
int im_heaptrack_event(struct im_heaptrack_reader *r, char letter, const char *at,
                       struct failure *f);

#endif
