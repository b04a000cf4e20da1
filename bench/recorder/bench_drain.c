/* SPDX-License-Identifier: MIT
 * What an event costs to take out of a ring and to account for: fills a ring as a program with one
 * thread would, drains it, and prints the CPU time of the draining thread an event.
 *
 *   bench_drain [PATTERN]     tree    a million blocks, then all given back in the same order
 *                             churn   a block is given back before the next one comes
 *                             random  a hundred thousand blocks, one after another replaced
 *
 * valgrind --tool=callgrind --toggle-collect=tracee_drain bench_drain tree counts instructions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder/tracee.h"
#include "wire/record.h"

enum { NODES = 1000, BLOCKS = 1000000, REPLACED = 100000, PART = 100000 };

struct bench {
    struct tracee *t;
    uint64_t *data;
    uint64_t mask, position, events;
    uint32_t log2;
    double seconds;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "bench_drain: %s\n", what);
    exit(1);
}

static double thread_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct wire_ring *ring(struct bench *b) {
    return (struct wire_ring *)(void *)((char *)b->t->region + b->t->layout.rings_offset);
}

static void drain(struct bench *b) {
    double before = thread_seconds();
    while (ring(b)->tail != b->position)
        tracee_drain(b->t, DRAIN_RUNNING);
    b->seconds += thread_seconds() - before;
}

static void put(struct bench *b, uint64_t word) {
    b->data[b->position & b->mask] = word | wire_lap(b->position, b->log2);
    ring(b)->head = ++b->position;
}

static void event_ends(struct bench *b) {
    if (++b->events % PART == 0) drain(b);
}

static void put_alloc(struct bench *b, uint64_t address, uint64_t size, uint64_t node) {
    put(b, (uint64_t)WIRE_ALLOC << WIRE_KIND_SHIFT | address);
    put(b, size << 32 | node);
    event_ends(b);
}

static void put_free(struct bench *b, uint64_t address) {
    put(b, (uint64_t)WIRE_FREE << WIRE_KIND_SHIFT | address);
    event_ends(b);
}

static uint64_t random_next(void) {
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static uint64_t address_of(uint64_t block) {
    return 0x555555600010ull + block * 48;
}

static void tree(struct bench *b) {
    for (uint64_t i = 0; i < BLOCKS; i++)
        put_alloc(b, address_of(i), 24 + i % 3 * 8, 1 + i % 7);
    for (uint64_t i = 0; i < BLOCKS; i++)
        put_free(b, address_of(i));
}

static void churn(struct bench *b) {
    for (uint64_t i = 0; i < BLOCKS; i++) {
        put_alloc(b, address_of(i % 5), 24, 1 + i % 7);
        put_free(b, address_of(i % 5));
    }
}

static void random_places(struct bench *b) {
    static uint8_t lives[REPLACED];
    for (uint64_t i = 0; i < 2 * (uint64_t)BLOCKS; i++) {
        uint64_t block = random_next() % REPLACED;
        if (lives[block])
            put_free(b, address_of(block));
        else
            put_alloc(b, address_of(block), 1 + random_next() % 200,
                      1 + random_next() % (NODES - 1));
        lives[block] ^= 1;
    }
}

static void run(const char *name, void (*pattern)(struct bench *)) {
    char path[] = "/tmp/bench_drain.XXXXXX";
    struct failure f;
    struct rec_encoder *encoder;
    struct bench b = {.t = tracee_create(getpid(), false, &f)};
    close(mkstemp(path));
    if (b.t == NULL || tracee_make_region(b.t, 0, true, WIRE_CLOCK_TSC, &f) < 0 ||
        rec_encoder_start(&encoder, &f) < 0 ||
        rec_writer_open(&b.t->writer, encoder, path, &b.t->facts->process, &f) < 0)
        die(f.text);
    b.t->events = rec_writer_events(b.t->writer);
    b.t->path = strdup(path);
    b.t->started = true;
    b.t->region->ring_count = 1;
    b.t->region->node_count = NODES;
    b.log2 = wire_ring_log2(&b.t->layout.data, 0);
    b.mask = (1ull << b.log2) - 1;
    char *region = (char *)b.t->region;
    b.data = (uint64_t *)(void *)(region + wire_ring_offset(&b.t->layout.data, 0));
    struct wire_node *nodes = (struct wire_node *)(void *)(region + b.t->layout.nodes_offset);
    for (uint32_t i = 1; i < NODES; i++)
        nodes[i] = (struct wire_node){.pc = 0x1000 + i, .parent = i / 2};
    put(&b, (uint64_t)WIRE_OWNER << WIRE_KIND_SHIFT | 1);
    pattern(&b);
    drain(&b);
    printf("%-8s %6.1f ns an event\n", name, b.seconds / (double)b.events * 1e9);
    struct tracee_memory shared = tracee_end(b.t);
    tracee_memory_release(&shared);
    struct rec_summary summary;
    tracee_sum_up(b.t, &(struct finish_options){0}, &summary);
    tracee_ended(b.t, REC_END_EXIT, 0);
    tracee_finish(b.t, &summary);
    tracee_destroy(b.t);
    rec_encoder_stop(encoder);
    unlink(path);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*pattern)(struct bench *);
    } patterns[] = {{"tree", tree}, {"churn", churn}, {"random", random_places}};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (argc < 2 || strcmp(argv[1], patterns[i].name) == 0)
            run(patterns[i].name, patterns[i].pattern);
    return 0;
}
