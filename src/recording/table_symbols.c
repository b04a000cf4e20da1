/* SPDX-License-Identifier: MIT
 * Columns of strings and of resolved symbols. See table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

enum { STRINGS_COUNT = 1, STRINGS_BYTES, STRINGS_COLUMNS };

#define STRINGS_LIMIT ((size_t)REC_CHUNK_STRINGS_TARGET + REC_STRING_MAX + 1)

int rec_strings_init(struct rec_string_table *t) {
    memset(t, 0, sizeof *t);
    if (rec_table_reserve((void **)&t->entries, &t->capacity, 0, 1, sizeof *t->entries, NULL) < 0)
        return -1;
    t->entries[0] = NULL;
    t->count = 1;
    return 0;
}

void rec_strings_write(struct rec_payload_writer *p, const struct rec_bytes *strings, size_t count) {
    struct rec_bytes b = {0};
    rec_bytes_put_varint(&b, count);
    rec_payload_add_bytes(p, STRINGS_COUNT, &b, 1);
    rec_payload_add(p, STRINGS_BYTES, strings->data, strings->length, 6);
}

int rec_strings_read(struct rec_string_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw;
    struct rec_cursor c;
    if (rec_payload_column(p, STRINGS_COUNT, REC_VARINT_MAX, &raw, &c, f) < 0) return -1;
    uint64_t count = rec_cursor_varint(&c);
    free(raw);
    if (c.failed) return failure_set(f, "its count is damaged");
    if (rec_payload_column(p, STRINGS_BYTES, STRINGS_LIMIT, &raw, &c, f) < 0) return -1;
    if (rec_table_reserve((void **)&t->storage, &t->storage_capacity, t->storage_count, 1,
                          sizeof *t->storage, f) < 0) {
        free(raw);
        return -1;
    }
    t->storage[t->storage_count++] = raw;
    if (count > (size_t)(c.end - c.next)) return failure_set(f, "it has fewer strings than it says");
    if (rec_table_reserve((void **)&t->entries, &t->capacity, t->count, count, sizeof *t->entries,
                          f) < 0)
        return -1;
    for (uint64_t i = 0; i < count; i++) t->entries[t->count + i] = rec_cursor_string(&c);
    if (c.failed) return failure_set(f, "it has fewer strings than it says");
    t->count += count;
    return 0;
}

void rec_strings_release(struct rec_string_table *t) {
    for (size_t i = 0; i < t->storage_count; i++) free(t->storage[i]);
    free(t->storage);
    free(t->entries);
    memset(t, 0, sizeof *t);
}

enum {
    SYMBOLS_COUNTS = 1, SYMBOLS_FRAMES, SYMBOLS_FUNCTION, SYMBOLS_FILE, SYMBOLS_LINE,
    SYMBOLS_COLUMNS
};

int rec_symbols_init(struct rec_symbol_table *t) {
    memset(t, 0, sizeof *t);
    if (rec_table_reserve((void **)&t->first, &t->first_capacity, 0, 1, sizeof *t->first, NULL) < 0)
        return -1;
    t->first[0] = 0;
    return 0;
}

/* Function, file and line are written as differences to the frame before; `inlined` is the lowest
 * bit of the line column. */
void rec_symbols_write(struct rec_payload_writer *p, const uint32_t *frame_counts, size_t count,
                       const struct rec_frame_entry *frames, size_t frame_count) {
    struct rec_bytes counts = {0}, per_address = {0}, functions = {0}, files = {0}, lines = {0};
    rec_bytes_put_varint(&counts, count);
    rec_bytes_put_varint(&counts, frame_count);
    for (size_t i = 0; i < count; i++) rec_bytes_put_varint(&per_address, frame_counts[i]);
    struct rec_frame_entry last = {0};
    for (size_t i = 0; i < frame_count; i++) {
        const struct rec_frame_entry *e = &frames[i];
        rec_bytes_put_varint(&functions, rec_zigzag((int64_t)e->function - last.function));
        rec_bytes_put_varint(&files, rec_zigzag((int64_t)e->file - last.file));
        rec_bytes_put_varint(&lines, rec_zigzag((int64_t)e->line - last.line) << 1 | e->inlined);
        last = *e;
    }
    rec_payload_add_bytes(p, SYMBOLS_COUNTS, &counts, 1);
    rec_payload_add_bytes(p, SYMBOLS_FRAMES, &per_address, 3);
    rec_payload_add_bytes(p, SYMBOLS_FUNCTION, &functions, 3);
    rec_payload_add_bytes(p, SYMBOLS_FILE, &files, 3);
    rec_payload_add_bytes(p, SYMBOLS_LINE, &lines, 3);
}

static const char *read_frames(struct rec_symbol_table *t, size_t count, size_t frame_count,
                               const struct rec_string_table *strings, struct rec_cursor *c) {
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t frames = rec_cursor_varint(&c[0]);
        if (frames > frame_count - sum) return "the counts of its frames do not add up";
        sum += frames;
        t->first[t->address_count + i + 1] = (uint32_t)(t->frame_count + sum);
    }
    if (sum != frame_count) return "the counts of its frames do not add up";
    uint64_t function = 0, file = 0, line = 0;
    for (size_t i = 0; i < frame_count; i++) {
        function += (uint64_t)rec_unzigzag(rec_cursor_varint(&c[1]));
        file += (uint64_t)rec_unzigzag(rec_cursor_varint(&c[2]));
        uint64_t line_bits = rec_cursor_varint(&c[3]);
        line += (uint64_t)rec_unzigzag(line_bits >> 1);
        if (function >= strings->count || file >= strings->count || line > UINT32_MAX)
            return "a frame names a string that is not there";
        t->frames[t->frame_count + i] =
            (struct rec_frame){strings->entries[function], strings->entries[file], (uint32_t)line,
                               (uint32_t)(line_bits & 1)};
    }
    return c[0].failed || c[1].failed || c[2].failed || c[3].failed ? "it ends too early" : NULL;
}

int rec_symbols_read(struct rec_symbol_table *t, const struct rec_string_table *strings,
                     const struct rec_payload *p, struct failure *f) {
    uint8_t *raw[5] = {0};
    struct rec_cursor counts, c[4];
    const size_t limit = (size_t)REC_CHUNK_ENTRIES_MAX * REC_VARINT_MAX;
    int result = -1;
    if (rec_payload_column(p, SYMBOLS_COUNTS, 2 * REC_VARINT_MAX, &raw[4], &counts, f) < 0) return -1;
    for (int i = 0; i < 4; i++)
        if (rec_payload_column(p, (uint8_t)(SYMBOLS_FRAMES + i), limit, &raw[i], &c[i], f) < 0)
            goto out;
    uint64_t count = rec_cursor_varint(&counts), frame_count = rec_cursor_varint(&counts);
    if (counts.failed || count > REC_CHUNK_ENTRIES_MAX || frame_count > REC_CHUNK_ENTRIES_MAX ||
        t->frame_count + frame_count > UINT32_MAX) {
        failure_set(f, "its counts are impossible");
        goto out;
    }
    if (rec_table_reserve((void **)&t->first, &t->first_capacity, t->address_count, count + 1,
                          sizeof *t->first, f) < 0 ||
        rec_table_reserve((void **)&t->frames, &t->frame_capacity, t->frame_count, frame_count,
                          sizeof *t->frames, f) < 0)
        goto out;
    const char *wrong = read_frames(t, count, frame_count, strings, c);
    if (wrong != NULL) {
        failure_set(f, "%s", wrong);
        goto out;
    }
    t->address_count += count;
    t->frame_count += frame_count;
    result = 0;
out:
    for (int i = 0; i < 5; i++) free(raw[i]);
    return result;
}

void rec_symbols_release(struct rec_symbol_table *t) {
    free(t->first);
    free(t->frames);
    memset(t, 0, sizeof *t);
}
