/* SPDX-License-Identifier: MIT
 * What is loaded from a recording on demand: events, nodes, totals, snapshots, symbols. */
#include <stdio.h>

#include "recording/recording_file.h"

/* Each kind of chunk has fewer columns; its own reader asks for those it knows. */
#define TABLE_COLUMNS 32

static struct rec_event_decoder *take_decoder(struct rec_file *r) {
    pthread_mutex_lock(&r->decoders_lock);
    struct rec_event_decoder *x = r->decoders;
    if (x != NULL) r->decoders = x->next;
    pthread_mutex_unlock(&r->decoders_lock);
    return x != NULL ? x : calloc(1, sizeof *x);
}

static void put_decoder(struct rec_file *r, struct rec_event_decoder *x) {
    pthread_mutex_lock(&r->decoders_lock);
    x->next = r->decoders;
    r->decoders = x;
    pthread_mutex_unlock(&r->decoders_lock);
}

int rec_chunk_decode(struct rec_file *r, size_t chunk, struct rec_event *events, struct failure *f) {
    if (chunk >= r->chunk_count) return failure_set(f, "there is no chunk %zu of events", chunk);
    const struct rec_chunk *expected = &r->chunks[chunk];
    const struct rec_chunk_place *place = &r->places[r->chunk_places[chunk]];
    uint8_t *data;
    struct rec_payload payload;
    struct rec_event_facts facts;
    struct failure why;
    if (rec_place_load(r, place, REC_EVENTS_COLUMNS, &data, &payload, f) < 0) return -1;
    int result = rec_event_head_read(&payload, &facts, &why);
    if (result == 0 && (facts.records != expected->records || facts.events != expected->events ||
                        facts.first_block != expected->first_block ||
                        facts.first_event != expected->first_event ||
                        facts.first_tick != expected->first_tick ||
                        facts.last_tick != expected->last_tick ||
                        facts.first_thread != expected->first_thread))
        result = failure_set(&why, "the index says something else of it");
    struct rec_event_decoder *x = result == 0 ? take_decoder(r) : NULL;
    if (result == 0)
        result = x == NULL ? failure_set(&why, "out of memory")
                           : rec_events_decode(x, &payload, &facts, events, &why);
    if (x != NULL) put_decoder(r, x);
    free(data);
    if (result < 0)
        failure_set(f, "the events in the chunk at byte %llu are damaged: %s",
                    (unsigned long long)place->offset, why.text);
    return result;
}

static int chunk_failed(const struct rec_chunk_place *place, const struct failure *why,
                        struct failure *f) {
    return failure_set(f, "the chunk at byte %llu is damaged: %s", (unsigned long long)place->offset,
                       why->text);
}

/* Loads a table if nobody has yet; who asks while another thread loads it waits. `load` runs under
 * the lock, so it asks for no other table by this. */
static int load_once(struct rec_file *r, enum rec_loaded table,
                     int (*load)(struct rec_file *r, struct failure *f), struct failure *f) {
    if (atomic_load_explicit(&r->loaded, memory_order_acquire) & table) return 0;
    pthread_mutex_lock(&r->loading);
    int is_loaded = atomic_load_explicit(&r->loaded, memory_order_relaxed) & table;
    int result = is_loaded ? 0 : load(r, f);
    if (result == 0) atomic_fetch_or_explicit(&r->loaded, table, memory_order_release);
    pthread_mutex_unlock(&r->loading);
    return result;
}

static int read_nodes(struct rec_file *r, struct failure *f) {
    /* Begin anew, also after a failure: the state of the model is part of the table. */
    rec_nodes_release(&r->nodes);
    if (rec_nodes_init(&r->nodes) < 0) return failure_set(f, "out of memory");
    for (size_t i = 0; i < r->place_count; i++) {
        if (r->places[i].kind != REC_CHUNK_NODES) continue;
        uint8_t *data;
        struct rec_payload payload;
        struct failure why;
        if (rec_place_load(r, &r->places[i], TABLE_COLUMNS, &data, &payload, f) < 0) return -1;
        int result = rec_nodes_read(&r->nodes, &payload, r->modules.count, &why);
        free(data);
        if (result < 0) return chunk_failed(&r->places[i], &why, f);
    }
    return 0;
}

static int load_nodes(struct rec_file *r, struct failure *f) {
    return load_once(r, REC_LOADED_NODES, read_nodes, f);
}

const struct rec_node *rec_nodes(struct rec_file *r, size_t *count, struct failure *f) {
    if (load_nodes(r, f) < 0) return NULL;
    *count = r->nodes.node_count;
    return r->nodes.nodes;
}

const struct rec_address *rec_addresses(struct rec_file *r, size_t *count, struct failure *f) {
    if (load_nodes(r, f) < 0) return NULL;
    *count = r->nodes.address_count;
    return r->nodes.addresses;
}

/* Reads the tables of `owner` among the places from `first` on, up to the first chunk of events or
 * snapshot. A table that is NULL is passed over. */
static int load_state(struct rec_file *r, size_t first, uint32_t owner,
                      struct rec_node_totals_table *totals, struct rec_live_table *blocks,
                      struct failure *f) {
    for (size_t i = first; i < r->place_count; i++) {
        const struct rec_chunk_place *place = &r->places[i];
        int is_totals = place->kind == REC_CHUNK_NODE_TOTALS && totals != NULL;
        int is_blocks = place->kind == REC_CHUNK_LIVE_BLOCKS && blocks != NULL;
        if (owner != REC_OWNER_END &&
            (place->kind == REC_CHUNK_EVENTS || place->kind == REC_CHUNK_SNAPSHOT))
            break;
        if (!is_totals && !is_blocks) continue;
        uint8_t *data;
        struct rec_payload payload;
        struct failure why;
        uint32_t whose;
        if (rec_place_load(r, place, TABLE_COLUMNS, &data, &payload, f) < 0) return -1;
        size_t count = is_totals ? totals->count : blocks->count;
        int result = is_totals ? rec_node_totals_read(totals, &whose, &payload, &why)
                               : rec_live_blocks_read(blocks, &whose, &payload, &why);
        free(data);
        if (result < 0) return chunk_failed(place, &why, f);
        if (whose != owner) *(is_totals ? &totals->count : &blocks->count) = count;
    }
    return 0;
}

/* The tables of the end come after all events and snapshots. */
static size_t first_place_of_end(const struct rec_file *r) {
    size_t first = r->chunk_count == 0 ? 0 : r->chunk_places[r->chunk_count - 1] + 1;
    size_t after = r->snapshot_count == 0 ? 0 : r->snapshot_places[r->snapshot_count - 1] + 1;
    return first > after ? first : after;
}

/* Callers may index by node without asking again. The nodes are loaded. */
static int check_nodes(const struct rec_file *r, const struct rec_node_totals *totals,
                       size_t total_count, const struct rec_live_block *blocks, size_t block_count,
                       struct failure *f) {
    for (size_t i = 0; i < total_count; i++)
        if (totals[i].node >= r->nodes.node_count || (i > 0 && totals[i].node <= totals[i - 1].node))
            return failure_set(f, "the totals of nodes are damaged: there is no node %u",
                               totals[i].node);
    for (size_t i = 0; i < block_count; i++)
        if (blocks[i].node >= r->nodes.node_count || (i > 0 && blocks[i].block <= blocks[i - 1].block))
            return failure_set(f, "the live blocks are damaged: entry %zu", i);
    return 0;
}

/* An empty table is not a failure: it has an array, too. */
static int room_for_none(void **entries, size_t *capacity, size_t size, struct failure *f) {
    return rec_table_reserve(entries, capacity, 0, 1, size, f);
}

static int read_node_totals(struct rec_file *r, struct failure *f) {
    struct rec_node_totals_table *t = &r->node_totals;
    t->count = 0; /* of an attempt that failed */
    if (load_state(r, first_place_of_end(r), REC_OWNER_END, t, NULL, f) < 0 ||
        check_nodes(r, t->entries, t->count, NULL, 0, f) < 0)
        return -1;
    return room_for_none((void **)&t->entries, &t->capacity, sizeof *t->entries, f);
}

const struct rec_node_totals *rec_node_totals(struct rec_file *r, size_t *count, struct failure *f) {
    if (load_nodes(r, f) < 0 || load_once(r, REC_LOADED_NODE_TOTALS, read_node_totals, f) < 0)
        return NULL;
    *count = r->node_totals.count;
    return r->node_totals.entries;
}

static int read_leaked(struct rec_file *r, struct failure *f) {
    struct rec_live_table *t = &r->leaked;
    t->count = 0;
    if (load_state(r, first_place_of_end(r), REC_OWNER_END, NULL, t, f) < 0 ||
        check_nodes(r, NULL, 0, t->entries, t->count, f) < 0)
        return -1;
    return room_for_none((void **)&t->entries, &t->capacity, sizeof *t->entries, f);
}

const struct rec_live_block *rec_leaked(struct rec_file *r, size_t *count, struct failure *f) {
    if (load_nodes(r, f) < 0 || load_once(r, REC_LOADED_LEAKED, read_leaked, f) < 0) return NULL;
    *count = r->leaked.count;
    return r->leaked.entries;
}

int rec_snapshot_load(struct rec_file *r, size_t snapshot, struct rec_node_totals **nodes,
                      size_t *node_count, struct rec_live_block **blocks, size_t *block_count,
                      struct failure *f) {
    if (snapshot >= r->snapshot_count) return failure_set(f, "there is no snapshot %zu", snapshot);
    struct rec_node_totals_table totals = {0};
    struct rec_live_table live = {0};
    if (load_nodes(r, f) < 0 ||
        load_state(r, r->snapshot_places[snapshot] + 1, (uint32_t)snapshot, &totals, &live, f) < 0 ||
        check_nodes(r, totals.entries, totals.count, live.entries, live.count, f) < 0) {
        free(totals.entries);
        free(live.entries);
        return -1;
    }
    *nodes = totals.entries;
    *node_count = totals.count;
    *blocks = live.entries;
    *block_count = live.count;
    return 0;
}

static int read_symbols(struct rec_file *r, struct failure *f) {
    rec_strings_release(&r->strings);
    rec_symbols_release(&r->symbols);
    if (rec_strings_init(&r->strings) < 0 || rec_symbols_init(&r->symbols) < 0)
        return failure_set(f, "out of memory");
    for (size_t i = 0; i < r->place_count; i++) {
        int kind = r->places[i].kind;
        if (kind != REC_CHUNK_STRINGS && kind != REC_CHUNK_SYMBOLS) continue;
        uint8_t *data;
        struct rec_payload payload;
        struct failure why;
        if (rec_place_load(r, &r->places[i], TABLE_COLUMNS, &data, &payload, f) < 0) return -1;
        int result = kind == REC_CHUNK_STRINGS
                         ? rec_strings_read(&r->strings, &payload, &why)
                         : rec_symbols_read(&r->symbols, &r->strings, &payload, &why);
        free(data);
        if (result < 0) return chunk_failed(&r->places[i], &why, f);
    }
    return 0;
}

/* Frames given from outside are kept just as stored ones are: strings in the string table. */
int rec_set_symbols(struct rec_file *r, const uint32_t *first, const struct rec_frame *frames,
                    size_t address_count, struct failure *f) {
    struct rec_string_table *s = &r->strings;
    struct rec_symbol_table *t = &r->symbols;
    rec_strings_release(s);
    rec_symbols_release(t);
    if (rec_strings_init(s) < 0 || rec_symbols_init(t) < 0) return failure_set(f, "out of memory");
    size_t frame_count = address_count == 0 ? 0 : first[address_count];
    size_t bytes = 0;
    for (size_t i = 0; i < frame_count; i++) {
        if (frames[i].function != NULL) bytes += strlen(frames[i].function) + 1;
        if (frames[i].file != NULL) bytes += strlen(frames[i].file) + 1;
    }
    char *at = malloc(bytes + 1);
    if (at == NULL || rec_table_reserve((void **)&s->storage, &s->storage_capacity, 0, 1,
                                        sizeof *s->storage, f) < 0) {
        free(at);
        return failure_set(f, "out of memory for the symbols");
    }
    s->storage[s->storage_count++] = (uint8_t *)at;
    if (rec_table_reserve((void **)&t->first, &t->first_capacity, 0, address_count + 1,
                          sizeof *t->first, f) < 0 ||
        rec_table_reserve((void **)&t->frames, &t->frame_capacity, 0, frame_count + 1,
                          sizeof *t->frames, f) < 0)
        return -1;
    if (address_count > 0) memcpy(t->first, first, (address_count + 1) * sizeof *first);
    for (size_t i = 0; i < frame_count; i++) {
        struct rec_frame *frame = &t->frames[i];
        *frame = frames[i];
        const char **strings[2] = {&frame->function, &frame->file};
        for (int k = 0; k < 2; k++) {
            if (*strings[k] == NULL) continue;
            size_t length = strlen(*strings[k]) + 1;
            memcpy(at, *strings[k], length);
            *strings[k] = at;
            at += length;
        }
    }
    t->address_count = address_count;
    t->frame_count = frame_count;
    r->has_symbols = 1;
    atomic_fetch_or_explicit(&r->loaded, REC_LOADED_SYMBOLS, memory_order_release);
    return 0;
}

/* The frame of an address that stands for a pool, or NULL. */
static const struct rec_frame *pool_frame(struct rec_file *r, uint32_t address, struct failure *f) {
    if (load_nodes(r, f) < 0 || address >= r->nodes.address_count) return NULL;
    const struct rec_address *a = &r->nodes.addresses[address];
    if (a->module != 0 || a->address - REC_ADDRESS_POOLS > REC_POOLS_MAX) return NULL;
    for (size_t i = 0; i < r->marks.pool_count; i++)
        if (r->marks.pools[i].number == a->address - REC_ADDRESS_POOLS) return &r->pool_frames[i];
    return NULL;
}

const struct rec_forbidden *rec_forbidden(struct rec_file *r, size_t *count, struct failure *f) {
    static const struct rec_forbidden none[1];
    *count = r->marks.forbidden_count;
    if (*count == 0) return none;
    if (load_nodes(r, f) < 0) return NULL;
    for (size_t i = 0; i < *count; i++)
        if (r->marks.forbidden[i].node >= r->nodes.node_count) {
            failure_set(f, "the forbidden allocations are damaged: there is no node %u",
                        r->marks.forbidden[i].node);
            return NULL;
        }
    return r->marks.forbidden;
}

const struct rec_frame *rec_frames(struct rec_file *r, uint32_t address, size_t *count,
                                   struct failure *f) {
    if (load_once(r, REC_LOADED_SYMBOLS, read_symbols, f) < 0) return NULL;
    const struct rec_symbol_table *t = &r->symbols;
    *count = 1;
    if (r->marks.pool_count > 0) {
        const struct rec_frame *pool = pool_frame(r, address, f);
        if (pool != NULL) return pool;
    }
    if (address >= t->address_count || t->first[address] == t->first[address + 1])
        return &r->unknown_frame;
    *count = t->first[address + 1] - t->first[address];
    return &t->frames[t->first[address]];
}
