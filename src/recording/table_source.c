/* SPDX-License-Identifier: MIT
 * The columns of the SOURCE chunk: which other tool's file a recording was made from, and what that
 * file could tell. See table_codec.h. */
#include "recording/table_codec.h"

enum { SOURCE_NUMBERS = 1, SOURCE_STRINGS, SOURCE_COLUMNS };
#define SOURCE_LIMIT (1u << 20)

void rec_source_write(struct rec_payload_writer *p, const struct rec_source *source) {
    struct rec_bytes numbers = {0}, strings = {0};
    rec_bytes_put_varint(&numbers, source->known);
    rec_bytes_put_varint(&numbers, source->time_scale);
    rec_bytes_put_varint(&numbers, source->is_sampled);
    rec_bytes_put_string(&strings, source->format);
    rec_bytes_put_string(&strings, source->generator);
    rec_bytes_put_string(&strings, source->time_unit);
    rec_payload_add_bytes(p, SOURCE_NUMBERS, &numbers, REC_LEVEL_STORED);
    rec_payload_add_bytes(p, SOURCE_STRINGS, &strings, REC_LEVEL_STORED);
}

int rec_source_read(struct rec_source_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw;
    struct rec_cursor numbers, strings;
    rec_source_release(t);
    if (rec_payload_column(p, SOURCE_NUMBERS, SOURCE_LIMIT, &raw, &numbers, f) < 0) return -1;
    t->source.known = (uint32_t)rec_cursor_varint(&numbers);
    t->source.time_scale = rec_cursor_varint(&numbers);
    t->source.is_sampled = rec_cursor_varint(&numbers) != 0;
    free(raw);
    if (rec_payload_column(p, SOURCE_STRINGS, SOURCE_LIMIT, &t->storage, &strings, f) < 0) return -1;
    t->source.format = rec_cursor_string(&strings);
    t->source.generator = rec_cursor_string(&strings);
    t->source.time_unit = rec_cursor_string(&strings);
    if (numbers.failed || strings.failed) {
        rec_source_release(t);
        return failure_set(f, "what it says of its source is damaged");
    }
    if (t->source.time_scale == 0) t->source.time_scale = 1;
    return 0;
}

void rec_source_release(struct rec_source_table *t) {
    free(t->storage);
    memset(t, 0, sizeof *t);
}
