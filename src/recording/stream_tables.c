/* SPDX-License-Identifier: MIT
 * Writes the large tables of a stream: snapshots, symbols, and the summary at the end. */
#include "recording/stream.h"

#include <stdlib.h>
#include <string.h>

static int by_node(const void *a, const void *b) {
    uint32_t x = ((const struct rec_node_totals *)a)->node;
    uint32_t y = ((const struct rec_node_totals *)b)->node;
    return (x > y) - (x < y);
}

/* Callers that count by number bring their list in order. */
static void sort_nodes(struct rec_node_totals *nodes, size_t count) {
    for (size_t i = 1; i < count; i++) {
        if (nodes[i - 1].node <= nodes[i].node) continue;
        qsort(nodes, count, sizeof *nodes, by_node);
        return;
    }
}

static int by_block(const void *a, const void *b) {
    uint64_t x = ((const struct rec_live_block *)a)->block;
    uint64_t y = ((const struct rec_live_block *)b)->block;
    return (x > y) - (x < y);
}

/* There may be millions of blocks, in the order of their addresses: by one digit of their numbers
 * after the other, from the lowest on (radix sort), which for clang's takes a third of qsort's time.
 */
static void sort_blocks(struct rec_live_block *blocks, size_t count) {
    enum { DIGIT = 11, DIGITS = 1 << DIGIT, FEW = 1000 };
    uint64_t highest = 0;
    for (size_t i = 0; i < count; i++)
        if (blocks[i].block > highest) highest = blocks[i].block;
    struct rec_live_block *other = count < FEW ? NULL : malloc(count * sizeof *other);
    if (other == NULL) {
        if (count > 0) qsort(blocks, count, sizeof *blocks, by_block);
        return;
    }
    struct rec_live_block *from = blocks, *to = other;
    for (unsigned shift = 0; shift < 64 && highest >> shift != 0; shift += DIGIT) {
        size_t place[DIGITS] = {0}, next = 0;
        for (size_t i = 0; i < count; i++)
            place[from[i].block >> shift & (DIGITS - 1)]++;
        for (size_t d = 0; d < DIGITS; d++) {
            size_t here = place[d];
            place[d] = next;
            next += here;
        }
        for (size_t i = 0; i < count; i++)
            to[place[from[i].block >> shift & (DIGITS - 1)]++] = from[i];
        struct rec_live_block *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != blocks) memcpy(blocks, from, count * sizeof *blocks);
    free(other);
}

static size_t part_of(size_t left) {
    return left < REC_CHUNK_ENTRIES_MAX ? left : REC_CHUNK_ENTRIES_MAX;
}

static void write_nodes(struct rec_stream *s, struct rec_payload_writer *p, uint32_t owner,
                        struct rec_node_totals *nodes, size_t count) {
    sort_nodes(nodes, count);
    for (size_t i = 0; i < count; i += REC_CHUNK_ENTRIES_MAX) {
        rec_payload_begin(p);
        rec_node_totals_write(p, owner, nodes + i, part_of(count - i));
        rec_chunk_file_add(&s->file, REC_CHUNK_NODE_TOTALS, rec_payload_end(p), NULL);
    }
}

static void write_blocks(struct rec_stream *s, struct rec_payload_writer *p, uint32_t owner,
                         struct rec_live_block *blocks, size_t count) {
    sort_blocks(blocks, count);
    for (size_t i = 0; i < count; i += REC_CHUNK_ENTRIES_MAX) {
        rec_payload_begin(p);
        rec_live_blocks_write(p, owner, blocks + i, part_of(count - i));
        rec_chunk_file_add(&s->file, REC_CHUNK_LIVE_BLOCKS, rec_payload_end(p), NULL);
    }
}

void rec_stream_add_snapshot(struct rec_stream *s, struct rec_press *press,
                             struct rec_node_totals *nodes, size_t node_count,
                             struct rec_live_block *blocks, size_t block_count) {
    struct rec_payload_writer *p = &press->payload;
    rec_stream_cut(s, press);
    if (s->file.failed) return;
    struct rec_snapshot_facts facts = {.ordinal = s->snapshots, .event = s->next.first_event,
                                       .first_block = s->next.first_block,
                                       .tick = s->next.first_tick};
    rec_payload_begin(p);
    rec_snapshot_write(p, &facts);
    rec_chunk_file_add(&s->file, REC_CHUNK_SNAPSHOT, rec_payload_end(p), NULL);
    write_nodes(s, p, s->snapshots, nodes, node_count);
    write_blocks(s, p, s->snapshots++, blocks, block_count);
}

/* Strings that have got a number. */
struct interned {
    struct rec_bytes part; /* strings not yet written */
    size_t part_count;
    const char **strings;  /* by number; 0 is NULL */
    size_t count, capacity;
    uint32_t *slots;
    size_t slot_count;
};

static uint64_t string_hash(const char *s) {
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *s != 0; s++) h = (h ^ (uint8_t)*s) * 0x100000001b3u;
    return h ^ (h >> 32);
}

static int grow_interned(struct interned *t) {
    size_t count = t->slot_count == 0 ? 1024 : t->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 1; i < t->count; i++) {
        size_t at = string_hash(t->strings[i]) & (count - 1);
        while (slots[at] != 0) at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)i;
    }
    free(t->slots);
    t->slots = slots;
    t->slot_count = count;
    return 0;
}

static void write_strings(struct rec_stream *s, struct rec_payload_writer *p, struct interned *t) {
    if (t->part_count == 0) return;
    rec_payload_begin(p);
    rec_strings_write(p, &t->part, t->part_count);
    rec_chunk_file_add(&s->file, REC_CHUNK_STRINGS, t->part.failed ? NULL : rec_payload_end(p), NULL);
    t->part.length = t->part_count = 0;
}

static uint32_t intern_string(struct rec_stream *s, struct rec_payload_writer *p,
                              struct interned *t, const char *string) {
    if (string == NULL) return 0;
    if (t->count * 2 >= t->slot_count && grow_interned(t) < 0) goto no_memory;
    size_t at = string_hash(string) & (t->slot_count - 1);
    for (; t->slots[at] != 0; at = (at + 1) & (t->slot_count - 1))
        if (strcmp(t->strings[t->slots[at]], string) == 0) return t->slots[at];
    if (rec_table_reserve((void **)&t->strings, &t->capacity, t->count, 1, sizeof *t->strings,
                          NULL) < 0)
        goto no_memory;
    t->strings[t->count] = string;
    t->slots[at] = (uint32_t)t->count;
    rec_bytes_put(&t->part, string, strnlen(string, REC_STRING_MAX));
    rec_bytes_put_u8(&t->part, 0);
    t->part_count++;
    if (t->part.length >= REC_CHUNK_STRINGS_TARGET) write_strings(s, p, t);
    return (uint32_t)t->count++;
no_memory:
    rec_chunk_file_fail(&s->file, "out of memory");
    return 0;
}

static void write_symbol_part(struct rec_stream *s, struct rec_payload_writer *p,
                              struct interned *t, const uint32_t *first,
                              const struct rec_frame *frames, size_t count) {
    size_t frame_count = first[count] - first[0];
    uint32_t *counts = malloc((count + 1) * sizeof *counts);
    struct rec_frame_entry *entries = malloc((frame_count + 1) * sizeof *entries);
    if (counts == NULL || entries == NULL) {
        rec_chunk_file_fail(&s->file, "out of memory");
    } else {
        for (size_t i = 0; i < count; i++) counts[i] = first[i + 1] - first[i];
        for (size_t i = 0; i < frame_count; i++) {
            const struct rec_frame *frame = &frames[first[0] + i];
            entries[i] = (struct rec_frame_entry){intern_string(s, p, t, frame->function),
                                                  intern_string(s, p, t, frame->file), frame->line,
                                                  frame->inlined ? 1 : 0};
        }
        write_strings(s, p, t);
        rec_payload_begin(p);
        rec_symbols_write(p, counts, count, entries, frame_count);
        rec_chunk_file_add(&s->file, REC_CHUNK_SYMBOLS, rec_payload_end(p), NULL);
    }
    free(counts);
    free(entries);
}

void rec_stream_add_symbols(struct rec_stream *s, struct rec_press *press,
                            const uint32_t *first, const struct rec_frame *frames,
                            size_t address_count) {
    struct rec_payload_writer *p = &press->payload;
    rec_stream_cut(s, press);
    struct interned t = {.count = 1};
    if (rec_table_reserve((void **)&t.strings, &t.capacity, 0, 1, sizeof *t.strings, NULL) < 0) {
        rec_chunk_file_fail(&s->file, "out of memory");
        return;
    }
    t.strings[0] = NULL;
    for (size_t i = 0; i < address_count && !s->file.failed;) {
        size_t end = i + 1;
        while (end < address_count && end - i < REC_CHUNK_ENTRIES_MAX &&
               first[end + 1] - first[i] <= REC_CHUNK_ENTRIES_MAX)
            end++;
        write_symbol_part(s, p, &t, first + i, frames, end - i);
        i = end;
    }
    rec_bytes_free(&t.part);
    free(t.strings);
    free(t.slots);
}

static void write_timeline(struct rec_stream *s, struct rec_payload_writer *p,
                           const struct rec_summary *summary) {
    for (size_t i = 0; i < summary->timeline_count; i += REC_CHUNK_ENTRIES_MAX) {
        rec_payload_begin(p);
        rec_timeline_write(p, summary->timeline + i, part_of(summary->timeline_count - i));
        rec_chunk_file_add(&s->file, REC_CHUNK_TIMELINE, rec_payload_end(p), NULL);
    }
}

void rec_stream_add_summary(struct rec_stream *s, struct rec_press *press,
                            const struct rec_summary *summary, enum rec_summary_part part) {
    struct rec_payload_writer *p = &press->payload;
    rec_stream_cut(s, press);
    switch (part) {
    case REC_SUMMARY_BLOCKS:
        write_blocks(s, p, REC_OWNER_END, summary->leaked, summary->leaked_count);
        break;
    case REC_SUMMARY_NODES:
        write_nodes(s, p, REC_OWNER_END, summary->nodes, summary->node_count);
        break;
    default:
        write_timeline(s, p, summary);
        rec_payload_begin(p);
        rec_summary_write(p, summary);
        rec_chunk_file_add(&s->file, REC_CHUNK_SUMMARY, rec_payload_end(p), NULL);
        break;
    }
}

void rec_stream_finish(struct rec_stream *s, struct rec_press *press) {
    rec_stream_cut(s, press);
    rec_chunk_file_finish(&s->file, &press->payload);
}
