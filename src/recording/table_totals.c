/* SPDX-License-Identifier: MIT
 * Columns of what nodes came to, and of live blocks: at a snapshot or at the end. See
 * table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

enum {
    TOTALS_OWNER = 1, TOTALS_NODE, TOTALS_ALLOCATIONS, TOTALS_ALLOCATED_BYTES, TOTALS_TEMPORARY,
    TOTALS_TEMPORARY_BYTES, TOTALS_FAILED, TOTALS_LIVE_BLOCKS, TOTALS_LIVE_BYTES,
    TOTALS_PEAK_BLOCKS, TOTALS_PEAK_BYTES, TOTALS_COLUMNS
};

static inline uint64_t *totals_field(struct rec_node_totals *t, int column) {
    switch (column) {
    case TOTALS_ALLOCATIONS: return &t->allocations;
    case TOTALS_ALLOCATED_BYTES: return &t->allocated_bytes;
    case TOTALS_TEMPORARY: return &t->temporary;
    case TOTALS_TEMPORARY_BYTES: return &t->temporary_bytes;
    case TOTALS_FAILED: return &t->failed;
    case TOTALS_LIVE_BLOCKS: return &t->live_blocks;
    case TOTALS_LIVE_BYTES: return &t->live_bytes;
    case TOTALS_PEAK_BLOCKS: return &t->peak_blocks;
    default: return &t->peak_bytes;
    }
}

/* The share of all allocated bytes that `blocks` of a node's blocks would have if they were all of
 * one size. Divides first, so that it cannot overflow into nonsense; both sides compute the same. */
static inline uint64_t share(const struct rec_node_totals *t, uint64_t blocks) {
    if (blocks == 0 || t->allocations == 0) return 0;
    return t->allocated_bytes / t->allocations * blocks;
}

/* What a field would be in the simplest case, from the fields that come before it. */
static inline uint64_t totals_expected(const struct rec_node_totals *t, int column) {
    switch (column) {
    case TOTALS_TEMPORARY_BYTES: return share(t, t->temporary);
    case TOTALS_LIVE_BYTES: return share(t, t->live_blocks);
    case TOTALS_PEAK_BLOCKS: return t->live_blocks;
    case TOTALS_PEAK_BYTES:
        return t->peak_blocks == t->live_blocks ? t->live_bytes : share(t, t->peak_blocks);
    default: return 0;
    }
}

static void put_owner(struct rec_payload_writer *p, uint8_t id, uint32_t owner, size_t count) {
    struct rec_bytes b = {0};
    rec_bytes_put_varint(&b, owner);
    rec_bytes_put_varint(&b, count);
    rec_payload_add_bytes(p, id, &b, 1);
}

static int take_owner(const struct rec_payload *p, uint8_t id, uint32_t *owner, size_t *count,
                      struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, id, 2 * REC_VARINT_MAX, &raw, &c, f) < 0) return -1;
    uint64_t who = rec_cursor_varint(&c), n = rec_cursor_varint(&c);
    free(raw);
    if (c.failed || who > UINT32_MAX || n > REC_CHUNK_ENTRIES_MAX)
        return failure_set(f, "its owner or count is damaged");
    *owner = (uint32_t)who;
    *count = (size_t)n;
    return 0;
}

/* Entries are written a few at a time, one column after the other while they are near. */
enum { AT_ONCE = 128 };

/* Of at most AT_ONCE entries. `column` is a constant wherever this is called, so that each gets a loop of
 * its own without a branch for the column: the end of a recording waits for this. */
static inline __attribute__((always_inline)) void
put_totals(struct rec_bytes *b, const struct rec_node_totals *entries, size_t count, int column) {
    if (rec_bytes_reserve(b, AT_ONCE * REC_VARINT_MAX) < 0) return;
    uint8_t *out = b->data + b->length;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = *totals_field((struct rec_node_totals *)&entries[i], column);
        uint64_t difference = value - totals_expected(&entries[i], column);
        out = rec_varint_write(out, rec_zigzag((int64_t)difference));
    }
    b->length = (size_t)(out - b->data);
}

void rec_node_totals_write(struct rec_payload_writer *p, uint32_t owner,
                           const struct rec_node_totals *entries, size_t count) {
    struct rec_bytes b[TOTALS_COLUMNS] = {0};
    put_owner(p, TOTALS_OWNER, owner, count);
    uint32_t last = 0;
    for (size_t i = 0; i < count; i += AT_ONCE) {
        const struct rec_node_totals *t = entries + i;
        size_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        for (size_t j = 0; j < some; j++) {
            rec_bytes_put_varint(&b[TOTALS_NODE], t[j].node - last);
            last = t[j].node;
        }
        put_totals(&b[TOTALS_ALLOCATIONS], t, some, TOTALS_ALLOCATIONS);
        put_totals(&b[TOTALS_ALLOCATED_BYTES], t, some, TOTALS_ALLOCATED_BYTES);
        put_totals(&b[TOTALS_TEMPORARY], t, some, TOTALS_TEMPORARY);
        put_totals(&b[TOTALS_TEMPORARY_BYTES], t, some, TOTALS_TEMPORARY_BYTES);
        put_totals(&b[TOTALS_FAILED], t, some, TOTALS_FAILED);
        put_totals(&b[TOTALS_LIVE_BLOCKS], t, some, TOTALS_LIVE_BLOCKS);
        put_totals(&b[TOTALS_LIVE_BYTES], t, some, TOTALS_LIVE_BYTES);
        put_totals(&b[TOTALS_PEAK_BLOCKS], t, some, TOTALS_PEAK_BLOCKS);
        put_totals(&b[TOTALS_PEAK_BYTES], t, some, TOTALS_PEAK_BYTES);
    }
    for (int column = TOTALS_NODE; column < TOTALS_COLUMNS; column++)
        rec_payload_add_bytes(p, (uint8_t)column, &b[column], 1);
}

int rec_node_totals_read(struct rec_node_totals_table *t, uint32_t *owner,
                         const struct rec_payload *p, struct failure *f) {
    size_t count;
    if (take_owner(p, TOTALS_OWNER, owner, &count, f) < 0 ||
        rec_table_reserve((void **)&t->entries, &t->capacity, t->count, count, sizeof *t->entries,
                          f) < 0)
        return -1;
    struct rec_node_totals *entries = t->entries + t->count;
    memset(entries, 0, count * sizeof *entries);
    uint64_t node = 0;
    for (int column = TOTALS_NODE; column < TOTALS_COLUMNS; column++) {
        uint8_t *raw;
        struct rec_cursor c;
        if (rec_payload_column(p, (uint8_t)column, count * REC_VARINT_MAX, &raw, &c, f) < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            uint64_t value = rec_cursor_varint(&c);
            if (column == TOTALS_NODE) {
                node += value;
                if (node > UINT32_MAX) c.failed = 1;
                entries[i].node = (uint32_t)node;
            } else {
                *totals_field(&entries[i], column) =
                    totals_expected(&entries[i], column) + (uint64_t)rec_unzigzag(value);
            }
        }
        free(raw);
        if (c.failed) return failure_set(f, "the totals of nodes are damaged");
    }
    t->count += count;
    return 0;
}

enum { LIVE_OWNER = 1, LIVE_BLOCK, LIVE_NODE, LIVE_SIZE, LIVE_ADDRESS, LIVE_COLUMNS };

static inline uint64_t live_field(const struct rec_live_block *b, int column) {
    switch (column) {
    case LIVE_BLOCK: return b->block;
    case LIVE_NODE: return b->node;
    case LIVE_SIZE: return b->size;
    default: return b->address;
    }
}

/* As put_totals. `last` is the value of the entry before. */
static inline __attribute__((always_inline)) void
put_live(struct rec_bytes *b, const struct rec_live_block *entries, size_t count, int column,
         uint64_t last) {
    if (rec_bytes_reserve(b, AT_ONCE * REC_VARINT_MAX) < 0) return;
    uint8_t *out = b->data + b->length;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = live_field(&entries[i], column);
        out = rec_varint_write(out, column == LIVE_SIZE ? value : rec_zigzag((int64_t)(value - last)));
        last = value;
    }
    b->length = (size_t)(out - b->data);
}

void rec_live_blocks_write(struct rec_payload_writer *p, uint32_t owner,
                           const struct rec_live_block *entries, size_t count) {
    struct rec_bytes b[LIVE_COLUMNS] = {0};
    struct rec_live_block last = {0};
    put_owner(p, LIVE_OWNER, owner, count);
    for (size_t i = 0; i < count; i += AT_ONCE) {
        const struct rec_live_block *t = entries + i;
        size_t some = count - i < AT_ONCE ? count - i : AT_ONCE;
        put_live(&b[LIVE_BLOCK], t, some, LIVE_BLOCK, last.block);
        put_live(&b[LIVE_NODE], t, some, LIVE_NODE, last.node);
        put_live(&b[LIVE_SIZE], t, some, LIVE_SIZE, 0);
        put_live(&b[LIVE_ADDRESS], t, some, LIVE_ADDRESS, last.address);
        last = t[some - 1];
    }
    for (int column = LIVE_BLOCK; column < LIVE_COLUMNS; column++)
        rec_payload_add_bytes(p, (uint8_t)column, &b[column], 1);
}

int rec_live_blocks_read(struct rec_live_table *t, uint32_t *owner, const struct rec_payload *p,
                         struct failure *f) {
    size_t count;
    if (take_owner(p, LIVE_OWNER, owner, &count, f) < 0 ||
        rec_table_reserve((void **)&t->entries, &t->capacity, t->count, count, sizeof *t->entries,
                          f) < 0)
        return -1;
    struct rec_live_block *entries = t->entries + t->count;
    memset(entries, 0, count * sizeof *entries);
    for (int column = LIVE_BLOCK; column < LIVE_COLUMNS; column++) {
        uint8_t *raw;
        struct rec_cursor c;
        if (rec_payload_column(p, (uint8_t)column, count * REC_VARINT_MAX, &raw, &c, f) < 0)
            return -1;
        uint64_t last = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t value = rec_cursor_varint(&c);
            if (column != LIVE_SIZE) value = last += (uint64_t)rec_unzigzag(value);
            switch (column) {
            case LIVE_BLOCK: entries[i].block = value; break;
            case LIVE_NODE:
                if (value > UINT32_MAX) c.failed = 1;
                entries[i].node = (uint32_t)value;
                break;
            case LIVE_SIZE: entries[i].size = value; break;
            default: entries[i].address = value; break;
            }
        }
        free(raw);
        if (c.failed) return failure_set(f, "the live blocks are damaged");
    }
    t->count += count;
    return 0;
}
