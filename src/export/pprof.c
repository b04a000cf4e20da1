/* SPDX-License-Identifier: MIT
 * pprof's format: a message of pprof.proto, compressed with gzip by whoever opened the output.
 *
 * A message is the concatenation of its fields in any order, so the profile is written a piece at a
 * time: each piece is a Profile that holds one entry of one table. Ids are indexes plus 1. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "export/export.h"
#include "export/utf8.h"
#include "pprof.pb-c.h"
#include "recording/reader.h"

enum {
    NANOSECONDS = 1000000,
    COMMENT_MAX = 200, /* pprof prints it above everything */
};

/* What a sample's values count: the main or the second figure of a cost. */
static const struct sample_type {
    const char *name;
    enum an_cost cost;
    enum { FIGURE_MAIN, FIGURE_SECOND } figure;
    enum { TYPE_USUAL, TYPE_ASKED } when; /* TYPE_ASKED: only when this very cost is asked for */
} types[] = {
    {"alloc_objects", AN_ALLOCATED, FIGURE_SECOND, TYPE_USUAL},
    {"alloc_space", AN_ALLOCATED, FIGURE_MAIN, TYPE_USUAL},
    {"inuse_objects", AN_LEAKED, FIGURE_SECOND, TYPE_USUAL},
    {"inuse_space", AN_LEAKED, FIGURE_MAIN, TYPE_USUAL},
    {"peak_objects", AN_PEAK, FIGURE_SECOND, TYPE_USUAL},
    {"peak_space", AN_PEAK, FIGURE_MAIN, TYPE_USUAL},
    {"temporary_objects", AN_TEMPORARY, FIGURE_MAIN, TYPE_USUAL},
    {"temporary_space", AN_TEMPORARY, FIGURE_SECOND, TYPE_USUAL},
    {"failed_objects", AN_FAILED, FIGURE_MAIN, TYPE_USUAL},
    {"alive_objects", AN_ALIVE, FIGURE_SECOND, TYPE_ASKED},
    {"alive_space", AN_ALIVE, FIGURE_MAIN, TYPE_ASKED},
    {"freed_objects", AN_FREED, FIGURE_SECOND, TYPE_ASKED},
    {"freed_space", AN_FREED, FIGURE_MAIN, TYPE_ASKED},
    {"later_objects", AN_LATER, FIGURE_SECOND, TYPE_ASKED},
    {"later_space", AN_LATER, FIGURE_MAIN, TYPE_ASKED},
};
#define TYPES_MAX (sizeof types / sizeof types[0])

static enum an_unit unit_of(const struct sample_type *t) {
    enum an_unit main_unit = an_cost_unit(t->cost);
    if (t->figure == FIGURE_MAIN) return main_unit;
    return main_unit == AN_UNIT_BYTES ? AN_UNIT_BLOCKS : AN_UNIT_BYTES;
}

static int64_t value_of(const struct sample_type *t, const struct an_costs *costs) {
    struct an_amount amount = an_cost_of(costs, t->cost);
    return (int64_t)(t->figure == FIGURE_MAIN ? amount.main : amount.second);
}

/* The type that is shown first. */
static int is_default(const struct sample_type *t, int cost) {
    if (cost == AN_CALLS) return t->cost == AN_ALLOCATED && t->figure == FIGURE_SECOND;
    return t->cost == (enum an_cost)cost && t->figure == FIGURE_MAIN;
}

struct pprof {
    FILE *out;
    struct ex_export *e;
    const struct rec_node *nodes;
    const struct rec_address *addresses;
    const struct rec_module *modules;
    size_t node_count, address_count, module_count;
    const struct sample_type *types[TYPES_MAX];
    size_t type_count;
    int64_t texts;   /* how many have been written */
    uint8_t *buffer; /* of a packed piece */
    size_t buffer_size;
    uint64_t *locations; /* of the stack at hand */
    size_t location_capacity;
    uint8_t *is_used; /* by address */
    int failed;
};

static void put(struct pprof *p, const Pprof__Profile *piece) {
    size_t size = pprof__profile__get_packed_size(piece);
    if (size > p->buffer_size) {
        uint8_t *grown = realloc(p->buffer, size * 2);
        if (grown == NULL) {
            p->failed = 1;
            return;
        }
        p->buffer = grown;
        p->buffer_size = size * 2;
    }
    pprof__profile__pack(piece, p->buffer);
    fwrite(p->buffer, 1, size, p->out);
}

/* Writes a text and returns its index. What is no UTF-8 becomes question marks, for a protobuf
 * reader refuses a message with other bytes. */
static int64_t put_text(struct pprof *p, const char *text) {
    if (text == NULL || text[0] == '\0') return 0;
    char *copy = strdup(text);
    if (copy == NULL) {
        p->failed = 1;
        return 0;
    }
    uint32_t character;
    for (char *c = copy; *c != '\0';) {
        size_t length = ex_utf8_decode(c, &character);
        if (length == 0) *c = '?';
        c += length > 0 ? length : 1;
    }
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_string_table = 1;
    piece.string_table = &copy;
    put(p, &piece);
    free(copy);
    return p->texts++;
}

static void put_types(struct pprof *p) {
    int64_t bytes = put_text(p, "bytes"), count = put_text(p, "count"), main_type = 0;
    Pprof__Profile head = PPROF__PROFILE__INIT;
    for (size_t i = 0; i < p->type_count; i++) {
        Pprof__ValueType type = PPROF__VALUE_TYPE__INIT, *list = &type;
        Pprof__Profile piece = PPROF__PROFILE__INIT;
        type.type = put_text(p, p->types[i]->name);
        type.unit = unit_of(p->types[i]) == AN_UNIT_BYTES ? bytes : count;
        if (is_default(p->types[i], p->e->cost < 0 ? (int)ex_main_cost(p->e) : p->e->cost))
            main_type = type.type;
        piece.n_sample_type = 1;
        piece.sample_type = &list;
        put(p, &piece);
    }
    Pprof__ValueType period = PPROF__VALUE_TYPE__INIT;
    period.type = put_text(p, "space");
    period.unit = bytes;
    const struct rec_process *process = rec_process(p->e->file);
    uint64_t from = p->e->profile->from_tick, to = p->e->profile->to_tick;
    uint64_t duration = rec_totals(p->e->file)->duration_ms;
    if (to != 0 && to < duration) duration = to;
    head.time_nanos = (int64_t)(process->start_unix_ns + from * NANOSECONDS);
    head.duration_nanos = (int64_t)((duration > from ? duration - from : 0) * NANOSECONDS);
    head.period_type = &period;
    head.period = 1;
    head.default_sample_type = main_type;
    head.drop_frames = put_text(p, "operator new(\\[\\])?");
    put(p, &head);
}

static void put_comment(struct pprof *p, const char *text) {
    if (text == NULL) return;
    int64_t comment = put_text(p, text);
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_comment = 1;
    piece.comment = &comment;
    put(p, &piece);
}

static void put_comments(struct pprof *p) {
    const char *const *words = rec_process(p->e->file)->command;
    char *line = NULL;
    size_t size;
    FILE *text = open_memstream(&line, &size);
    if (text == NULL) return;
    fputs("command:", text);
    for (; words != NULL && *words != NULL; words++)
        fprintf(text, " %s", *words);
    int failed = fclose(text);
    if (!failed && size > COMMENT_MAX) memcpy(line + COMMENT_MAX - 4, " ...", 5);
    if (!failed) put_comment(p, line);
    free(line);
    put_comment(p, "written by heapwise " HEAPWISE_VERSION);
    put_comment(p, p->e->range_words);
    put_comment(p, p->e->filter_words);
    if (p->e->suppressions != NULL && p->e->suppressions->blocks > 0)
        put_comment(p, "in use: without suppressed leaks");
}

static void put_mapping(struct pprof *p, size_t module) {
    const struct rec_module *m = &p->modules[module];
    Pprof__Mapping mapping = PPROF__MAPPING__INIT, *list = &mapping;
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    char build_id[2 * REC_BUILD_ID_MAX + 1] = "";
    for (uint32_t k = 0; k < m->build_id_length && k < REC_BUILD_ID_MAX; k++)
        snprintf(build_id + 2 * k, 3, "%02x", m->build_id[k]);
    mapping.id = module;
    mapping.memory_start = m->start;
    mapping.memory_limit = m->end;
    mapping.filename = put_text(p, m->path);
    mapping.build_id = put_text(p, build_id);
    mapping.has_functions = mapping.has_filenames = 1;
    mapping.has_line_numbers = mapping.has_inline_frames = 1;
    piece.n_mapping = 1;
    piece.mapping = &list;
    put(p, &piece);
}

/* pprof takes the first one for the program. */
static void put_mappings(struct pprof *p) {
    const char *program = rec_process(p->e->file)->executable;
    size_t first = 0;
    for (size_t i = 1; i < p->module_count && first == 0 && program != NULL; i++)
        if (p->modules[i].path != NULL && strcmp(p->modules[i].path, program) == 0) first = i;
    if (first != 0) put_mapping(p, first);
    for (size_t i = 1; i < p->module_count; i++)
        if (i != first) put_mapping(p, i);
}

static void put_functions(struct pprof *p) {
    const struct an_frames *t = p->e->frames;
    for (size_t i = 0; i < t->function_count; i++) {
        const struct an_function *n = &t->functions[i];
        Pprof__Function function = PPROF__FUNCTION__INIT, *list = &function;
        Pprof__Profile piece = PPROF__PROFILE__INIT;
        function.id = i + 1;
        function.name = put_text(p, ex_function_label(p->e, (uint32_t)i));
        function.system_name = n->name != NULL ? put_text(p, n->name) : function.name;
        function.filename = put_text(p, n->file);
        piece.n_function = 1;
        piece.function = &list;
        put(p, &piece);
    }
}

static void put_location(struct pprof *p, uint32_t address) {
    enum { LINES_MAX = 256 };
    const struct rec_address *a = &p->addresses[address];
    size_t count;
    const uint32_t *frames = an_frames_of(p->e->frames, address, &count);
    Pprof__Line lines[LINES_MAX], *line_list[LINES_MAX];
    Pprof__Location location = PPROF__LOCATION__INIT, *list = &location;
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    size_t skipped = count > LINES_MAX ? count - LINES_MAX : 0; /* innermost ones */
    for (size_t i = skipped; i < count; i++) {
        const struct an_frame *frame = &p->e->frames->frames[frames[i]];
        line_list[i - skipped] = &lines[i - skipped];
        pprof__line__init(line_list[i - skipped]);
        lines[i - skipped].function_id = frame->function + 1ull;
        lines[i - skipped].line = frame->line;
    }
    location.id = address + 1ull;
    location.mapping_id = a->module < p->module_count ? a->module : 0;
    /* The call, not the instruction behind it. */
    location.address = a->exact || location.mapping_id == 0 ? a->address : a->address - 1;
    location.n_line = count - skipped;
    location.line = line_list;
    piece.n_location = 1;
    piece.location = &list;
    put(p, &piece);
}

/* The addresses of a stack, innermost first. */
static int path_of(struct pprof *p, uint32_t node, size_t *count, struct failure *f) {
    *count = 0;
    for (uint32_t n = node; n != 0 && n < p->node_count; n = p->nodes[n].parent) {
        if (p->nodes[n].parent >= n || p->nodes[n].address >= p->address_count)
            return failure_set(f,
                               "the recording's call stack %" PRIu32 " cannot be true; "
                               "`heapwise fsck` tells what is damaged",
                               n);
        if (*count == p->location_capacity) {
            size_t capacity = p->location_capacity ? p->location_capacity * 2 : 256;
            uint64_t *grown = realloc(p->locations, capacity * sizeof *grown);
            if (grown == NULL) return failure_set(f, "cannot write a call stack: out of memory");
            p->locations = grown;
            p->location_capacity = capacity;
        }
        p->is_used[p->nodes[n].address] = 1;
        p->locations[(*count)++] = p->nodes[n].address + 1ull;
    }
    return 0;
}

static int put_samples(struct pprof *p, struct failure *f) {
    for (size_t i = 0; i < p->e->profile->count; i++) {
        const struct an_costs *t = &p->e->profile->entries[i];
        int64_t values[TYPES_MAX], any = 0;
        for (size_t k = 0; k < p->type_count; k++)
            any |= values[k] = value_of(p->types[k], t);
        if (any == 0) continue;
        Pprof__Sample sample = PPROF__SAMPLE__INIT, *list = &sample;
        Pprof__Profile piece = PPROF__PROFILE__INIT;
        if (path_of(p, t->node, &sample.n_location_id, f) != 0) return -1;
        sample.location_id = p->locations;
        sample.n_value = p->type_count;
        sample.value = values;
        piece.n_sample = 1;
        piece.sample = &list;
        put(p, &piece);
    }
    return 0;
}

static void choose_types(struct pprof *p) {
    const struct rec_file *file = p->e->file;
    int cost = p->e->cost == AN_CALLS ? AN_ALLOCATED : p->e->cost;
    for (size_t i = 0; i < TYPES_MAX; i++)
        if ((cost < 0 ? types[i].when == TYPE_USUAL : types[i].cost == (enum an_cost)cost) &&
            (types[i].figure == FIGURE_MAIN ? an_cost_known(file, types[i].cost)
                                            : an_cost_second_known(file, types[i].cost)))
            p->types[p->type_count++] = &types[i];
}

static int put_profile(struct pprof *p, struct failure *f) {
    char *empty = (char[]){""};
    Pprof__Profile piece = PPROF__PROFILE__INIT;
    piece.n_string_table = 1;
    piece.string_table = &empty;
    put(p, &piece);
    p->texts = 1;
    put_types(p);
    put_comments(p);
    put_mappings(p);
    put_functions(p);
    if (put_samples(p, f) != 0) return -1;
    for (size_t a = 0; a < p->address_count; a++)
        if (p->is_used[a]) put_location(p, (uint32_t)a);
    return p->failed ? failure_set(f, "cannot write the profile: out of memory") : 0;
}

int ex_pprof(FILE *out, struct ex_export *e, struct failure *f) {
    struct pprof p = {.out = out, .e = e};
    p.nodes = rec_nodes(e->file, &p.node_count, f);
    p.addresses = rec_addresses(e->file, &p.address_count, f);
    p.modules = rec_modules(e->file, &p.module_count);
    if (p.nodes == NULL || (p.addresses == NULL && p.address_count > 0)) return -1;
    choose_types(&p);
    p.is_used = calloc(p.address_count + 1, 1);
    int failed = p.is_used == NULL ? failure_set(f, "cannot write the profile: out of memory")
                                   : put_profile(&p, f);
    free(p.is_used);
    free(p.locations);
    free(p.buffer);
    return failed;
}
