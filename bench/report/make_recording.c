/* SPDX-License-Identifier: MIT
 * Writes a large recording of made-up events, to measure what questions cost: `make_recording FILE
 * EVENTS`. Snapshots are taken when the recorder would.
 *
 * The made-up program is a set of routines, each a fixed list of steps: allocate and free again, keep a
 * block in the heap, drop one from it. One routine mostly follows another in the same order, and one
 * size in thirty-two varies; so events are about as predictable as a compiler's. The heap grows
 * and shrinks in waves, highest at three quarters of the run; four threads take turns.
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
    ROUTINES = 2000,
    STEPS_MAX = 24,       /* of a routine */
    THREADS = 4,
    EVENTS_IN_TICK = 1500,
    EVENTS_IN_TURN = 300, /* of a thread */
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
    size_t live_count; /* blocks kept in the heap; live_blocks has those of the routine at work, too */
    uint64_t live_blocks, live_bytes, next_block, last_birth[THREADS];
    uint32_t thread, tick;
    struct rec_summary summary;
    struct rec_time_point points[POINTS];
    size_t bucket;
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

/* What step `step` of a routine does is always the same. */
static uint32_t fixed(uint32_t routine, uint32_t step, uint32_t what) {
    uint64_t h = (routine * 64ull + step) * 16 + what;
    h = (h ^ h >> 31) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
}

static struct live bear(struct books *b, uint32_t routine, uint32_t step) {
    struct rec_totals *all = &b->summary.totals;
    /* A call site has a few call stacks that lead to it. */
    uint32_t node = NODES / 3 + fixed(routine, step, next(b) % 32 == 0) % (NODES - NODES / 3);
    uint64_t size = 8 + fixed(routine, step, 2) % 500;
    if (next(b) % 32 == 0) size += next(b) % 64;
    struct rec_node_totals *t = touch(b, node);
    append(b, REC_ALLOC, size, 0, node);
    t->allocations++;
    t->allocated_bytes += size;
    t->live_blocks++;
    t->live_bytes += size;
    b->live_bytes += size;
    all->allocations++;
    all->allocated_bytes += size;
    struct live born = {b->next_block, size, node};
    b->live_blocks++;
    b->last_birth[b->thread] = b->next_block++;
    all->events++;
    if (b->live_bytes > b->points[b->bucket].peak_bytes)
        b->points[b->bucket].peak_bytes = b->live_bytes;
    if (b->live_bytes > all->peak_bytes) {
        all->peak_bytes = b->live_bytes;
        all->peak_blocks = b->live_blocks;
        all->peak_tick = b->tick;
        all->peak_event = all->events;
        b->peak_epoch++;
    }
    return born;
}

static void end(struct books *b, struct live ended) {
    struct rec_totals *all = &b->summary.totals;
    struct rec_node_totals *t = touch(b, ended.node);
    append(b, REC_FREE, 0, ended.block, 0);
    t->live_blocks--;
    t->live_bytes -= ended.size;
    b->live_bytes -= ended.size;
    b->live_blocks--;
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

/* The time goes on, and perhaps into the next bucket of the timeline. */
static void tick(struct books *b, uint64_t events) {
    struct rec_time_point *p = &b->points[b->bucket];
    p->live_bytes = b->live_bytes;
    p->live_blocks = b->live_blocks;
    p->allocations = b->summary.totals.allocations;
    p->allocated_bytes = b->summary.totals.allocated_bytes;
    p->rss_bytes = b->live_bytes * 5 / 4;
    b->tick = (uint32_t)(b->summary.totals.events / EVENTS_IN_TICK);
    append(b, REC_TICK, b->tick, 0, 0);
    size_t bucket = (size_t)((uint64_t)b->tick * POINTS / (events / EVENTS_IN_TICK + 2));
    if (bucket == b->bucket) return;
    b->bucket = bucket;
    b->points[bucket] = (struct rec_time_point){.tick = b->tick, .peak_bytes = b->live_bytes};
}

static void snapshot(struct books *b) {
    size_t count;
    struct rec_node_totals *nodes = list_nodes(b, &count);
    rec_writer_snapshot(b->writer, nodes, count, list_live(b), b->live_count);
}

/* How many blocks the heap shall keep: six waves under a hill. */
static size_t wanted(uint64_t event, uint64_t events) {
    double x = (double)event / (double)events, wave = x * 6 - (double)(int)(x * 6);
    double hill = x < 0.75 ? x / 0.75 : (1 - x) / 0.25;
    return (size_t)((0.2 + 0.5 * hill + 0.3 * hill * wave) * (LIVE_MAX - STEPS_MAX));
}

/* Runs a routine; its own blocks end in the order opposite to that of their births. */
static void run_routine(struct books *b, uint32_t routine, size_t keep) {
    struct live own[STEPS_MAX];
    size_t own_count = 0;
    uint32_t steps = 4 + fixed(routine, 0, 3) % (STEPS_MAX - 4);
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t what = fixed(routine, step, 4) % 8;
        if (what < 3) {
            own[own_count++] = bear(b, routine, step);
        } else if (what < 6 && own_count > 0) {
            end(b, own[--own_count]);
        } else if (b->live_count < keep) {
            b->live[b->live_count++] = bear(b, routine, step);
        } else if (b->live_count > 0) {
            /* Mostly what was kept last, sometimes what is old. */
            size_t which = next(b) % 8 == 0 ? next(b) % b->live_count : b->live_count - 1;
            end(b, b->live[which]);
            b->live[which] = b->live[--b->live_count];
        }
    }
    while (own_count > 0) end(b, own[--own_count]);
}

static void make_events(struct books *b, uint64_t events) {
    uint32_t routine = 0;
    const uint64_t *made = &b->summary.totals.events;
    uint64_t next_turn = 0, next_tick = 0, last_snapshot = 0;
    while (*made < events) {
        if (*made >= next_tick) {
            tick(b, events);
            next_tick += EVENTS_IN_TICK;
        }
        if (*made >= next_turn) {
            append(b, REC_THREAD, b->thread = (uint32_t)(*made / EVENTS_IN_TURN % THREADS), 0, 0);
            next_turn += EVENTS_IN_TURN;
        }
        if (rec_snapshot_is_due(*made, *made - last_snapshot, b->live_blocks + NODES)) {
            snapshot(b);
            last_snapshot = *made;
        }
        routine = next(b) % 12 == 0 ? (uint32_t)(next(b) % ROUTINES) : fixed(routine, 0, 5) % ROUTINES;
        run_routine(b, routine, wanted(*made, events));
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
    for (size_t i = 0; i <= b.bucket; i++)
        if (i == 0 || b.points[i].tick > 0) b.points[s->timeline_count++] = b.points[i];
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
