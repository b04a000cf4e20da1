/* SPDX-License-Identifier: MIT
 * A program that writes what it likes into the live region, header included, while the recorder
 * drains it (libFuzzer): the recorder neither crashes nor hangs, and the recording that comes of it
 * is whole and agrees with itself.
 *
 * An input is a byte of flags and then steps:
 *   POKE    area, offset (2), length, bytes    any bytes anywhere
 *   RECORD  ring, kind, words (8 each)         a record in the form of wire/record.h, published
 *   HEAD    ring, 8 bytes                      what the ring claims to have reserved
 *   DRAIN   the recorder drains
 *   AGE     the same, when unfinished records have been waited for long enough
 *   REST    the same, and all that the recorder does every now and then
 * With FLAG_LIVE a second thread takes the writing steps, over and over, while the first one
 * drains: what is checked may then change right after it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recorder/told.h"
#include "recorder/tracee.h"
#include "recording/reader.h"
#include "wire/record.h"

enum { FLAG_LIVE = 1, FLAG_COUNTER = 2 };
enum step { POKE, RECORD, HEAD, DRAIN, AGE, REST, STEPS };
enum { RINGS = 4, LIVE_DRAINS = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct rec_encoder *encoder;

/* What is left of the input. */
struct input {
    const uint8_t *at, *end;
};

static uint64_t take(struct input *in, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes && in->at < in->end; i++)
        value |= (uint64_t)*in->at++ << (8 * i);
    return value;
}

struct world {
    struct tracee *t;
    struct region_layout layout;
    uint8_t *region; /* a mapping of the program's own */
    struct input script;
    uint64_t positions[RINGS];
    atomic_bool stop;
};

static struct wire_ring *ring_of(struct world *w, unsigned ring) {
    return (struct wire_ring *)(void *)(w->region + w->layout.rings_offset) + ring;
}

static uint64_t *data_of(struct world *w, unsigned ring) {
    return (uint64_t *)(void *)(w->region + wire_ring_offset(&w->layout.data, ring));
}

/* Where each part of the region begins; what lies behind the last one is out of bounds. */
static uint64_t area_offset(const struct world *w, unsigned area) {
    const struct region_layout *l = &w->layout;
    const uint64_t offsets[] = {0,
                                l->modules_offset,
                                l->names_offset,
                                l->rings_offset,
                                l->nodes_offset,
                                l->data.data_offset,
                                wire_ring_offset(&l->data, 1),
                                wire_ring_offset(&l->data, 2)};
    return offsets[area % (sizeof offsets / sizeof *offsets)];
}

static void poke(struct world *w, struct input *in) {
    uint64_t at = area_offset(w, (unsigned)take(in, 1)) + take(in, 2);
    for (uint64_t n = take(in, 1) % 33; n > 0 && in->at < in->end; n--, at++)
        if (at < w->layout.bytes) __atomic_store_n(&w->region[at], *in->at++, __ATOMIC_RELAXED);
}

static void write_record(struct world *w, struct input *in) {
    unsigned ring = (unsigned)take(in, 1) % RINGS;
    uint32_t log2 = wire_ring_log2(&w->layout.data, ring);
    uint64_t kind = take(in, 1), *data = data_of(w, ring), mask = (1ull << log2) - 1;
    uint64_t first = kind % 32 << WIRE_KIND_SHIFT | (kind & 32 ? WIRE_STAMPED : 0) |
                     (take(in, 8) & WIRE_ADDRESS);
    uint64_t at = w->positions[ring];
    uint32_t words = wire_words(first) == 0 ? 1 : wire_words(first);
    for (uint32_t i = 1; i < words; i++)
        __atomic_store_n(&data[(at + i) & mask], (take(in, 8) & ~WIRE_LAP) | wire_lap(at + i, log2),
                         __ATOMIC_RELAXED);
    __atomic_store_n(&data[at & mask], first | wire_lap(at, log2), __ATOMIC_RELEASE);
    w->positions[ring] = at + words;
    __atomic_store_n(&ring_of(w, ring)->head, at + words, __ATOMIC_RELAXED);
}

/* Takes one step of those that the program can take. */
static void write_step(struct world *w, enum step step, struct input *in) {
    unsigned ring;
    switch (step) {
    case POKE:
        poke(w, in);
        break;
    case RECORD:
        write_record(w, in);
        break;
    case HEAD:
        ring = (unsigned)take(in, 1) % RINGS;
        __atomic_store_n(&ring_of(w, ring)->head, take(in, 8), __ATOMIC_RELAXED);
        break;
    default:
        break;
    }
}

static void recorder_step(struct world *w, enum step step, unsigned turn) {
    struct tracee *t = w->t;
    if (step == AGE)
        for (uint32_t i = 0; i < t->rings_known; i++)
            if (t->rings[i].pending_since != 0) t->rings[i].pending_since = 1;
    tracee_drain(t, DRAIN_RUNNING);
    if (step != REST) return;
    account_tick(t, turn);
    told_flush(t);
    tracee_sample_rss(t);
    tracee_learn_names(t);
    (void)tracee_snapshot(t);
}

static void *write_for_ever(void *argument) {
    struct world *w = argument;
    while (!atomic_load(&w->stop)) {
        struct input in = w->script;
        while (in.at < in.end && !atomic_load(&w->stop))
            write_step(w, take(&in, 1) % STEPS, &in);
    }
    return NULL;
}

static void run(struct world *w, int live) {
    if (live) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, write_for_ever, w) != 0) abort();
        for (unsigned turn = 0; turn < LIVE_DRAINS; turn++)
            recorder_step(w, turn == LIVE_DRAINS / 2 ? REST : turn % 8 == 7 ? AGE : DRAIN, turn);
        /* The last drain, too, meets somebody who still writes. */
        struct tracee_memory shared = tracee_end(w->t);
        tracee_memory_release(&shared);
        atomic_store(&w->stop, true);
        pthread_join(thread, NULL);
        return;
    }
    struct input in = w->script;
    for (unsigned turn = 0; in.at < in.end;) {
        enum step step = take(&in, 1) % STEPS;
        if (step >= DRAIN)
            recorder_step(w, step, turn++);
        else
            write_step(w, step, &in);
    }
    recorder_step(w, DRAIN, 0);
    struct tracee_memory shared = tracee_end(w->t);
    tracee_memory_release(&shared);
}

/* Whatever was in the region: what was written of it is whole, and its totals are those of its
 * events. */
static void check_recording(const char *path) {
    struct rec_file *r;
    struct failure f = {""};
    if (rec_open(&r, path, &f) != 0 || rec_damage(r) != NULL || rec_check(path, &f) != 0) {
        fprintf(stderr, "the recording is not sound: %s\n", f.text);
        abort();
    }
    rec_close(r);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct failure f;
    (void)argc, (void)argv;
    if (rec_encoder_start(&encoder, &f) != 0) abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    struct failure f;
    struct world w = {.script = {data + 1, data + size}};
    char path[64];
    int file = memfd_create("recording", 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    w.t = tracee_create(getpid(), false, &f);
    if (file < 0 || w.t == NULL) abort();
    enum wire_clock clock = data[0] & FLAG_COUNTER ? WIRE_CLOCK_COUNTER : WIRE_CLOCK_TSC;
    if (tracee_make_region(w.t, 2, true, clock, &f) != 0) abort();
    w.layout = w.t->layout;
    w.region = mmap(NULL, w.layout.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, w.t->memory_fd, 0);
    if (w.region == MAP_FAILED) abort();
    if (rec_writer_open(&w.t->writer, encoder, path, &w.t->facts->process, &f) != 0) abort();
    w.t->events = rec_writer_events(w.t->writer);
    w.t->path = strdup(path);
    w.t->started = true;
    w.t->region->ring_count = RINGS;
    w.t->region->node_count = 16;
    run(&w, data[0] & FLAG_LIVE);
    struct rec_summary summary;
    tracee_sum_up(w.t, &(struct finish_options){0}, &summary);
    tracee_ended(w.t, REC_END_EXIT, 0);
    tracee_finish(w.t, &summary);
    if (w.t->failure.text[0] != '\0') {
        fprintf(stderr, "%s\n", w.t->failure.text);
        abort();
    }
    tracee_destroy(w.t);
    munmap(w.region, w.layout.bytes);
    check_recording(path);
    close(file);
    return 0;
}
