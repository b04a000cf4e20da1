/* SPDX-License-Identifier: MIT
 * The tables of a pprof profile. See pprof_tables.h; numbers of fields are those of profile.proto.
 */
#include "import/pprof_tables.h"

#include <stdlib.h>
#include <string.h>

#include "import/pprof_wire.h"

/* Makes room for `more` entries behind `count`. */
static int reserve(void **array, size_t *capacity, size_t count, size_t more, size_t entry) {
    if (count + more <= *capacity) return 0;
    size_t wanted = *capacity + *capacity / 2 + more + 64;
    void *grown = realloc(*array, wanted * entry);
    if (grown == NULL) return -1;
    *array = grown;
    *capacity = wanted;
    return 0;
}

static int add_text(struct im_pprof_tables *t, const struct im_pprof_field *field) {
    if (reserve((void **)&t->texts, &t->text_capacity, t->text_bytes, field->length + 1, 1) != 0 ||
        reserve((void **)&t->text_at, &t->text_at_capacity, t->text_count, 1, sizeof *t->text_at) !=
            0)
        return -1;
    char *text = t->texts + t->text_bytes;
    if (field->length > 0) memcpy(text, field->bytes, field->length);
    text[field->length] = '\0';
    t->text_at[t->text_count++] = t->text_bytes;
    t->text_bytes += field->length + 1;
    return 0;
}

/* A message of numbers: puts field n into numbers[n]. -1 when it is damaged. */
static int take_numbers(const struct im_pprof_field *message, uint64_t *numbers, size_t count) {
    struct im_pprof_cursor c = im_pprof_message(message);
    struct im_pprof_field field;
    memset(numbers, 0, count * sizeof *numbers);
    while (im_pprof_next(&c, &field) == 0)
        if (field.bytes == NULL && field.number < count) numbers[field.number] = field.value;
    return c.failed ? -1 : 0;
}

enum outcome { DONE = 0, NO_MEMORY = -1, DAMAGED = -2 };

static enum outcome add_function(struct im_pprof_tables *t, const struct im_pprof_field *message) {
    uint64_t n[5];
    if (take_numbers(message, n, 5) != 0) return DAMAGED;
    if (reserve((void **)&t->functions, &t->function_capacity, t->function_count, 1,
                sizeof *t->functions) != 0 ||
        im_block_map_put(&t->function_index, n[1], t->function_count) != 0)
        return NO_MEMORY;
    t->functions[t->function_count++] = (struct im_pprof_function){n[2], n[3], n[4]};
    return DONE;
}

static enum outcome add_mapping(struct im_pprof_tables *t, const struct im_pprof_field *message) {
    uint64_t n[6];
    if (take_numbers(message, n, 6) != 0) return DAMAGED;
    if (reserve((void **)&t->mappings, &t->mapping_capacity, t->mapping_count, 1,
                sizeof *t->mappings) != 0 ||
        im_block_map_put(&t->mapping_index, n[1], t->mapping_count) != 0)
        return NO_MEMORY;
    t->mappings[t->mapping_count++] = (struct im_pprof_mapping){n[2], n[4], n[5]};
    return DONE;
}

static enum outcome add_location(struct im_pprof_tables *t, const struct im_pprof_field *message) {
    uint64_t n[4], line[3];
    if (take_numbers(message, n, 4) != 0) return DAMAGED;
    struct im_pprof_location x = {
        .mapping = n[2], .address = n[3], .first_line = (uint32_t)t->line_count};
    struct im_pprof_cursor c = im_pprof_message(message);
    struct im_pprof_field field;
    while (im_pprof_next(&c, &field) == 0) {
        if (field.number != 4 || x.line_count == IM_PPROF_LINES_MAX) continue;
        if (take_numbers(&field, line, 3) != 0) return DAMAGED;
        if (reserve((void **)&t->lines, &t->line_capacity, t->line_count, 1, sizeof *t->lines) !=
                0 ||
            t->line_count >= UINT32_MAX)
            return NO_MEMORY;
        t->lines[t->line_count++] = (struct im_pprof_line){line[1], line[2]};
        x.line_count++;
    }
    if (reserve((void **)&t->locations, &t->location_capacity, t->location_count, 1,
                sizeof *t->locations) != 0 ||
        im_block_map_put(&t->location_index, n[1], t->location_count) != 0)
        return NO_MEMORY;
    t->locations[t->location_count++] = x;
    return DONE;
}

static enum outcome add_type(struct im_pprof_tables *t, const struct im_pprof_field *message) {
    uint64_t n[3];
    if (take_numbers(message, n, 3) != 0 || t->type_count == IM_PPROF_TYPES_MAX) return DAMAGED;
    t->types[t->type_count++] = n[1];
    return DONE;
}

static int take_table(void *context, const struct im_pprof_field *field, struct failure *f) {
    struct im_pprof_tables *t = context;
    enum outcome outcome = DONE;
    switch (field->number) {
    case 1:
        outcome = add_type(t, field);
        break;
    case 3:
        outcome = add_mapping(t, field);
        break;
    case 4:
        outcome = add_location(t, field);
        break;
    case 5:
        outcome = add_function(t, field);
        break;
    case 6:
        outcome = add_text(t, field) == 0 ? DONE : NO_MEMORY;
        break;
    case 9:
        t->time_ns = field->value;
        break;
    case 10:
        t->duration_ns = field->value <= INT64_MAX ? field->value : 0;
        break;
    case 12:
        t->period = field->value <= INT64_MAX ? field->value : 0;
        break;
    default:
        break;
    }
    if (outcome == DONE) return 0;
    return failure_set(f, outcome == NO_MEMORY ? "out of memory" : "one of its tables is damaged");
}

int im_pprof_tables_read(struct im_pprof_tables *t, struct im_input *in, struct failure *f) {
    return im_pprof_each(in, take_table, t, f);
}

void im_pprof_tables_release(struct im_pprof_tables *t) {
    free(t->texts);
    free(t->text_at);
    free(t->functions);
    free(t->mappings);
    free(t->locations);
    free(t->lines);
    im_block_map_release(&t->function_index);
    im_block_map_release(&t->mapping_index);
    im_block_map_release(&t->location_index);
    memset(t, 0, sizeof *t);
}

const char *im_pprof_text(const struct im_pprof_tables *t, uint64_t text) {
    return text < t->text_count ? t->texts + t->text_at[text] : "";
}

const struct im_pprof_function *im_pprof_function(const struct im_pprof_tables *t, uint64_t id) {
    uint64_t index;
    return im_block_map_get(&t->function_index, id, &index) == 0 ? &t->functions[index] : NULL;
}

const struct im_pprof_mapping *im_pprof_mapping(const struct im_pprof_tables *t, uint64_t id) {
    uint64_t index;
    return im_block_map_get(&t->mapping_index, id, &index) == 0 ? &t->mappings[index] : NULL;
}
