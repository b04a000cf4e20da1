/* SPDX-License-Identifier: MIT
 * Goes through the events that a question asks about, in their order, and knows at the end of each
 * block what it was. Memory grows with the blocks alive at once, not with the events.
 *
 * Only blocks that were born in the range are seen, and only those that pass the question's threads,
 * sizes and call stacks. A realloc is the end of one block and the birth of another. */
#ifndef HEAPWISE_EXPORT_EVENT_WALK_H
#define HEAPWISE_EXPORT_EVENT_WALK_H

#include "export/export.h"

struct ex_event {
    uint64_t block, size, tick;
    uint32_t node, thread;
    uint32_t tag; /* of the block: what `birth` gave it */
};

struct ex_event_walk {
    void *context;
    uint32_t needs; /* what must be known of the recording (enum rec_known) */
    /* Each returns 0, or -1 after filling in the failure, which ends the walk. */
    int (*birth)(void *context, const struct ex_event *x, uint32_t *tag, struct failure *f);
    int (*end)(void *context, const struct ex_event *x, struct failure *f);
};

/* Refuses recordings that do not know what is needed, and questions about lifetimes, which events tell too late. */
int ex_event_walk(struct ex_export *e, const struct ex_event_walk *wanted, struct failure *f);

#endif
