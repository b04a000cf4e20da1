/* SPDX-License-Identifier: MIT
 * What a program told of itself (the MARKS chunks): marks, names of pools, allocations where it
 * allows none, and its own list of leaks to suppress. A table that grows from chunk to chunk. */
#ifndef HEAPWISE_RECORDING_TABLE_MARKS_H
#define HEAPWISE_RECORDING_TABLE_MARKS_H

#include "base/failure.h"
#include "recording/column.h"
#include "recording/tables.h"

struct rec_marks_table { /* all strings are owned */
    struct rec_mark *marks;
    size_t mark_count, mark_capacity;
    struct rec_pool *pools;
    size_t pool_count, pool_capacity;
    struct rec_forbidden *forbidden;
    size_t forbidden_count, forbidden_capacity;
    char *suppressions, *suppressions_from; /* NULL: none */
};

/* Each copies what it is given. 0, or -1 when memory is out. */
int rec_marks_add_mark(struct rec_marks_table *t, const struct rec_mark *m);
int rec_marks_add_pool(struct rec_marks_table *t, uint32_t number, const char *name);
/* Adds to the entry of the same call stack and label, if there is one. */
int rec_marks_add_forbidden(struct rec_marks_table *t, const struct rec_forbidden *f);
int rec_marks_set_suppressions(struct rec_marks_table *t, const char *text, const char *from);

int rec_marks_is_empty(const struct rec_marks_table *t);
void rec_marks_write(struct rec_payload_writer *p, const struct rec_marks_table *t);
int rec_marks_read(struct rec_marks_table *t, const struct rec_payload *p, struct failure *f);
void rec_marks_release(struct rec_marks_table *t);

#endif
