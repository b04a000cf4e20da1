/* SPDX-License-Identifier: MIT
 * What the writer and the reader of NODES chunks both expect of the next call stack.
 *
 * New nodes come in runs: the frames of a new stack below the node where it leaves the known ones,
 * outermost first. So a node's parent is mostly the node before it, and whether a run ends is told by
 * the code address it has reached (one that calls malloc has no callees of its own). A node's address
 * is mostly the one that followed the same three callers the last time.
 *
 *   path   a hash of the addresses of a node's parent, its parent and that one's parent; leads to the
 *          address that came below them last
 *
 * Unlike that of events, this state lives on from chunk to chunk: they are read in order. */
#ifndef HEAPWISE_RECORDING_NODE_MODEL_H
#define HEAPWISE_RECORDING_NODE_MODEL_H

#include "recording/range_coder.h"
#include "recording/tables.h"

#define REC_PATH_CONFIDENCE_MAX 15
#define REC_RUN_END_MAX 3
/* The bits of the table of paths; it doubles while it has fewer entries than there are nodes. */
#define REC_PATH_BITS_MIN 6
#define REC_PATH_BITS_MAX 16
/* How far up the parent of a run's first node is looked for. */
#define REC_UP_MAX 255

struct rec_path_entry {
    uint32_t address;
    uint32_t confidence;
};

struct rec_address_state {
    uint32_t below;   /* address of the last node made below one of this address */
    uint32_t run_end; /* 0 … REC_RUN_END_MAX: how surely a run ends here */
};

struct rec_node_model {
    struct rec_path_entry *paths;
    unsigned path_bits; /* 0: no table yet */
    struct rec_address_state *addresses; /* by address */
    size_t address_capacity;
    uint16_t continues[REC_RUN_END_MAX + 1];
    uint16_t is_ancestor;
    uint16_t is_new[2];
    uint16_t path_hit[2][REC_PATH_CONFIDENCE_MAX + 1];
    uint16_t below_hit[2];
};

void rec_node_model_init(struct rec_node_model *m);
void rec_node_model_release(struct rec_node_model *m);
/* Makes room for a table of `node_count` nodes and `address_count` addresses, of which `known` nodes
 * are there already. 0; -1 when memory ran out. */
int rec_node_model_grow(struct rec_node_model *m, const struct rec_node *nodes, size_t known,
                        size_t node_count, size_t address_count);
/* Learns node `i`, once its parent and address are known. */
void rec_node_model_learn(struct rec_node_model *m, const struct rec_node *nodes, size_t i);

static inline struct rec_path_entry *rec_node_model_path(struct rec_node_model *m,
                                                         const struct rec_node *nodes,
                                                         uint32_t parent) {
    uint32_t above = nodes[parent].parent;
    uint64_t key = nodes[parent].address;
    key = key * 0x9e3779b97f4a7c15u + nodes[above].address;
    key = key * 0x9e3779b97f4a7c15u + nodes[nodes[above].parent].address;
    return &m->paths[key * 0x9e3779b97f4a7c15u >> (64 - m->path_bits)];
}

#endif
