/* SPDX-License-Identifier: MIT
 * Replays a real stream of events through the writer and the reader, and prints what each column of
 * the file costs and what an event costs to encode and to decode.
 *
 * The stream is heaptrack's raw trace as text:
 *   heaptrack -r -o out PROGRAM…; zstd -dc out.raw.zst > out.txt; bench_recording out.txt
 *
 * heaptrack does not say which thread an event is of, nor which pairs of events are one realloc. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "recording/encoder.h"
#include "recording/recording_file.h"
#include "recording/replay.h"

struct stream {
    struct rec_event *events;
    uint32_t *nodes_before; /* nodes that are known when an event comes */
    size_t event_count, event_capacity;
    struct rec_node *nodes; /* `address` holds an index into ips */
    uint64_t *ips;
    size_t node_count, node_capacity;
    uint64_t *addresses; /* by block */
    uint32_t last_tick;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "bench_recording: %s\n", what);
    exit(1);
}

static void *grow(void *p, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return p;
    *capacity = *capacity == 0 ? 4096 : *capacity * 2;
    p = realloc(p, *capacity * size);
    if (p == NULL) die("out of memory");
    return p;
}

/* Address of a live block -> its number, open addressing with tombstones cleaned by rehashing. */
struct live {
    uint64_t *keys, *blocks;
    size_t count, capacity;
};

static size_t live_find(const struct live *l, uint64_t key) {
    size_t at = (key * 0x9e3779b97f4a7c15u) >> 20 & (l->capacity - 1);
    while (l->keys[at] != 0 && l->keys[at] != key) at = (at + 1) & (l->capacity - 1);
    return at;
}

static void live_put(struct live *l, uint64_t key, uint64_t block) {
    if (l->count * 2 >= l->capacity) {
        struct live bigger = {.capacity = l->capacity == 0 ? 1 << 16 : l->capacity * 4};
        bigger.keys = calloc(bigger.capacity, 8);
        bigger.blocks = calloc(bigger.capacity, 8);
        if (bigger.keys == NULL || bigger.blocks == NULL) die("out of memory");
        for (size_t i = 0; i < l->capacity; i++) {
            if (l->keys[i] == 0 || l->blocks[i] == REC_NO_BLOCK) continue;
            size_t at = live_find(&bigger, l->keys[i]);
            bigger.keys[at] = l->keys[i];
            bigger.blocks[at] = l->blocks[i];
            bigger.count++;
        }
        free(l->keys);
        free(l->blocks);
        *l = bigger;
    }
    size_t at = live_find(l, key);
    if (l->keys[at] == 0) l->count++;
    l->keys[at] = key;
    l->blocks[at] = block;
}

static void add_event(struct stream *s, struct rec_event e) {
    size_t capacity = s->event_capacity;
    s->nodes_before = grow(s->nodes_before, s->event_count, &capacity, sizeof *s->nodes_before);
    s->events = grow(s->events, s->event_count, &s->event_capacity, sizeof *s->events);
    s->nodes_before[s->event_count] = (uint32_t)s->node_count;
    s->events[s->event_count++] = e;
}

static void parse(struct stream *s, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) die("cannot open the stream");
    struct live live = {0};
    uint64_t blocks = 0;
    size_t ip_capacity = 0, address_capacity = 0;
    char line[4096];
    s->nodes = grow(s->nodes, 0, &s->node_capacity, sizeof *s->nodes);
    s->ips = grow(s->ips, 0, &ip_capacity, sizeof *s->ips);
    s->node_count = 1;
    while (fgets(line, sizeof line, file) != NULL) {
        char *at = line + 1;
        struct rec_event e = {0};
        uint64_t first = strtoull(at, &at, 16), second = strtoull(at, &at, 16);
        switch (line[0]) {
        case 't':
            s->nodes = grow(s->nodes, s->node_count, &s->node_capacity, sizeof *s->nodes);
            s->ips = grow(s->ips, s->node_count, &ip_capacity, sizeof *s->ips);
            s->nodes[s->node_count].parent = (uint32_t)second;
            s->ips[s->node_count++] = first;
            break;
        case '+':
            e = (struct rec_event){.kind = REC_ALLOC, .size = first, .node = (uint32_t)second,
                                   .block = blocks};
            s->addresses = grow(s->addresses, blocks, &address_capacity, sizeof *s->addresses);
            s->addresses[blocks] = strtoull(at, NULL, 16);
            live_put(&live, s->addresses[blocks], blocks);
            blocks++;
            add_event(s, e);
            break;
        case '-': {
            size_t found = live.capacity == 0 ? 0 : live_find(&live, first);
            if (live.capacity == 0 || live.keys[found] == 0 || live.blocks[found] == REC_NO_BLOCK) {
                e = (struct rec_event){.kind = REC_UNKNOWN_FREE, .size = first};
            } else {
                e = (struct rec_event){.kind = REC_FREE, .block = live.blocks[found]};
                live.blocks[found] = REC_NO_BLOCK;
            }
            add_event(s, e);
            break;
        }
        case 'c':
            if (first <= s->last_tick) break;
            s->last_tick = (uint32_t)first;
            add_event(s, (struct rec_event){.kind = REC_TICK, .size = first});
            break;
        default:
            break;
        }
    }
    fclose(file);
    free(live.keys);
    free(live.blocks);
}

static double seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void summarize(const struct stream *s, struct rec_summary *summary) {
    struct rec_replay_state state;
    struct failure f;
    if (rec_replay_init(&state, s->node_count, s->last_tick, &f) < 0 ||
        rec_replay_events(&state, s->events, s->event_count, &f) < 0)
        die(f.text);
    rec_replay_end(&state);
    memset(summary, 0, sizeof *summary);
    summary->totals = state.totals;
    summary->sizes = state.sizes;
    summary->lifetimes = state.lifetimes;
    summary->timeline = state.points;
    summary->timeline_count = state.point_count;
    state.points = NULL;
    if (rec_replay_nodes(&state, &summary->nodes, &summary->node_count, &f) < 0 ||
        rec_replay_blocks(&state, &summary->leaked, &summary->leaked_count, &f) < 0)
        die(f.text);
    for (size_t i = 0; i < summary->leaked_count; i++)
        summary->leaked[i].address = s->addresses[summary->leaked[i].block];
    rec_replay_release(&state);
}

static uint64_t write_stream(const struct stream *s, const char *path, const struct rec_summary *summary) {
    struct failure f;
    struct rec_encoder *e;
    struct rec_writer *w;
    const char *const command[] = {"bench", NULL};
    struct rec_process process = {.pid = 1, .executable = "/bench", .command = command, .clock = "tsc"};
    if (rec_encoder_start(&e, &f) < 0) die(f.text);
    if (rec_writer_open(&w, e, path, &process, &f) < 0) die(f.text);
    clockid_t encoder_clock;
    pthread_getcpuclockid(e->thread, &encoder_clock);
    rec_writer_thread(w, 1);
    double began = seconds_of(CLOCK_THREAD_CPUTIME_ID), wall = seconds_of(CLOCK_MONOTONIC);
    struct rec_event_buffer *b = rec_writer_events(w);
    uint32_t nodes = 1;
    for (size_t i = 0; i < s->event_count; i++) {
        for (; nodes < s->nodes_before[i]; nodes++)
            rec_writer_node(w, s->nodes[nodes].parent, 0, s->ips[nodes], 0, 0);
        rec_event_append(w, b, s->events[i]);
    }
    rec_writer_flush(w);
    double n = (double)s->event_count;
    printf("append   %6.1f ns an event on the caller's thread\n",
           (seconds_of(CLOCK_THREAD_CPUTIME_ID) - began) / n * 1e9);
    printf("encode   %6.1f ns an event on the encoder's thread (%.3f s; wall %.3f s)\n",
           seconds_of(encoder_clock) / n * 1e9, seconds_of(encoder_clock),
           seconds_of(CLOCK_MONOTONIC) - wall);
    uint64_t bytes;
    double before = seconds_of(encoder_clock);
    pthread_mutex_lock(&e->lock);
    pthread_mutex_unlock(&e->lock);
    if (rec_writer_close(w, summary, &bytes, &f) < 0) die(f.text);
    printf("finish   %6.3f s on the encoder's thread\n", seconds_of(encoder_clock) - before);
    rec_encoder_stop(e);
    return bytes;
}

static const char *const kind_names[REC_CHUNK_KINDS] = {
    "end", "process", "modules", "nodes", "threads", "events", "snapshot", "node totals",
    "live blocks", "strings", "symbols", "summary", "timeline", "index"};

static void print_columns(struct rec_file *r) {
    static struct { uint64_t count, raw, stored; } sum[REC_CHUNK_KINDS][64];
    uint64_t chunks[REC_CHUNK_KINDS] = {0}, bytes[REC_CHUNK_KINDS] = {0};
    for (size_t i = 0; i < r->place_count; i++) {
        uint8_t *data;
        struct rec_payload payload;
        struct failure f;
        if (rec_place_load(r, &r->places[i], 64, &data, &payload, &f) < 0) die(f.text);
        uint8_t kind = r->places[i].kind;
        chunks[kind]++;
        bytes[kind] += r->places[i].length;
        for (uint32_t k = 0; k < payload.count; k++) {
            uint8_t id = payload.columns[k].id & 63;
            sum[kind][id].raw += payload.columns[k].raw_length;
            sum[kind][id].stored += payload.columns[k].stored_length;
        }
        free(data);
    }
    for (int kind = 0; kind < REC_CHUNK_KINDS; kind++) {
        if (chunks[kind] == 0) continue;
        printf("%-12s %5llu chunks %10llu bytes\n", kind_names[kind],
               (unsigned long long)chunks[kind], (unsigned long long)bytes[kind]);
        for (int id = 0; id < 64; id++)
            if (sum[kind][id].raw != 0)
                printf("    column %2d  raw %10llu  stored %10llu\n", id,
                       (unsigned long long)sum[kind][id].raw,
                       (unsigned long long)sum[kind][id].stored);
    }
}

static void read_back(const struct stream *s, const char *path) {
    struct rec_file *r;
    struct failure f;
    double began = seconds_of(CLOCK_MONOTONIC);
    if (rec_open(&r, path, &f) < 0) die(f.text);
    printf("open     %6.2f ms%s%s\n", (seconds_of(CLOCK_MONOTONIC) - began) * 1e3,
           rec_damage(r) != NULL ? "; damage: " : "", rec_damage(r) != NULL ? rec_damage(r) : "");
    size_t chunks, count, at = 0;
    const struct rec_chunk *chunk = rec_chunks(r, &chunks);
    began = seconds_of(CLOCK_MONOTONIC);
    if (rec_nodes(r, &count, &f) == NULL) die(f.text);
    printf("nodes    %6.2f ms for %zu\n", (seconds_of(CLOCK_MONOTONIC) - began) * 1e3, count);
    struct rec_event *events = malloc(REC_CHUNK_ENTRIES_MAX * sizeof *events);
    if (events == NULL) die("out of memory");
    double spent = 0;
    for (size_t i = 0; i < chunks; i++) {
        began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        if (rec_chunk_decode(r, i, events, &f) < 0) die(f.text);
        spent += seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
        if (memcmp(events, s->events + at, chunk[i].records * sizeof *events) != 0)
            die("the events read differ from those written");
        at += chunk[i].records;
    }
    if (at != s->event_count) die("events are missing");
    printf("decode   %6.1f ns an event (%.1f million a second)\n", spent / (double)at * 1e9,
           (double)at / spent / 1e6);
    print_columns(r);
    free(events);
    rec_close(r);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: bench_recording STREAM.txt [OUT]\n");
        return 2;
    }
    const char *path = argc > 2 ? argv[2] : "/tmp/bench_recording.heapwise";
    struct stream s = {0};
    struct rec_summary summary;
    parse(&s, argv[1]);
    printf("stream   %zu events, %zu nodes\n", s.event_count, s.node_count);
    summarize(&s, &summary);
    uint64_t bytes = write_stream(&s, path, &summary);
    printf("file     %llu bytes, %.3f an event\n", (unsigned long long)bytes,
           (double)bytes / (double)s.event_count);
    read_back(&s, path);
    return 0;
}
