/* SPDX-License-Identifier: MIT
 * Reads heap profiles of pprof: a message of profile.proto, of Go, tcmalloc, jemalloc, heapprofd,
 * our own export and many others. See pprof_wire.h for the coding.
 *
 * Tables may stand behind what names them, so the file is read twice: first the texts, functions,
 * mappings and locations, then the samples, one at a time. */
#include "import/pprof_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/format.h"
#include "import/path.h"
#include "import/pprof_wire.h"

/* Names of what a sample's values count. */
static const struct {
    const char *name;
    uint32_t known;
    size_t offset; /* in rec_node_totals */
} figures[] = {
    {"alloc_objects", REC_KNOWS_CALLS, offsetof(struct rec_node_totals, allocations)},
    {"alloc_space", REC_KNOWS_ALLOCATED, offsetof(struct rec_node_totals, allocated_bytes)},
    {"inuse_objects", REC_KNOWS_LEAKED_BLOCKS, offsetof(struct rec_node_totals, live_blocks)},
    {"inuse_space", REC_KNOWS_LEAKED, offsetof(struct rec_node_totals, live_bytes)},
    {"objects", REC_KNOWS_LEAKED_BLOCKS, offsetof(struct rec_node_totals, live_blocks)},
    {"space", REC_KNOWS_LEAKED, offsetof(struct rec_node_totals, live_bytes)},
    {"peak_objects", REC_KNOWS_PEAK_BLOCKS, offsetof(struct rec_node_totals, peak_blocks)},
    {"peak_space", REC_KNOWS_PEAK, offsetof(struct rec_node_totals, peak_bytes)},
    {"temporary_objects", REC_KNOWS_TEMPORARY, offsetof(struct rec_node_totals, temporary)},
    {"temporary_space", REC_KNOWS_TEMPORARY, offsetof(struct rec_node_totals, temporary_bytes)},
    {"failed_objects", REC_KNOWS_FAILED, offsetof(struct rec_node_totals, failed)},
    {"Total malloc count", REC_KNOWS_CALLS, offsetof(struct rec_node_totals, allocations)},
    {"Total malloc size", REC_KNOWS_ALLOCATED, offsetof(struct rec_node_totals, allocated_bytes)},
    {"Unreleased malloc count", REC_KNOWS_LEAKED_BLOCKS,
     offsetof(struct rec_node_totals, live_blocks)},
    {"Unreleased malloc size", REC_KNOWS_LEAKED, offsetof(struct rec_node_totals, live_bytes)},
};
#define FIGURES (sizeof figures / sizeof *figures)

struct reader {
    struct im_input *in;
    struct im_target *target;
    struct im_pprof_tables tables;
    size_t figure_of[IM_PPROF_TYPES_MAX]; /* FIGURES: not one of ours */
    uint32_t *locations;                  /* of the target, by our index */
    struct im_path path;
};

static int find_figures(struct reader *r, uint32_t *known, struct failure *f) {
    char list[300] = "";
    *known = 0;
    for (size_t i = 0; i < r->tables.type_count; i++) {
        const char *name = im_pprof_text(&r->tables, r->tables.types[i]);
        size_t k = 0, used = strlen(list);
        while (k < FIGURES && strcmp(name, figures[k].name) != 0)
            k++;
        r->figure_of[i] = k;
        if (k < FIGURES && (*known & figures[k].known) != 0 &&
            figures[k].known != REC_KNOWS_TEMPORARY)
            r->figure_of[i] = FIGURES; /* told twice: the first counts */
        else if (k < FIGURES)
            *known |= figures[k].known;
        snprintf(list + used, sizeof list - used, "%s%.40s", used > 0 ? ", " : "", name);
    }
    if (*known != 0) return 0;
    return failure_set(f, "%s is no heap profile: its samples count %s", im_input_name(r->in),
                       list[0] != '\0' ? list : "nothing");
}

static uint32_t make_location(struct reader *r, const struct im_pprof_location *x) {
    struct im_pprof_tables *t = &r->tables;
    const struct im_pprof_mapping *m = im_pprof_mapping(t, x->mapping);
    uint32_t module = 0;
    if (m != NULL)
        module = im_target_module(r->target, im_pprof_text(t, m->file), m->start - m->offset);
    struct rec_frame frames[IM_PPROF_LINES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < x->line_count && count < IM_PPROF_LINES_MAX; i++) {
        const struct im_pprof_line *line = &t->lines[x->first_line + i];
        const struct im_pprof_function *function = im_pprof_function(t, line->function);
        if (function == NULL) continue;
        const char *name = im_pprof_text(t, function->system_name);
        frames[count] = (struct rec_frame){
            .function = name[0] != '\0' ? name : im_pprof_text(t, function->name),
            .file = im_pprof_text(t, function->file),
            .line = line->line <= UINT32_MAX ? (uint32_t)line->line : 0,
            .inlined = 1};
        count++;
    }
    if (count == 0) return im_target_address(r->target, module, x->address, 0);
    frames[count - 1].inlined = 0;
    return im_target_location(r->target, module, x->address, frames, count);
}

static int begin(struct reader *r, const char *path, struct failure *f) {
    static const char *const none[] = {NULL};
    struct im_pprof_tables *t = &r->tables;
    static const char *const formats[] = {[IM_SIDE_NONE] = "pprof",
                                          [IM_SIDE_BEFORE] = "pprof, a difference",
                                          [IM_SIDE_AFTER] = "pprof, a difference"};
    struct rec_source source = {.format = formats[im_input_side(r->in)],
                                .generator = "",
                                .time_unit = "",
                                .time_scale = 1,
                                .is_sampled = t->period > 1};
    if (find_figures(r, &source.known, f) != 0) return -1;
    if (t->duration_ns > 0) source.known |= REC_KNOWS_TIME;
    struct rec_process process = {.start_unix_ns = t->time_ns,
                                  .executable = "",
                                  .working_directory = "",
                                  .command = none,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    if (im_target_open(&r->target, path, &process, f) != 0) return -1;
    im_target_totals(r->target)->duration_ms = t->duration_ns / 1000000;
    r->locations = malloc((t->location_count + 1) * sizeof *r->locations);
    if (r->locations == NULL) return failure_set(f, "out of memory");
    for (size_t i = 0; i < t->location_count; i++)
        r->locations[i] = make_location(r, &t->locations[i]);
    return 0;
}

static int bad_sample(const struct reader *r, const char *what, struct failure *f) {
    return failure_set(f, "%s is damaged: a sample %s", im_input_name(r->in), what);
}

/* Numbers of a repeated field, packed or one at a time. */
static int take_locations(struct reader *r, const struct im_pprof_field *field, struct failure *f) {
    struct im_pprof_cursor c = im_pprof_numbers(field);
    uint64_t id, index;
    while (im_pprof_number(&c, &id) == 0) {
        if (im_block_map_get(&r->tables.location_index, id, &index) != 0)
            return bad_sample(r, "names a location that is not there", f);
        if (im_path_push(&r->path, r->locations[index]) != 0)
            return failure_set(f, "out of memory");
    }
    return c.failed ? bad_sample(r, "is cut", f) : 0;
}

/* Values are signed: of a difference those below 0 are what the first profile had more. */
static int take_side(const struct reader *r, uint64_t *value, struct failure *f) {
    int is_less = *value > INT64_MAX;
    if (is_less) im_input_note_difference(r->in);
    switch (im_input_side(r->in)) {
    case IM_SIDE_NONE:
        if (!is_less) return 0;
        return failure_set(f,
                           "%s is the difference of two profiles, of which no report can be made: "
                           "heapwise diff %s shows it",
                           im_input_name(r->in), im_input_name(r->in));
    case IM_SIDE_BEFORE:
        *value = is_less ? 0 - *value : 0;
        break;
    case IM_SIDE_AFTER:
        if (is_less) *value = 0;
        break;
    }
    return *value <= INT64_MAX ? 0 : bad_sample(r, "has an impossible value", f);
}

static int take_values(struct reader *r, const struct im_pprof_field *field, size_t *at,
                       struct rec_node_totals *totals, struct failure *f) {
    struct im_pprof_cursor c = im_pprof_numbers(field);
    uint64_t value;
    for (; im_pprof_number(&c, &value) == 0; (*at)++) {
        if (*at >= r->tables.type_count || r->figure_of[*at] == FIGURES) continue;
        uint64_t *figure = (uint64_t *)((char *)totals + figures[r->figure_of[*at]].offset);
        if (take_side(r, &value, f) != 0) return -1;
        *figure = value;
    }
    return c.failed ? bad_sample(r, "is cut", f) : 0;
}

static int read_sample(void *context, const struct im_pprof_field *top, struct failure *f) {
    struct reader *r = context;
    struct rec_node_totals totals = {0};
    size_t values = 0;
    if (top->number != IM_PPROF_SAMPLE) return 0;
    struct im_pprof_cursor c = im_pprof_message(top);
    struct im_pprof_field field;
    r->path.count = 0;
    while (im_pprof_next(&c, &field) == 0) {
        if (field.number == 1 && take_locations(r, &field, f) != 0) return -1;
        if (field.number == 2 && take_values(r, &field, &values, &totals, f) != 0) return -1;
    }
    if (c.failed) return bad_sample(r, "is cut", f);
    totals.node = im_path_node(&r->path, r->target);
    im_target_add(r->target, &totals);
    return 0;
}

static int read_pprof(struct im_input *in, const char *path, struct failure *f) {
    struct reader r = {.in = in};
    int failed = im_pprof_tables_read(&r.tables, in, f) != 0 || im_input_rewind(in, f) != 0 ||
                 begin(&r, path, f) != 0 || im_pprof_each(in, read_sample, &r, f) != 0;
    if (failed)
        im_target_give_up(r.target);
    else
        failed = im_target_finish(r.target, f) != 0;
    im_pprof_tables_release(&r.tables);
    free(r.locations);
    im_path_release(&r.path);
    return failed ? -1 : 0;
}

/* A message has no mark. One is told by its first fields: all of them must be fields of a profile,
 * and of the right kind. */
static int is_field_of_profile(const struct im_pprof_field *field) {
    static const char kinds[] = "-bbbbbbnnnnbn?n?"; /* bytes, number, either; by field number */
    if (field->number < 1 || field->number >= sizeof kinds - 1) return 0;
    char kind = kinds[field->number];
    return kind == '?' || (field->bytes != NULL) == (kind == 'b');
}

static int sniff(const char *start, size_t length) {
    struct im_pprof_cursor c = {(const uint8_t *)start, (const uint8_t *)start + length, 0};
    struct im_pprof_field field;
    int seen = 0;
    for (; seen < 8 && c.next != c.end; seen++) {
        /* The last field that is seen may go on beyond what is seen. */
        if (im_pprof_next(&c, &field) != 0) return seen > 2 && length == IM_SNIFF_BYTES;
        if (!is_field_of_profile(&field)) return 0;
    }
    return seen > 0;
}

const struct im_format im_pprof = {"pprof", sniff, read_pprof};
