/* SPDX-License-Identifier: MIT
 * Learns call stacks. See node_model.h. */
#include "recording/node_model.h"

void rec_node_model_init(struct rec_node_model *m) {
    memset(m, 0, sizeof *m);
    uint16_t *p = m->continues;
    for (size_t i = 0; i < sizeof m->continues / sizeof *p; i++) p[i] = REC_PROBABILITY_EVEN;
    m->is_ancestor = REC_PROBABILITY_EVEN;
    for (int k = 0; k < 2; k++) {
        m->is_new[k] = m->below_hit[k] = REC_PROBABILITY_EVEN;
        for (int i = 0; i <= REC_PATH_CONFIDENCE_MAX; i++) m->path_hit[k][i] = REC_PROBABILITY_EVEN;
    }
}

void rec_node_model_release(struct rec_node_model *m) {
    free(m->paths);
    free(m->addresses);
    memset(m, 0, sizeof *m);
}

static void learn_path(struct rec_node_model *m, const struct rec_node *nodes, size_t i) {
    struct rec_path_entry *e = rec_node_model_path(m, nodes, nodes[i].parent);
    if (e->address != nodes[i].address)
        *e = (struct rec_path_entry){nodes[i].address, 0};
    else if (e->confidence < REC_PATH_CONFIDENCE_MAX)
        e->confidence++;
}

void rec_node_model_learn(struct rec_node_model *m, const struct rec_node *nodes, size_t i) {
    uint32_t parent = nodes[i].parent;
    struct rec_address_state *before = &m->addresses[nodes[i - 1].address];
    if (parent == i - 1)
        before->run_end -= before->run_end > 0;
    else
        before->run_end += before->run_end < REC_RUN_END_MAX;
    learn_path(m, nodes, i);
    m->addresses[nodes[parent].address].below = nodes[i].address;
}

int rec_node_model_grow(struct rec_node_model *m, const struct rec_node *nodes, size_t known,
                        size_t node_count, size_t address_count) {
    if (address_count > m->address_capacity) {
        size_t capacity = m->address_capacity * 2 > address_count ? m->address_capacity * 2
                                                                  : address_count;
        struct rec_address_state *grown = realloc(m->addresses, capacity * sizeof *grown);
        if (grown == NULL) return -1;
        memset(grown + m->address_capacity, 0, (capacity - m->address_capacity) * sizeof *grown);
        m->addresses = grown;
        m->address_capacity = capacity;
    }
    unsigned bits = REC_PATH_BITS_MIN;
    while (bits < REC_PATH_BITS_MAX && node_count >> bits > 0) bits++;
    if (bits <= m->path_bits) return 0;
    free(m->paths);
    m->path_bits = bits;
    m->paths = calloc((size_t)1 << bits, sizeof *m->paths);
    if (m->paths == NULL) return -1;
    for (size_t i = 1; i < known; i++) learn_path(m, nodes, i);
    return 0;
}
