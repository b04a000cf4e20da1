/* SPDX-License-Identifier: MIT
 * Columns of the call tree and its code addresses. See table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

enum {
    NODES_COUNTS = 1, NODES_PARENT, NODES_ADDRESS, NODES_NEW_MODULE, NODES_NEW_ADDRESS,
    NODES_COLUMNS
};

/* Bits of the module column, below the module's index. */
#define ADDRESS_EXACT 1
#define ADDRESS_GUESSED 2

int rec_nodes_init(struct rec_node_table *t) {
    memset(t, 0, sizeof *t);
    if (rec_table_reserve((void **)&t->nodes, &t->node_capacity, 0, 1, sizeof *t->nodes, NULL) < 0 ||
        rec_table_reserve((void **)&t->addresses, &t->address_capacity, 0, 1, sizeof *t->addresses,
                          NULL) < 0)
        return -1;
    t->nodes[0] = (struct rec_node){0, 0};
    t->addresses[0] = (struct rec_address){0};
    t->node_count = t->address_count = 1;
    return 0;
}

void rec_nodes_write(struct rec_payload_writer *p, const struct rec_node_table *t, size_t first_node,
                     size_t first_address) {
    struct rec_bytes counts = {0}, parents = {0}, addresses = {0}, modules = {0}, values = {0};
    rec_bytes_put_varint(&counts, t->node_count - first_node);
    rec_bytes_put_varint(&counts, t->address_count - first_address);
    size_t seen = first_address;
    for (size_t i = first_node; i < t->node_count; i++) {
        rec_bytes_put_varint(&parents, i - 1 - t->nodes[i].parent);
        uint32_t address = t->nodes[i].address;
        rec_bytes_put_varint(&addresses, address == seen ? 0 : address + 1);
        if (address == seen) seen++;
    }
    uint64_t last = 0;
    for (size_t i = first_address; i < t->address_count; i++) {
        const struct rec_address *a = &t->addresses[i];
        rec_bytes_put_varint(&modules, (uint64_t)a->module << 2 | (a->guessed ? ADDRESS_GUESSED : 0) |
                                           (a->exact ? ADDRESS_EXACT : 0));
        rec_bytes_put_varint(&values, rec_zigzag((int64_t)(a->address - last)));
        last = a->address;
    }
    rec_payload_add_bytes(p, NODES_COUNTS, &counts, 1);
    rec_payload_add_bytes(p, NODES_PARENT, &parents, 1);
    rec_payload_add_bytes(p, NODES_ADDRESS, &addresses, 1);
    rec_payload_add_bytes(p, NODES_NEW_MODULE, &modules, 1);
    rec_payload_add_bytes(p, NODES_NEW_ADDRESS, &values, 1);
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

static const char *read_nodes(struct rec_node_table *t, size_t count, size_t new_addresses,
                              struct rec_cursor *parents, struct rec_cursor *addresses) {
    size_t seen = t->address_count, end = t->address_count + new_addresses;
    for (size_t i = t->node_count; i < t->node_count + count; i++) {
        uint64_t back = rec_cursor_varint(parents), address = rec_cursor_varint(addresses);
        if (back >= i) return "a node's parent does not come before it";
        address = address == 0 ? seen++ : address - 1;
        if (address >= end) return "a node names an address that is not there";
        t->nodes[i] = (struct rec_node){(uint32_t)(i - 1 - back), (uint32_t)address};
    }
    return parents->failed || addresses->failed ? "the nodes end too early" : NULL;
}

int rec_nodes_read(struct rec_node_table *t, const struct rec_payload *p, size_t module_count,
                   struct failure *f) {
    uint8_t *raw[5] = {0};
    struct rec_cursor counts, parents, addresses, modules, values;
    const size_t limit = (size_t)REC_CHUNK_ENTRIES_MAX * REC_VARINT_MAX;
    int result = -1;
    if (rec_payload_column(p, NODES_COUNTS, 2 * REC_VARINT_MAX, &raw[0], &counts, f) < 0 ||
        rec_payload_column(p, NODES_PARENT, limit, &raw[1], &parents, f) < 0 ||
        rec_payload_column(p, NODES_ADDRESS, limit, &raw[2], &addresses, f) < 0 ||
        rec_payload_column(p, NODES_NEW_MODULE, limit, &raw[3], &modules, f) < 0 ||
        rec_payload_column(p, NODES_NEW_ADDRESS, limit, &raw[4], &values, f) < 0)
        goto out;
    uint64_t nodes = rec_cursor_varint(&counts), new_addresses = rec_cursor_varint(&counts);
    if (counts.failed || nodes > REC_CHUNK_ENTRIES_MAX || new_addresses > nodes ||
        t->node_count + nodes > UINT32_MAX) {
        failure_set(f, "its counts are impossible");
        goto out;
    }
    if (rec_table_reserve((void **)&t->nodes, &t->node_capacity, t->node_count, nodes,
                          sizeof *t->nodes, f) < 0 ||
        rec_table_reserve((void **)&t->addresses, &t->address_capacity, t->address_count,
                          new_addresses, sizeof *t->addresses, f) < 0)
        goto out;
    const char *wrong = read_addresses(t, new_addresses, module_count, &modules, &values);
    if (wrong == NULL) wrong = read_nodes(t, nodes, new_addresses, &parents, &addresses);
    if (wrong != NULL) {
        failure_set(f, "%s", wrong);
        goto out;
    }
    t->node_count += nodes;
    t->address_count += new_addresses;
    result = 0;
out:
    for (int i = 0; i < 5; i++) free(raw[i]);
    return result;
}

void rec_nodes_release(struct rec_node_table *t) {
    free(t->nodes);
    free(t->addresses);
    memset(t, 0, sizeof *t);
}
