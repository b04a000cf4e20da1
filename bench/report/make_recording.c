/* SPDX-License-Identifier: MIT
 * Writes a large recording of made-up events, to measure what questions cost: `make_recording FILE
 * EVENTS`. Snapshots are as frequent as the recorder's own. Half of the events are births; the heap
 * grows and shrinks in waves, highest at three quarters of the run; four threads take turns.
 *
 * It keeps the same books as the recorder in a plainer way, and is deterministic. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/writer.h"

enum {
    NODES = 200000,       /* call stacks, of which the later two thirds allocate */
    ADDRESSES = 40000,
    DEPTH_MAX = 60,
    LIVE_MAX = 400000,
    THREADS = 4,
    EVENTS_IN_TICK = 1500,
    EVENTS_IN_TURN = 300, /* of a thread */
    EVENTS_IN_SNAPSHOT = 4 << 20,
    POINTS = 4096
};

struct live {
    uint64_t block, size;
    uint32_t node;
};

struct books {
    struct rec_writer *writer;
    struct rec_event_buffer *buffer;
    struct rec_node_totals totals[NODES];
    uint32_t epochs[NODES];
    uint32_t peak_epoch;
    struct live live[LIVE_MAX];
    size_t live_count;
    uint64_t live_bytes, next_block, last_birth[THREADS];
    uint32_t thread, tick;
    struct rec_summary summary;
    struct rec_time_point points[POINTS];
    uint64_t state;
};

static uint64_t next(struct books *b) {
    b->state ^= b->state << 13;
    b->state ^= b->state >> 7;
    b->state ^= b->state << 17;
    return b->state;
}

static void append(struct books *b, enum rec_kind kind, uint64_t size, uint64_t block, uint32_t node) {
    rec_event_append(b->writer, b->buffer,
                     (struct rec_event){.size = size, .block = block, .node = node, .kind = kind});
}

static struct rec_node_totals *touch(struct books *b, uint32_t node) {
    struct rec_node_totals *t = &b->totals[node];
    if (b->epochs[node] != b->peak_epoch) {
        b->epochs[node] = b->peak_epoch;
        t->peak_blocks = t->live_blocks;
        t->peak_bytes = t->live_bytes;
    }
    return t;
}

static void bear(struct books *b) {
    struct rec_totals *all = &b->summary.totals;
    /* Few stacks allocate most. */
    uint32_t node = NODES / 3 + (uint32_t)(next(b) % (1 + next(b) % (NODES - NODES / 3 - 1)));
    uint64_t size = 8 + next(b) % 16 * (1 + next(b) % 32);
    struct rec_node_totals *t = touch(b, node);
    append(b, REC_ALLOC, size, 0, node);
    t->allocations++;
    t->allocated_bytes += size;
    t->live_blocks++;
    t->live_bytes += size;
    b->live_bytes += size;
    all->allocations++;
    all->allocated_bytes += size;
    b->live[b->live_count++] = (struct live){b->next_block, size, node};
    b->last_birth[b->thread] = b->next_block++;
    all->events++;
    if (b->live_bytes > all->peak_bytes) {
        all->peak_bytes = b->live_bytes;
        all->peak_blocks = b->live_count;
        all->peak_tick = b->tick;
        all->peak_event = all->events;
        b->peak_epoch++;
    }
}

static void end(struct books *b) {
    struct rec_totals *all = &b->summary.totals;
    /* One in four ends what was born last; others are any. */
    size_t which = next(b) % 4 == 0 ? b->live_count - 1 : next(b) % b->live_count;
    struct live ended = b->live[which];
    struct rec_node_totals *t = touch(b, ended.node);
    b->live[which] = b->live[--b->live_count];
    append(b, REC_FREE, 0, ended.block, 0);
    t->live_blocks--;
    t->live_bytes -= ended.size;
    b->live_bytes -= ended.size;
    all->frees++;
    all->freed_bytes += ended.size;
    all->events++;
    if (b->last_birth[b->thread] == ended.block) {
        t->temporary++;
        t->temporary_bytes += ended.size;
        all->temporary++;
        all->temporary_bytes += ended.size;
    }
    b->last_birth[b->thread] = REC_NO_BLOCK;
}

static struct rec_live_block *list_live(const struct books *b) {
    struct rec_live_block *list = calloc(b->live_count + 1, sizeof *list);
    for (size_t i = 0; i < b->live_count; i++)
        list[i] = (struct rec_live_block){.block = b->live[i].block, .size = b->live[i].size,
                                          .address = 0x10000 + b->live[i].block * 64,
                                          .node = b->live[i].node};
    return list;
}

static struct rec_node_totals *list_nodes(const struct books *b, size_t *count) {
    struct rec_node_totals *list = calloc(NODES, sizeof *list);
    *count = 0;
    for (uint32_t i = 0; i < NODES; i++)
        if (b->totals[i].allocations > 0) {
            list[*count] = b->totals[i];
            list[(*count)++].node = i;
        }
    return list;
}

static void make_nodes(struct books *b) {
    static uint8_t depth[NODES];
    struct rec_module m = {.path = "/usr/bin/made_up", .start = 0x400000, .end = 0x4000000};
    uint32_t module = rec_writer_module(b->writer, &m);
    for (uint32_t i = 1; i < NODES; i++) {
        uint32_t parent = i == 1 ? 0 : (uint32_t)(next(b) % i);
        while (depth[parent] >= DEPTH_MAX) parent = (uint32_t)(next(b) % i);
        depth[i] = (uint8_t)(depth[parent] + 1);
        uint64_t address = 0x400000 + next(b) % ADDRESSES * 16;
        rec_writer_node(b->writer, parent, module, address, 0, 0);
    }
}

/* A tenth as many functions as addresses. */
static void make_symbols(struct books *b) {
    size_t count;
    const struct rec_address *addresses = rec_writer_addresses(b->writer, &count);
    uint32_t *first = calloc(count + 1, sizeof *first);
    struct rec_frame *frames = calloc(count + 1, sizeof *frames);
    for (size_t i = 0; i < count; i++) {
        char *name;
        first[i] = (uint32_t)i;
        if (asprintf(&name, "_ZN7made_up8functionILi%" PRIu64 "EEEvv", addresses[i].address / 160) < 0)
            exit(1);
        frames[i] = (struct rec_frame){.function = name, .file = "made_up.cpp",
                                       .line = (uint32_t)(addresses[i].address & 0xfff)};
    }
    first[count] = (uint32_t)count;
    rec_writer_symbols(b->writer, first, frames, count);
    for (size_t i = 0; i < count; i++) free((char *)frames[i].function);
    free(first);
    free(frames);
}

static void take_turn(struct books *b, uint64_t event, uint64_t events) {
    uint64_t bucket = event * POINTS / events;
    if (event % EVENTS_IN_TICK == 0) append(b, REC_TICK, b->tick = (uint32_t)(event / EVENTS_IN_TICK), 0, 0);
    if (event % EVENTS_IN_TURN == 0)
        append(b, REC_THREAD, b->thread = (uint32_t)(event / EVENTS_IN_TURN % THREADS), 0, 0);
    struct rec_time_point *p = &b->points[bucket];
    if (b->live_bytes > p->peak_bytes) p->peak_bytes = b->live_bytes;
    p->live_bytes = b->live_bytes;
    p->live_blocks = b->live_count;
    p->allocations = b->summary.totals.allocations;
    p->allocated_bytes = b->summary.totals.allocated_bytes;
    if (p->tick == 0) p->tick = b->tick;
    p->rss_bytes = b->live_bytes * 5 / 4;
    if (event > 0 && event % EVENTS_IN_SNAPSHOT == 0) {
        size_t count;
        struct rec_node_totals *nodes = list_nodes(b, &count);
        rec_writer_snapshot(b->writer, nodes, count, list_live(b), b->live_count);
    }
}

static void make_events(struct books *b, uint64_t events) {
    for (uint64_t i = 0; i < events; i++) {
        take_turn(b, i, events);
        /* Six waves under a hill. */
        double x = (double)i / (double)events, wave = x * 6 - (double)(int)(x * 6);
        double hill = x < 0.75 ? x / 0.75 : (1 - x) / 0.25;
        size_t wanted = (size_t)((0.2 + 0.5 * hill + 0.3 * hill * wave) * (LIVE_MAX - 4));
        unsigned births_in_8 = b->live_count < wanted ? 5 : 3;
        if (b->live_count == 0 || (next(b) % 8 < births_in_8 && b->live_count < LIVE_MAX - 2))
            bear(b);
        else
            end(b);
    }
}

int main(int argc, char **argv) {
    static struct books b = {.state = 88172645463325252u};
    static const char *const command[] = {"made_up", NULL};
    struct rec_process process = {.pid = 1, .page_size = 4096, .executable = "/usr/bin/made_up",
                                  .working_directory = "/", .command = command,
                                  .environment_names = command + 1, .host = "nowhere",
                                  .kernel = "Linux", .clock = "counter"};
    struct rec_encoder *encoder;
    struct failure f = {""};
    uint64_t events = argc == 3 ? strtoull(argv[2], NULL, 10) : 0, bytes = 0;
    if (events == 0) {
        fputs("usage: make_recording FILE EVENTS\n", stderr);
        return 2;
    }
    if (rec_encoder_start(&encoder, &f) != 0 ||
        rec_writer_open(&b.writer, encoder, argv[1], &process, &f) != 0) {
        fprintf(stderr, "make_recording: %s\n", f.text);
        return 1;
    }
    b.buffer = rec_writer_events(b.writer);
    for (uint32_t i = 0; i < THREADS; i++) {
        rec_writer_thread(b.writer, 1 + i);
        b.last_birth[i] = REC_NO_BLOCK;
    }
    make_nodes(&b);
    make_events(&b, events);
    for (uint32_t i = 0; i < NODES; i++) touch(&b, i);
    rec_writer_flush(b.writer);
    make_symbols(&b);
    struct rec_summary *s = &b.summary;
    s->nodes = list_nodes(&b, &s->node_count);
    s->leaked = list_live(&b);
    s->leaked_count = b.live_count;
    s->timeline = b.points;
    s->timeline_count = POINTS;
    s->totals.leaked_blocks = b.live_count;
    s->totals.leaked_bytes = b.live_bytes;
    s->totals.duration_ms = b.tick;
    s->totals.threads = THREADS;
    s->totals.ended_how = REC_END_EXIT;
    int failed = rec_writer_close(b.writer, s, &bytes, &f);
    rec_encoder_stop(encoder);
    if (failed) {
        fprintf(stderr, "make_recording: %s\n", f.text);
        return 1;
    }
    printf("%" PRIu64 " events, %" PRIu64 " bytes\n", events, bytes);
    free(s->nodes);
    free(s->leaked);
    return 0;
}
