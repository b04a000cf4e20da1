/* SPDX-License-Identifier: MIT
 * What the allocations of each call-tree node come to, kept up to date at every event.
 *
 * The peak's shares in O(1) an event: each node remembers at which peak (peaks are numbered) its
 * share was last brought up to date. A node that has not been touched since a later peak held, at
 * that peak, exactly what it holds now; so the first touch after a peak copies `live` to `peak`
 * before it changes `live`. Invariant, for every node: its share of the latest peak is  `peak` if
 * peak_number equals the latest number, else `live`.
 *
 * A node is 32 bytes, half a cache line, in 32-bit figures; one that outgrows them moves to a wide
 * record (`births` then says NODE_WIDE and `live_bytes` is the index). */
#ifndef HEAPWISE_RECORDER_NODE_STATS_H
#define HEAPWISE_RECORDER_NODE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording/tables.h"

struct node_stat {
    uint32_t live_bytes, live_blocks;
    uint32_t peak_bytes, peak_blocks;
    uint32_t peak_number;
    uint32_t births;
    uint32_t born_bytes;
    uint32_t file_node; /* the node's index in the recording; 0: not yet given to it */
};
_Static_assert(sizeof(struct node_stat) == 32, "half a cache line");

/* Beside it, since few nodes have any: births that were temporary. */
struct node_temporary {
    uint32_t count, bytes;
};

struct node_wide {
    uint64_t live_bytes, live_blocks, peak_bytes, peak_blocks, births, born_bytes;
    uint64_t temporary, temporary_bytes;
};
#define NODE_WIDE UINT32_MAX

struct node_failed {
    uint32_t node;
    uint32_t reserved;
    uint64_t count;
};

struct node_stats {
    struct node_stat *nodes;          /* `limit` of them, sparse */
    struct node_temporary *temporary; /* the same, touched where there are any */
    uint32_t limit;
    uint32_t peak_number; /* of the latest peak */
    uint32_t touched;     /* nodes below this index may have been touched */
    uint32_t file_top;    /* the highest file_node */
    struct node_wide *wide;
    size_t wide_count, wide_capacity;
    struct node_failed *failed; /* few: searched in order, last hit first */
    size_t failed_count, failed_capacity;
    bool out_of_memory;       /* figures are not right any more */
    struct node_wide nowhere; /* where they go then */
};

/* For ids below `limit`. Returns 0, or -1 when memory is out. */
int node_stats_init(struct node_stats *s, uint32_t limit);
void node_stats_release(struct node_stats *s);

/* Out of line: the node is wide, or becomes so. */
void node_stats_birth_wide(struct node_stats *s, struct node_stat *n, uint64_t size);
void node_stats_death_wide(struct node_stats *s, struct node_stat *n, uint64_t size);
void node_stats_temporary_wide(struct node_stats *s, struct node_stat *n, uint64_t size);

/* Tells the node's index in the recording, before its first event. */
static inline void node_stats_name(struct node_stats *s, uint32_t node, uint32_t file_node) {
    s->nodes[node].file_node = file_node;
    if (file_node > s->file_top) s->file_top = file_node;
    if (node >= s->touched) s->touched = node + 1;
}

static inline void node_stat_touch(struct node_stats *s, struct node_stat *n) {
    if (n->peak_number == s->peak_number) return;
    n->peak_bytes = n->live_bytes;
    n->peak_blocks = n->live_blocks;
    n->peak_number = s->peak_number;
}

static inline void node_stats_birth(struct node_stats *s, uint32_t node, uint64_t size) {
    struct node_stat *n = &s->nodes[node];
    if (__builtin_expect((n->live_bytes | n->born_bytes | size) >> 31 != 0 || n->births >> 31, 0)) {
        node_stats_birth_wide(s, n, size);
        return;
    }
    node_stat_touch(s, n);
    n->live_bytes += (uint32_t)size;
    n->live_blocks++;
    n->births++;
    n->born_bytes += (uint32_t)size;
}

static inline void node_stats_death(struct node_stats *s, uint32_t node, uint64_t size) {
    struct node_stat *n = &s->nodes[node];
    if (__builtin_expect(n->births == NODE_WIDE, 0)) {
        node_stats_death_wide(s, n, size);
        return;
    }
    node_stat_touch(s, n);
    n->live_bytes -= (uint32_t)size;
    n->live_blocks--;
}

/* The state just now is the highest so far. */
static inline void node_stats_peak(struct node_stats *s) {
    s->peak_number++;
}

static inline void node_stats_temporary(struct node_stats *s, uint32_t node, uint64_t size) {
    struct node_temporary *t = &s->temporary[node];
    if (__builtin_expect(s->nodes[node].births == NODE_WIDE || (t->bytes | size) >> 31 != 0, 0)) {
        node_stats_temporary_wide(s, &s->nodes[node], size);
        return;
    }
    t->count++;
    t->bytes += (uint32_t)size;
}

void node_stats_failed(struct node_stats *s, uint32_t node);

/* All nodes that have anything, as of now, in the order of their file_node; made with malloc.
 * COLLECT_AND_RELEASE gives the memory of the figures back on the way; afterwards only
 * node_stats_release may be called. Returns 0, or -1 when memory is out. */
enum collect_how { COLLECT_AND_KEEP, COLLECT_AND_RELEASE };
int node_stats_collect(struct node_stats *s, enum collect_how how, struct rec_node_totals **out,
                       size_t *count);

#endif
