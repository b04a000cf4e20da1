/* SPDX-License-Identifier: MIT
 * Columns of the call tree and its code addresses. See table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

enum {
    NODES_COUNTS = 1,
    NODES_DECISIONS, /* range-coded */
    NODES_UP,        /* varints: what the decisions left open */
    NODES_PARENT,
    NODES_ADDRESS,
    NODES_NEW_MODULE,
    NODES_NEW_ADDRESS,
    NODES_COLUMNS
};

/* Bits of the module column, below the module's index. */
#define ADDRESS_EXACT 1
#define ADDRESS_GUESSED 2

int rec_nodes_init(struct rec_node_table *t) {
    memset(t, 0, sizeof *t);
    rec_node_model_init(&t->model);
    if (rec_table_reserve((void **)&t->nodes, &t->node_capacity, 0, 1, sizeof *t->nodes, NULL) < 0 ||
        rec_table_reserve((void **)&t->addresses, &t->address_capacity, 0, 1, sizeof *t->addresses,
                          NULL) < 0)
        return -1;
    t->nodes[0] = (struct rec_node){0, 0};
    t->addresses[0] = (struct rec_address){0};
    t->node_count = t->address_count = 1;
    return 0;
}

/* How many levels above node i - 1 the parent of node i is; 0 if not at most REC_UP_MAX. */
static unsigned levels_up(const struct rec_node *nodes, size_t i) {
    uint32_t at = (uint32_t)i - 1;
    for (unsigned up = 1; up <= REC_UP_MAX; up++) {
        at = nodes[at].parent;
        if (at == nodes[i].parent) return up;
        if (at < nodes[i].parent) return 0;
    }
    return 0;
}

struct node_writer {
    struct rec_range_encoder decisions;
    struct rec_bytes columns[NODES_COLUMNS];
    uint32_t seen; /* addresses that have appeared */
};

static void put_node(struct node_writer *x, struct rec_node_table *t, size_t i) {
    struct rec_node_model *m = &t->model;
    const struct rec_node *nodes = t->nodes;
    uint32_t parent = nodes[i].parent, address = nodes[i].address;
    int continues = parent == i - 1;
    rec_range_put(&x->decisions, &m->continues[m->addresses[nodes[i - 1].address].run_end],
                  continues);
    if (!continues) {
        unsigned up = levels_up(nodes, i);
        rec_range_put(&x->decisions, &m->is_ancestor, up != 0);
        if (up != 0)
            rec_bytes_put_varint(&x->columns[NODES_UP], up);
        else
            rec_bytes_put_varint(&x->columns[NODES_PARENT], i - 1 - parent);
    }
    int is_new = address == x->seen;
    rec_range_put(&x->decisions, &m->is_new[continues], is_new);
    if (is_new) {
        x->seen++;
    } else {
        const struct rec_path_entry *path = rec_node_model_path(m, nodes, parent);
        uint32_t below = m->addresses[nodes[parent].address].below;
        int hit = path->address == address;
        rec_range_put(&x->decisions, &m->path_hit[continues][path->confidence], hit);
        if (!hit && below != path->address) {
            hit = below == address;
            rec_range_put(&x->decisions, &m->below_hit[continues], hit);
        }
        if (!hit) rec_bytes_put_varint(&x->columns[NODES_ADDRESS], address);
    }
    rec_node_model_learn(m, nodes, i);
}

void rec_nodes_write(struct rec_payload_writer *p, struct rec_node_table *t, size_t first_node,
                     size_t first_address) {
    struct node_writer x = {.seen = (uint32_t)first_address};
    if (rec_node_model_grow(&t->model, t->nodes, first_node, t->node_count, t->address_count) < 0) {
        p->failed = 1;
        return;
    }
    rec_bytes_put_varint(&x.columns[NODES_COUNTS], t->node_count - first_node);
    rec_bytes_put_varint(&x.columns[NODES_COUNTS], t->address_count - first_address);
    rec_range_begin(&x.decisions, &x.columns[NODES_DECISIONS]);
    for (size_t i = first_node; i < t->node_count; i++) put_node(&x, t, i);
    rec_range_end(&x.decisions);
    uint64_t last = 0;
    for (size_t i = first_address; i < t->address_count; i++) {
        const struct rec_address *a = &t->addresses[i];
        rec_bytes_put_varint(&x.columns[NODES_NEW_MODULE],
                             (uint64_t)a->module << 2 | (a->guessed ? ADDRESS_GUESSED : 0) |
                                 (a->exact ? ADDRESS_EXACT : 0));
        rec_bytes_put_varint(&x.columns[NODES_NEW_ADDRESS],
                             rec_zigzag((int64_t)(a->address - last)));
        last = a->address;
    }
    for (uint8_t i = NODES_COUNTS; i < NODES_COLUMNS; i++)
        rec_payload_add_bytes(p, i, &x.columns[i], i == NODES_DECISIONS ? REC_LEVEL_STORED : 1);
}

static const char *read_addresses(struct rec_node_table *t, size_t count, size_t module_count,
                                  struct rec_cursor *modules, struct rec_cursor *values) {
    uint64_t last = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t module = rec_cursor_varint(modules);
        last += (uint64_t)rec_unzigzag(rec_cursor_varint(values));
        struct rec_address a = {.address = last, .module = (uint32_t)(module >> 2)};
        a.exact = module & ADDRESS_EXACT ? 1 : 0;
        a.guessed = module & ADDRESS_GUESSED ? 1 : 0;
        if (module >> 2 > UINT32_MAX || (module_count != 0 && module >> 2 >= module_count))
            return "an address names a module that is not there";
        t->addresses[t->address_count + i] = a;
    }
    return modules->failed || values->failed ? "the addresses end too early" : NULL;
}

struct node_reader {
    struct rec_range_decoder decisions;
    struct rec_cursor columns[NODES_COLUMNS];
    size_t seen, end; /* addresses that have appeared; all that are there */
};

/* The parent of node i, whose run was said to have ended; REC_NONE for one that cannot be. */
static uint32_t get_parent(struct node_reader *x, struct rec_node_model *m,
                           const struct rec_node *nodes, size_t i) {
    if (rec_range_get(&x->decisions, &m->is_ancestor)) {
        uint64_t up = rec_cursor_varint(&x->columns[NODES_UP]);
        uint32_t at = (uint32_t)i - 1;
        if (up > REC_UP_MAX) return REC_NONE;
        while (up-- > 0) at = nodes[at].parent;
        return at;
    }
    uint64_t back = rec_cursor_varint(&x->columns[NODES_PARENT]);
    return back >= i ? REC_NONE : (uint32_t)(i - 1 - back);
}

static uint64_t get_address(struct node_reader *x, struct rec_node_model *m,
                            const struct rec_node *nodes, uint32_t parent, int continues) {
    if (rec_range_get(&x->decisions, &m->is_new[continues])) return x->seen++;
    const struct rec_path_entry *path = rec_node_model_path(m, nodes, parent);
    uint32_t below = m->addresses[nodes[parent].address].below;
    if (rec_range_get(&x->decisions, &m->path_hit[continues][path->confidence])) return path->address;
    if (below != path->address && rec_range_get(&x->decisions, &m->below_hit[continues])) return below;
    return rec_cursor_varint(&x->columns[NODES_ADDRESS]);
}

static const char *read_nodes(struct node_reader *x, struct rec_node_table *t, size_t count) {
    struct rec_node_model *m = &t->model;
    struct rec_node *nodes = t->nodes;
    for (size_t i = t->node_count; i < t->node_count + count; i++) {
        uint32_t parent = (uint32_t)i - 1;
        int continues = rec_range_get(&x->decisions,
                                      &m->continues[m->addresses[nodes[i - 1].address].run_end]);
        if (!continues) parent = get_parent(x, m, nodes, i);
        if (parent == REC_NONE) return "a node's parent does not come before it";
        uint64_t address = get_address(x, m, nodes, parent, continues);
        if (address >= x->end) return "a node names an address that is not there";
        nodes[i] = (struct rec_node){parent, (uint32_t)address};
        rec_node_model_learn(m, nodes, i);
    }
    for (int i = NODES_UP; i <= NODES_ADDRESS; i++)
        if (x->columns[i].failed) return "the nodes end too early";
    return x->decisions.in.failed ? "the nodes end too early" : NULL;
}

int rec_nodes_read(struct rec_node_table *t, const struct rec_payload *p, size_t module_count,
                   struct failure *f) {
    uint8_t *raw[NODES_COLUMNS] = {0};
    struct node_reader x = {0};
    const size_t limit = (size_t)REC_CHUNK_ENTRIES_MAX * REC_VARINT_MAX;
    int result = -1;
    for (uint8_t i = NODES_COUNTS; i < NODES_COLUMNS; i++)
        if (rec_payload_column(p, i, limit, &raw[i], &x.columns[i], f) < 0) goto out;
    struct rec_cursor *counts = &x.columns[NODES_COUNTS];
    uint64_t nodes = rec_cursor_varint(counts), addresses = rec_cursor_varint(counts);
    if (counts->failed || nodes > REC_CHUNK_ENTRIES_MAX || addresses > nodes ||
        t->node_count + nodes > UINT32_MAX) {
        failure_set(f, "its counts are impossible");
        goto out;
    }
    if (rec_table_reserve((void **)&t->nodes, &t->node_capacity, t->node_count, nodes,
                          sizeof *t->nodes, f) < 0 ||
        rec_table_reserve((void **)&t->addresses, &t->address_capacity, t->address_count, addresses,
                          sizeof *t->addresses, f) < 0)
        goto out;
    if (rec_node_model_grow(&t->model, t->nodes, t->node_count, t->node_count + nodes,
                            t->address_count + addresses) < 0) {
        failure_set(f, "out of memory");
        goto out;
    }
    x.seen = t->address_count;
    x.end = t->address_count + addresses;
    rec_range_open(&x.decisions, x.columns[NODES_DECISIONS]);
    const char *wrong = read_addresses(t, addresses, module_count, &x.columns[NODES_NEW_MODULE],
                                       &x.columns[NODES_NEW_ADDRESS]);
    if (wrong == NULL) wrong = read_nodes(&x, t, nodes);
    if (wrong != NULL) {
        failure_set(f, "%s", wrong);
        goto out;
    }
    t->node_count += nodes;
    t->address_count += addresses;
    result = 0;
out:
    for (int i = 0; i < NODES_COLUMNS; i++) free(raw[i]);
    return result;
}

void rec_nodes_release(struct rec_node_table *t) {
    free(t->nodes);
    free(t->addresses);
    rec_node_model_release(&t->model);
    memset(t, 0, sizeof *t);
}
