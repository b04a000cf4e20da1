/* SPDX-License-Identifier: MIT
 * Parses histories into recordings in memory, and gives them as a reader would. See history.h. */
#include "history.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"

#define MAX 4096

struct rec_file {
    struct rec_totals totals;
    struct rec_process process;
    struct rec_module modules[8];
    size_t module_count;
    struct rec_thread threads[8];
    size_t thread_count;
    struct rec_time_point points[MAX];
    size_t point_count;
    struct rec_node nodes[64];
    size_t node_count;
    struct rec_address addresses[64];
    struct rec_frame frames[64][8];
    size_t frame_counts[64];
    char keys[64][128];
    size_t address_count;
    struct rec_event records[MAX];
    size_t record_count;
    struct rec_chunk chunks[MAX];
    size_t chunk_start[MAX];
    size_t chunk_count;
    struct rec_snapshot snapshots[MAX];
    size_t snapshot_count;
    struct rec_node_totals node_totals[64];
    size_t totals_count;
    struct rec_live_block leaked[MAX];
    size_t leaked_count;
    struct rec_histogram histogram;
    uint32_t stack_of[128];  /* by letter */
    uint64_t block_of[128];  /* by letter: the block of that name born last */
    char *strings[512];
    size_t string_count;
    atomic_size_t decoded;
};

static char *keep(struct rec_file *r, const char *s, size_t length) {
    CHECK(r->string_count < 512);
    return r->strings[r->string_count++] = strndup(s, length);
}

static uint32_t module_named(struct rec_file *r, const char *name, size_t length) {
    for (size_t i = 1; i < r->module_count; i++)
        if (strlen(r->modules[i].path) == length && memcmp(r->modules[i].path, name, length) == 0)
            return (uint32_t)i;
    CHECK(r->module_count < 8);
    r->modules[r->module_count] = (struct rec_module){.path = keep(r, name, length)};
    return (uint32_t)r->module_count++;
}

/* Adds one frame, inner to those that the address has. */
static void add_frame(struct rec_file *r, uint32_t address, const char *s, size_t length) {
    int inlined = s[length - 1] == '^';
    length -= (size_t)inlined;
    const char *bang = memchr(s, '!', length), *colon = memchr(s, ':', length);
    if (bang != NULL)
        r->addresses[address].module = module_named(r, s, (size_t)(bang - s));
    const char *name = bang != NULL ? bang + 1 : s;
    size_t name_length = (size_t)((colon != NULL ? colon : s + length) - name);
    size_t n = r->frame_counts[address]++;
    memmove(&r->frames[address][1], &r->frames[address][0], n * sizeof r->frames[0][0]);
    r->frames[address][0] = (struct rec_frame){
        .function = name_length > 0 && name[0] != '?' ? keep(r, name, name_length) : NULL,
        .file = colon != NULL ? "file.c" : NULL,
        .line = colon != NULL ? (uint32_t)atoi(colon + 1) : 0,
        .inlined = (uint32_t)inlined};
}

static uint32_t address_of(struct rec_file *r, const char *key, size_t length) {
    for (size_t i = 0; i < r->address_count; i++)
        if (strlen(r->keys[i]) == length && memcmp(r->keys[i], key, length) == 0) return (uint32_t)i;
    CHECK(r->address_count < 64 && length < sizeof r->keys[0]);
    uint32_t a = (uint32_t)r->address_count++;
    memcpy(r->keys[a], key, length);
    r->addresses[a] = (struct rec_address){.address = 0x1000u + a * 16u, .module = 1};
    const char *s = key, *end = key + length;
    while (s < end) {
        const char *comma = memchr(s, ',', (size_t)(end - s));
        size_t part = (size_t)((comma != NULL ? comma : end) - s);
        add_frame(r, a, s, part);
        s += part + 1;
    }
    return a;
}

static uint32_t node_of(struct rec_file *r, uint32_t parent, uint32_t address) {
    for (size_t i = 1; i < r->node_count; i++)
        if (r->nodes[i].parent == parent && r->nodes[i].address == address) return (uint32_t)i;
    CHECK(r->node_count < 64);
    r->nodes[r->node_count] = (struct rec_node){parent, address};
    return (uint32_t)r->node_count++;
}

static void add_stack(struct rec_file *r, const char *word) {
    uint32_t node = 0;
    const char *s = word + 2;
    while (*s != '\0') {
        /* A frame with all that is inlined into it. */
        size_t length = strcspn(s, ",");
        while (s[length] == ',') {
            size_t next = strcspn(s + length + 1, ",");
            if (s[length + next] != '^') break;
            length += next + 1;
        }
        node = node_of(r, node, address_of(r, s, length));
        s += length + (s[length] == ',');
    }
    r->stack_of[(unsigned char)word[0]] = node;
}

struct parse {
    struct rec_file *r;
    uint32_t tick, thread;
    uint64_t event, block;
};

static void end_chunk(struct parse *p, int always) {
    struct rec_file *r = p->r;
    struct rec_chunk *c = &r->chunks[r->chunk_count];
    c->records = (uint32_t)(r->record_count - r->chunk_start[r->chunk_count]);
    if (c->records == 0 && !always) return;
    c->events = (uint32_t)(p->event - c->first_event);
    c->last_tick = p->tick;
    r->chunk_count++;
    r->chunk_start[r->chunk_count] = r->record_count;
    r->chunks[r->chunk_count] = (struct rec_chunk){.first_event = p->event, .first_block = p->block,
                                                   .first_tick = p->tick, .first_thread = p->thread};
}

static void add_event(struct parse *p, enum rec_kind kind, uint64_t size, uint64_t block,
                      uint32_t node) {
    CHECK(p->r->record_count < MAX);
    p->r->records[p->r->record_count++] =
        (struct rec_event){.size = size, .block = block, .node = node, .kind = kind};
    if (kind != REC_THREAD && kind != REC_TICK) p->event++;
    if (kind == REC_ALLOC || kind == REC_REALLOC) p->block++;
}

static void parse_birth(struct parse *p, const char *w, enum rec_kind kind, uint64_t ended) {
    uint32_t node = p->r->stack_of[(unsigned char)w[1]];
    uint64_t own = p->block;
    add_event(p, kind, strtoull(w + 2, NULL, 10), kind == REC_ALLOC ? own : ended, node);
    p->r->block_of[(unsigned char)w[0]] = own;
}

static void parse_word(struct parse *p, const char *w) {
    struct rec_file *r = p->r;
    switch (w[0]) {
    case '#':
        p->thread = (uint32_t)atoi(w + 1);
        add_event(p, REC_THREAD, p->thread, 0, 0);
        while (r->thread_count <= p->thread) {
            r->threads[r->thread_count] = (struct rec_thread){.tid = 100 + (uint32_t)r->thread_count};
            r->thread_count++;
        }
        return;
    case '@':
        p->tick = (uint32_t)atoi(w + 1);
        add_event(p, REC_TICK, p->tick, 0, 0);
        return;
    case '-': add_event(p, REC_FREE, 0, r->block_of[(unsigned char)w[1]], 0); return;
    case '!':
        add_event(p, REC_FAILED, strtoull(w + 2, NULL, 10), 0, r->stack_of[(unsigned char)w[1]]);
        return;
    case '?': add_event(p, REC_UNKNOWN_FREE, 0x1234, 0, 0); return;
    case '|': end_chunk(p, 0); return;
    case '/':
        end_chunk(p, 0);
        r->snapshots[r->snapshot_count++] =
            (struct rec_snapshot){p->event, p->block, p->tick, (uint32_t)r->chunk_count};
        return;
    default:
        if (w[1] == '=')
            add_stack(r, w);
        else if (w[1] == '>')
            parse_birth(p, w + 2, REC_REALLOC, r->block_of[(unsigned char)w[0]]);
        else
            parse_birth(p, w, REC_ALLOC, 0);
    }
}

/* The summary of a recording, by definition. */
static void summarize(struct rec_file *r, uint64_t last_tick, uint32_t bucket) {
    struct history_answer *a = malloc(sizeof *a);
    struct rec_totals *t = &r->totals;
    history_answer(a, r, 0, UINT64_MAX);
    for (size_t i = 0; i < a->count; i++) {
        const struct rec_node_totals *n = &a->nodes[i];
        t->allocations += n->allocations;
        t->allocated_bytes += n->allocated_bytes;
        t->temporary += n->temporary;
        t->temporary_bytes += n->temporary_bytes;
        t->failed += n->failed;
        t->leaked_blocks += n->live_blocks;
        t->leaked_bytes += n->live_bytes;
        t->peak_blocks += n->peak_blocks;
        r->node_totals[r->totals_count++] = *n;
    }
    t->frees = a->frees;
    t->freed_bytes = t->allocated_bytes - t->leaked_bytes;
    t->reallocations = a->reallocations;
    t->events = a->events;
    t->peak_bytes = a->peak_bytes;
    t->peak_tick = a->peak_tick;
    t->duration_ms = last_tick;
    t->threads = r->thread_count;
    for (size_t i = 0; i < r->record_count; i++) t->unknown_frees += r->records[i].kind == REC_UNKNOWN_FREE;
    for (uint64_t tick = 0; tick <= last_tick && bucket > 0; tick += bucket) {
        history_answer(a, r, tick, tick + bucket);
        r->points[r->point_count++] =
            (struct rec_time_point){.tick = (uint32_t)tick, .peak_bytes = a->peak_bytes};
    }
    free(a);
}

static void find_leaks_and_peak(struct rec_file *r) {
    uint64_t live = 0, event = 0, block = 0;
    struct rec_live_block *all = calloc(MAX, sizeof *all);
    for (size_t i = 0; i < r->record_count; i++) {
        const struct rec_event *e = &r->records[i];
        if (e->kind == REC_THREAD || e->kind == REC_TICK) continue;
        event++;
        if (e->kind == REC_FREE || e->kind == REC_REALLOC) {
            live -= all[e->block].size;
            all[e->block].node = REC_NONE;
        }
        if (e->kind == REC_ALLOC || e->kind == REC_REALLOC) {
            all[block] = (struct rec_live_block){.block = block, .size = e->size, .node = e->node};
            live += e->size;
            block++;
        }
        if (live == r->totals.peak_bytes && r->totals.peak_event == 0) r->totals.peak_event = event;
    }
    for (uint64_t b = 0; b < block; b++)
        if (all[b].node != REC_NONE) r->leaked[r->leaked_count++] = all[b];
    free(all);
}

static const char *const command[] = {"app", "two words", "\x1b[2J\xff", NULL};

struct rec_file *history_open(const char *text, uint32_t bucket) {
    struct rec_file *r = calloc(1, sizeof *r);
    struct parse p = {.r = r};
    r->module_count = 2;
    r->modules[1].path = "/home/me/app";
    r->thread_count = 1;
    r->threads[0] = (struct rec_thread){.tid = 100, .name = "app"};
    r->process = (struct rec_process){
        .pid = 100, .parent_pid = 1, .page_size = 4096, .executable = "/home/me/app",
        .working_directory = "/home/me", .command = command, .environment_names = command + 3,
        .host = "here", .kernel = "Linux", .clock = "counter"};
    r->totals.ended_how = REC_END_EXIT;
    r->node_count = 1;
    char *copy = strdup(text), *rest = copy;
    for (char *word; (word = strsep(&rest, " \n")) != NULL;)
        if (word[0] != '\0') parse_word(&p, word);
    end_chunk(&p, 0);
    free(copy);
    summarize(r, p.tick, bucket);
    find_leaks_and_peak(r);
    return r;
}

void history_close(struct rec_file *r) {
    for (size_t i = 0; i < r->string_count; i++) free(r->strings[i]);
    free(r);
}

uint32_t history_node(const struct rec_file *r, char letter) {
    return r->stack_of[(unsigned char)letter];
}

const struct rec_event *history_records(const struct rec_file *r, size_t *count) {
    *count = r->record_count;
    return r->records;
}

size_t history_chunks_decoded(const struct rec_file *r) {
    return atomic_load(&r->decoded);
}

/* The functions of recording/reader.h. */

#define TABLE(type, name, array, number)                                                           \
    const type *name(struct rec_file *r, size_t *count, struct failure *f) {                       \
        (void)f;                                                                                   \
        *count = r->number;                                                                        \
        return r->array;                                                                           \
    }
#define SMALL_TABLE(type, name, array, number)                                                     \
    const type *name(const struct rec_file *r, size_t *count) {                                    \
        *count = r->number;                                                                        \
        return r->array;                                                                           \
    }
TABLE(struct rec_node, rec_nodes, nodes, node_count)
TABLE(struct rec_address, rec_addresses, addresses, address_count)
TABLE(struct rec_node_totals, rec_node_totals, node_totals, totals_count)
TABLE(struct rec_live_block, rec_leaked, leaked, leaked_count)
SMALL_TABLE(struct rec_module, rec_modules, modules, module_count)
SMALL_TABLE(struct rec_thread, rec_threads, threads, thread_count)
SMALL_TABLE(struct rec_time_point, rec_timeline, points, point_count)
SMALL_TABLE(struct rec_chunk, rec_chunks, chunks, chunk_count)
SMALL_TABLE(struct rec_snapshot, rec_snapshots, snapshots, snapshot_count)

const struct rec_source *rec_source(const struct rec_file *r) {
    (void)r;
    return NULL;
}

int rec_knows(const struct rec_file *r, uint32_t what) {
    (void)r;
    (void)what;
    return 1;
}

const char *rec_damage(const struct rec_file *r) {
    (void)r;
    return NULL;
}

const struct rec_mark *rec_marks(const struct rec_file *r, size_t *count) {
    (void)r;
    *count = 0;
    return NULL;
}

const struct rec_forbidden *rec_forbidden(struct rec_file *r, size_t *count, struct failure *f) {
    static const struct rec_forbidden none[1];
    (void)r;
    (void)f;
    *count = 0;
    return none;
}

const char *rec_suppressions(const struct rec_file *r, const char **from) {
    (void)r;
    (void)from;
    return NULL;
}

const char *rec_version(const struct rec_file *r) {
    (void)r;
    return "history";
}

const struct rec_histogram *rec_sizes(const struct rec_file *r) {
    return &r->histogram;
}

const struct rec_histogram *rec_lifetimes(const struct rec_file *r) {
    return &r->histogram;
}

const struct rec_process *rec_process(const struct rec_file *r) {
    return &r->process;
}

const struct rec_totals *rec_totals(const struct rec_file *r) {
    return &r->totals;
}

const struct rec_frame *rec_frames(struct rec_file *r, uint32_t address, size_t *count,
                                   struct failure *f) {
    (void)f;
    *count = r->frame_counts[address];
    return r->frames[address];
}

int rec_chunk_decode(struct rec_file *r, size_t chunk, struct rec_event *events,
                     struct failure *f) {
    (void)f;
    atomic_fetch_add(&r->decoded, 1);
    memcpy(events, &r->records[r->chunk_start[chunk]], r->chunks[chunk].records * sizeof *events);
    return 0;
}

int rec_snapshot_load(struct rec_file *r, size_t snapshot, struct rec_node_totals **nodes,
                      size_t *node_count, struct rec_live_block **blocks, size_t *block_count,
                      struct failure *f) {
    (void)f;
    const struct rec_snapshot *s = &r->snapshots[snapshot];
    struct rec_file *before = calloc(1, sizeof *before);
    before->record_count = r->chunk_start[s->chunk];
    memcpy(before->records, r->records, before->record_count * sizeof r->records[0]);
    struct history_answer *a = malloc(sizeof *a);
    history_answer(a, before, 0, UINT64_MAX);
    find_leaks_and_peak(before);
    *nodes = malloc((a->count + 1) * sizeof **nodes);
    memcpy(*nodes, a->nodes, a->count * sizeof **nodes);
    *node_count = a->count;
    *blocks = malloc((before->leaked_count + 1) * sizeof **blocks);
    memcpy(*blocks, before->leaked, before->leaked_count * sizeof **blocks);
    *block_count = before->leaked_count;
    free(a);
    free(before);
    return 0;
}
