/* SPDX-License-Identifier: MIT
 * Makes the recording of an imported file. See target.h. */
#include "import/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/location.h"
#include "import/numbers.h"
#include "recording/replay.h"
#include "recording/writer.h"

#define BATCH_EVENTS 8192
/* A snapshot costs as much as so many events for each thing that it lists. */
#define SNAPSHOT_RATIO 16
#define SNAPSHOT_EVENTS_MIN (1u << 20)
#define NODES_MAX (1u << 30)

struct module {
    char *path;
    uint64_t bias;
};

struct im_target {
    struct rec_encoder *encoder;
    struct rec_writer *writer;
    int failed;
    struct failure failure;
    int has_events;
    struct rec_replay_state replay;
    struct rec_event batch[BATCH_EVENTS];
    size_t batched;
    uint64_t next_block, peak_rss, tick, events_at_snapshot;
    struct im_locations locations;
    int has_symbols;
    struct module *modules;
    size_t module_count, module_capacity;
    uint32_t node_count;
    uint32_t *location_of; /* by node, for children alone */
    uint32_t *parent_of;
    size_t node_capacity;
    uint32_t *children; /* (parent, location) -> node, open addressing, 0 is free */
    size_t child_slots, child_count;
    struct rec_node_totals *sums; /* by node */
    size_t sum_capacity;
    struct rec_time_point *points;
    size_t point_count, point_capacity;
    struct rec_totals totals;
};

static void fail(struct im_target *t, const char *why) {
    if (t->failed) return;
    t->failed = 1;
    failure_set(&t->failure, "%s", why);
}

/* Makes room for entry `index`; what is new is zero. */
static int reserve(struct im_target *t, void **array, size_t *capacity, size_t index,
                   size_t entry) {
    if (index < *capacity) return 0;
    size_t wanted = *capacity + *capacity / 2;
    if (wanted <= index) wanted = index + 64;
    char *grown = realloc(*array, wanted * entry);
    if (grown == NULL) {
        fail(t, "out of memory");
        return -1;
    }
    memset(grown + *capacity * entry, 0, (wanted - *capacity) * entry);
    *array = grown;
    *capacity = wanted;
    return 0;
}

int im_target_open(struct im_target **out, const char *path, const struct rec_process *process,
                   struct failure *f) {
    struct im_target *t = calloc(1, sizeof *t);
    if (t == NULL) return failure_set(f, "out of memory");
    t->has_events = (process->source->known & REC_KNOWS_EVENTS) != 0;
    t->node_count = 1;
    if (rec_replay_init(&t->replay, 1, 0, f) < 0) {
        free(t);
        return -1;
    }
    if (rec_encoder_start(&t->encoder, f) < 0) {
        rec_replay_release(&t->replay);
        free(t);
        return -1;
    }
    if (rec_writer_open(&t->writer, t->encoder, path, process, f) < 0) {
        rec_encoder_stop(t->encoder);
        rec_replay_release(&t->replay);
        free(t);
        return -1;
    }
    /* Events are of thread 0 until another is named; where threads are not known that is all of
     * them. */
    if (t->has_events) rec_writer_thread(t->writer, 0);
    *out = t;
    return 0;
}

static void release(struct im_target *t) {
    rec_encoder_stop(t->encoder);
    rec_replay_release(&t->replay);
    im_locations_release(&t->locations);
    for (size_t i = 0; i < t->module_count; i++)
        free(t->modules[i].path);
    free(t->modules);
    free(t->location_of);
    free(t->parent_of);
    free(t->children);
    free(t->sums);
    free(t->points);
    free(t);
}

uint32_t im_target_module(struct im_target *t, const char *path, uint64_t bias) {
    if (path == NULL || path[0] == '\0') return 0;
    for (size_t i = 0; i < t->module_count; i++)
        if (t->modules[i].bias == bias && strcmp(t->modules[i].path, path) == 0)
            return (uint32_t)i + 1;
    if (reserve(t, (void **)&t->modules, &t->module_capacity, t->module_count,
                sizeof *t->modules) != 0)
        return 0;
    char *copy = strdup(path);
    if (copy == NULL) {
        fail(t, "out of memory");
        return 0;
    }
    t->modules[t->module_count++] = (struct module){copy, bias};
    struct rec_module module = {.path = copy, .start = bias, .end = bias, .bias = bias};
    return rec_writer_module(t->writer, &module);
}

/* "libx.so+0x12ab" is how many tools, heapwise among them, write code without a name into formats
 * that have nothing but names. Returns the length of the module's name, or 0. */
static size_t take_nameless(const char *function, uint64_t *address) {
    const char *plus = function != NULL ? strrchr(function, '+') : NULL;
    if (plus == NULL || plus == function || strncmp(plus, "+0x", 3) != 0) return 0;
    const char *at = plus + 3;
    return im_take_hex(&at, address) == 0 && *at == '\0' ? (size_t)(plus - function) : 0;
}

uint32_t im_target_location(struct im_target *t, uint32_t module, uint64_t address,
                            const struct rec_frame *frames, size_t count) {
    static const struct rec_frame nameless = {0};
    uint64_t offset;
    size_t length = count == 1 ? take_nameless(frames[0].function, &offset) : 0;
    if (length > 0 && length < 256) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)length, frames[0].function);
        if (module == 0) module = im_target_module(t, name, 0);
        if (address == 0) address = offset;
        frames = &nameless;
    }
    uint32_t location = im_locations_add(&t->locations, module, address, 1, frames, count);
    if (location == REC_NONE) {
        fail(t, "out of memory");
        return 0;
    }
    t->has_symbols = 1;
    return location;
}

uint32_t im_target_address(struct im_target *t, uint32_t module, uint64_t address, int exact) {
    /* The special addresses of the format are never the file's own. */
    if (address < IM_ADDRESS_MADE_UP) address = IM_ADDRESS_MADE_UP;
    uint32_t location = im_locations_add(&t->locations, module, address, exact, NULL, 0);
    if (location != REC_NONE) return location;
    fail(t, "out of memory");
    return 0;
}

uint32_t im_target_node(struct im_target *t, uint32_t parent, uint32_t location) {
    if (parent >= t->node_count || location >= t->locations.count || t->node_count >= NODES_MAX) {
        fail(t, t->node_count >= NODES_MAX ? "it has too many call stacks" : "out of memory");
        return 0;
    }
    const struct im_location *x = &t->locations.list[location];
    uint32_t node = rec_writer_node(t->writer, parent, x->module, x->address, (int)x->exact, 0);
    t->node_count = node + 1;
    return node;
}

static size_t child_slot(const struct im_target *t, uint32_t parent, uint32_t location) {
    uint64_t h = ((uint64_t)parent << 32 | location) * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ (h >> 31)) & (t->child_slots - 1);
}

static int grow_children(struct im_target *t) {
    uint32_t *old = t->children;
    size_t old_slots = t->child_slots, slots = old_slots == 0 ? 1024 : old_slots * 2;
    uint32_t *children = calloc(slots, sizeof *children);
    if (children == NULL) {
        fail(t, "out of memory");
        return -1;
    }
    t->children = children;
    t->child_slots = slots;
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i] == 0) continue;
        size_t at = child_slot(t, t->parent_of[old[i]], t->location_of[old[i]]);
        while (children[at] != 0)
            at = (at + 1) & (slots - 1);
        children[at] = old[i];
    }
    free(old);
    return 0;
}

uint32_t im_target_child(struct im_target *t, uint32_t parent, uint32_t location) {
    if (t->child_count * 2 >= t->child_slots && grow_children(t) != 0) return 0;
    size_t at = child_slot(t, parent, location);
    for (; t->children[at] != 0; at = (at + 1) & (t->child_slots - 1)) {
        uint32_t node = t->children[at];
        if (t->parent_of[node] == parent && t->location_of[node] == location) return node;
    }
    size_t capacity = t->node_capacity;
    if (reserve(t, (void **)&t->parent_of, &capacity, t->node_count, sizeof *t->parent_of) != 0 ||
        reserve(t, (void **)&t->location_of, &t->node_capacity, t->node_count,
                sizeof *t->location_of) != 0)
        return 0;
    uint32_t node = im_target_node(t, parent, location);
    if (node == 0) return 0;
    t->parent_of[node] = parent;
    t->location_of[node] = location;
    t->children[at] = node;
    t->child_count++;
    return node;
}

static void snapshot(struct im_target *t) {
    struct rec_node_totals *nodes = NULL;
    struct rec_live_block *blocks = NULL;
    size_t node_count, block_count;
    if (rec_replay_nodes(&t->replay, &nodes, &node_count, &t->failure) < 0 ||
        rec_replay_blocks(&t->replay, &blocks, &block_count, &t->failure) < 0) {
        free(nodes);
        t->failed = 1;
        return;
    }
    for (size_t i = 0; i < node_count; i++)
        nodes[i].peak_blocks = nodes[i].peak_bytes = 0;
    rec_writer_snapshot(t->writer, nodes, node_count, blocks, block_count);
    t->events_at_snapshot = t->replay.totals.events;
}

static void flush(struct im_target *t) {
    size_t count = t->batched;
    t->batched = 0;
    if (t->failed || count == 0) return;
    if (rec_replay_grow(&t->replay, t->node_count, &t->failure) < 0 ||
        rec_replay_events(&t->replay, t->batch, count, &t->failure) < 0) {
        t->failed = 1;
        return;
    }
    struct rec_event_buffer *b = rec_writer_events(t->writer);
    for (size_t i = 0; i < count; i++)
        rec_event_append(t->writer, b, t->batch[i]);
    uint64_t since = t->replay.totals.events - t->events_at_snapshot;
    if (since >= SNAPSHOT_EVENTS_MIN &&
        since >= SNAPSHOT_RATIO * (t->replay.live_blocks + t->node_count))
        snapshot(t);
}

static void append(struct im_target *t, const struct rec_event *e) {
    if (t->batched == BATCH_EVENTS) flush(t);
    t->batch[t->batched++] = *e;
}

void im_target_event(struct im_target *t, enum rec_kind kind, uint64_t size, uint64_t block,
                     uint32_t node) {
    append(t,
           &(struct rec_event){.size = size, .block = block, .node = node, .kind = (uint8_t)kind});
    t->next_block += kind == REC_ALLOC || kind == REC_REALLOC;
}

uint64_t im_target_next_block(const struct im_target *t) {
    return t->next_block;
}

void im_target_time(struct im_target *t, uint64_t ms) {
    if (ms <= t->tick) return;
    t->tick = ms < UINT32_MAX ? ms : UINT32_MAX;
    append(t, &(struct rec_event){.size = t->tick, .kind = REC_TICK});
}

void im_target_rss(struct im_target *t, uint64_t bytes) {
    flush(t);
    t->replay.rss_bytes = bytes;
    if (bytes > t->peak_rss) t->peak_rss = bytes;
}

void im_target_add(struct im_target *t, const struct rec_node_totals *totals) {
    if (reserve(t, (void **)&t->sums, &t->sum_capacity, totals->node, sizeof *t->sums) != 0) return;
    struct rec_node_totals *own = &t->sums[totals->node];
    own->node = totals->node;
#define ADD(field)                                                                                 \
    if (__builtin_add_overflow(own->field, totals->field, &own->field) || own->field > INT64_MAX)  \
        fail(t, "its figures are impossibly large");
    ADD(allocations)
    ADD(allocated_bytes)
    ADD(temporary)
    ADD(temporary_bytes)
    ADD(failed) ADD(live_blocks) ADD(live_bytes) ADD(peak_blocks) ADD(peak_bytes)
#undef ADD
}

void im_target_point(struct im_target *t, const struct rec_time_point *point) {
    if (t->point_count > 0 && point->tick < t->points[t->point_count - 1].tick) return;
    if (reserve(t, (void **)&t->points, &t->point_capacity, t->point_count, sizeof *t->points) != 0)
        return;
    t->points[t->point_count++] = *point;
}

void im_target_suppressions(struct im_target *t, const char *text, const char *from) {
    rec_writer_suppressions(t->writer, text, from);
}

struct rec_totals *im_target_totals(struct im_target *t) {
    return &t->totals;
}

/* The frames of all addresses, in the order of the recording's own table. */
static void write_symbols(struct im_target *t) {
    size_t count, frame_count = 0;
    rec_writer_flush(t->writer);
    const struct rec_address *addresses = rec_writer_addresses(t->writer, &count);
    if (!t->has_symbols) return;
    const struct im_locations *l = &t->locations;
    uint32_t *first = malloc((count + 1) * sizeof *first);
    struct rec_frame *frames = malloc((l->frame_count + 1) * sizeof *frames);
    if (first == NULL || frames == NULL) {
        fail(t, "out of memory");
    } else {
        for (size_t i = 0; i < count; i++) {
            const struct im_location *x =
                im_locations_find(l, addresses[i].module, addresses[i].address, addresses[i].exact);
            first[i] = (uint32_t)frame_count;
            if (x == NULL || x->count == 0) continue;
            memcpy(frames + frame_count, l->frames + x->first, x->count * sizeof *frames);
            frame_count += x->count;
        }
        first[count] = (uint32_t)frame_count;
        rec_writer_symbols(t->writer, first, frames, count);
    }
    free(first);
    free(frames);
}

/* What the events came to. */
static void sum_events(struct im_target *t, struct rec_summary *s) {
    flush(t);
    rec_replay_end(&t->replay);
    struct rec_totals own = t->totals;
    s->totals = t->replay.totals;
    s->totals.ended_how = own.ended_how;
    s->totals.peak_rss_bytes = t->peak_rss;
    if (own.duration_ms > s->totals.duration_ms) s->totals.duration_ms = own.duration_ms;
    s->sizes = t->replay.sizes;
    s->lifetimes = t->replay.lifetimes;
    s->timeline = t->replay.points;
    s->timeline_count = t->replay.point_count;
    if (!t->failed &&
        (rec_replay_nodes(&t->replay, &s->nodes, &s->node_count, &t->failure) < 0 ||
         rec_replay_blocks(&t->replay, &s->leaked, &s->leaked_count, &t->failure) < 0))
        t->failed = 1;
}

/* What the file says of its call stacks, and their sums. */
static void sum_totals(struct im_target *t, struct rec_summary *s) {
    s->totals = t->totals;
    s->timeline = t->points;
    s->timeline_count = t->point_count;
    s->nodes = malloc((t->sum_capacity + 1) * sizeof *s->nodes);
    if (s->nodes == NULL) {
        fail(t, "out of memory");
        return;
    }
    struct rec_node_totals sum = {0};
    for (size_t i = 0; i < t->sum_capacity; i++) {
        const struct rec_node_totals *own = &t->sums[i];
        if ((own->allocations | own->allocated_bytes | own->temporary | own->temporary_bytes |
             own->failed | own->live_blocks | own->live_bytes | own->peak_blocks |
             own->peak_bytes) == 0)
            continue;
        s->nodes[s->node_count] = *own;
        s->nodes[s->node_count++].node = (uint32_t)i;
#define ADD(field)                                                                                 \
    if (__builtin_add_overflow(sum.field, own->field, &sum.field))                                 \
        fail(t, "its figures are impossibly large");
        ADD(allocations)
        ADD(allocated_bytes)
        ADD(temporary)
        ADD(temporary_bytes)
        ADD(failed) ADD(live_blocks) ADD(live_bytes) ADD(peak_blocks) ADD(peak_bytes)
#undef ADD
    }
    s->totals.allocations = sum.allocations;
    s->totals.allocated_bytes = sum.allocated_bytes;
    s->totals.temporary = sum.temporary;
    s->totals.temporary_bytes = sum.temporary_bytes;
    s->totals.failed = sum.failed;
    s->totals.leaked_blocks = sum.live_blocks;
    s->totals.leaked_bytes = sum.live_bytes;
    s->totals.peak_blocks = sum.peak_blocks;
    s->totals.peak_bytes = sum.peak_bytes;
}

int im_target_finish(struct im_target *t, struct failure *f) {
    struct rec_summary s = {0};
    struct failure closing;
    if (t->has_events)
        sum_events(t, &s);
    else
        sum_totals(t, &s);
    write_symbols(t);
    int closed = rec_writer_close(t->writer, &s, NULL, &closing);
    int result = 0;
    if (t->failed)
        result = failure_set(f, "%s", t->failure.text);
    else if (closed < 0)
        result = failure_set(f, "%s", closing.text);
    free(s.nodes);
    free(s.leaked);
    release(t);
    return result;
}

void im_target_give_up(struct im_target *t) {
    if (t == NULL) return;
    struct rec_summary s = {0};
    rec_writer_close(t->writer, &s, NULL, NULL);
    release(t);
}
