/* SPDX-License-Identifier: MIT
 * The events of a recording, in their one order, as the recorder hands them to the writer and as
 * the reader gives them back.
 *
 * Nouns:
 *   block     a piece of memory between the call that brought it into being and the one that ended it
 *   block number   blocks are numbered 0, 1, 2, … in the order of their births (REC_ALLOC and
 *             REC_REALLOC each bear one); numbers are never reused, so one names a block for ever
 *   node      a call stack: index into the node table of the recording (rec_node); 0 is the root,
 *             which has no frames and stands for "stack unknown"
 *   tick      milliseconds since the recording began
 *
 * The current thread and the current tick are state of the stream: REC_THREAD and REC_TICK change
 * them for all the events that follow. Both are 0 at the start of the recording. */
#ifndef HEAPWISE_RECORDING_EVENT_H
#define HEAPWISE_RECORDING_EVENT_H

#include <stdint.h>

enum rec_kind {
    REC_ALLOC = 0,        /* size, node; bears the next block number */
    REC_FREE = 1,         /* block: the number of the block that ended */
    REC_REALLOC = 2,      /* block: the block that ended (REC_NO_BLOCK: it was not known); size and
                             node of the new block, which bears the next block number */
    REC_FAILED = 3,       /* an allocation that returned NULL: size asked for, node */
    REC_UNKNOWN_FREE = 4, /* free of an address that this recording saw no birth of (inherited
                             through fork, or older than the agent): size holds the address */
    REC_THREAD = 5,       /* size: index of the thread (rec_thread) that the next events are of */
    REC_TICK = 6,         /* size: the new tick; never smaller than the one before */
    REC_KINDS
};

#define REC_NO_BLOCK UINT64_MAX

/* Fields that a kind does not name are 0. The reader fills `block` of REC_ALLOC with the block's own
 * number; a writer need not. */
struct rec_event {
    uint64_t size;  /* bytes, as the program asked for them; or the value of REC_THREAD, REC_TICK */
    uint64_t block; /* REC_FREE, REC_REALLOC: the ended block. REC_ALLOC: its own number */
    uint32_t node;
    uint8_t kind;   /* enum rec_kind */
    uint8_t reserved[3];
};
_Static_assert(sizeof(struct rec_event) == 24, "one event is 24 bytes in memory");

#endif
