/* SPDX-License-Identifier: MIT
 * Draining rings that the test writes word by word, as wire/record.h lays them out: the order
 * between threads, unfinished records, wrapping, the race of realloc, and what a hostile process
 * might write. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/tracee.h"
#include "recording/reader.h"
#include "unit/check.h"
#include "wire/record.h"

static struct rec_encoder *encoder;
static char path[] = "/tmp/test_drain.XXXXXX"; /* a failed check leaves it */

struct bench {
    struct tracee *t;
    uint64_t position[8]; /* of each ring, in words */
};

static struct bench begin(void) {
    struct failure f;
    struct bench b = {.t = tracee_create(getpid(), false, &f)};
    CHECK(b.t != NULL);
    CHECK_EQ_I64(tracee_make_region(b.t, 2, true, WIRE_CLOCK_TSC, &f), 0);
    CHECK_EQ_I64(rec_writer_open(&b.t->writer, encoder, path, &b.t->facts->process, &f), 0);
    b.t->events = rec_writer_events(b.t->writer);
    b.t->path = strdup(path);
    b.t->started = true;
    b.t->region->ring_count = 4;
    b.t->region->node_count = 10;
    struct wire_node *nodes = (struct wire_node *)((char *)b.t->region + b.t->layout.nodes_offset);
    for (uint32_t i = 1; i < 10; i++)
        nodes[i] = (struct wire_node){.pc = 0x1000 + i, .parent = i - 1};
    return b;
}

static void put(struct bench *b, int ring, uint64_t word) {
    uint32_t log2 = wire_ring_log2(&b->t->layout.data, (uint32_t)ring);
    uint64_t *data =
        (uint64_t *)((char *)b->t->region + wire_ring_offset(&b->t->layout.data, (uint32_t)ring));
    uint64_t at = b->position[ring]++;
    /* bit 63 is set in the first pass over the ring, clear in the second, … */
    uint64_t lap = (at >> log2) % 2 == 0 ? 1ull << 63 : 0;
    data[at & ((1ull << log2) - 1)] = lap | word;
    struct wire_ring *rings = (struct wire_ring *)((char *)b->t->region + b->t->layout.rings_offset);
    rings[ring].head = at + 1;
}

static uint64_t first(uint64_t kind, int stamped, uint64_t address) {
    return kind << 58 | (uint64_t)stamped << 57 | address;
}
static void put_owner(struct bench *b, int ring, uint64_t tid) {
    put(b, ring, first(7, 0, tid));
}
static void put_alloc(struct bench *b, int ring, uint64_t address, uint64_t size, uint64_t stamp) {
    put(b, ring, first(1, stamp != 0, address));
    put(b, ring, size << 32 | 3);
    if (stamp != 0) put(b, ring, stamp);
}
static void put_free(struct bench *b, int ring, uint64_t address, uint64_t stamp) {
    put(b, ring, first(3, stamp != 0, address));
    if (stamp != 0) put(b, ring, stamp);
}
static void put_move(struct bench *b, int ring, uint64_t old, uint64_t address, uint64_t size,
                     uint64_t before, uint64_t after) {
    put(b, ring, first(4, 1, address));
    put(b, ring, 4);
    put(b, ring, size);
    put(b, ring, old);
    put(b, ring, after);
    put(b, ring, before);
}

static void finish(struct tracee *t, enum rec_end how, uint64_t status) {
    struct finish_options none = {0};
    struct rec_summary summary;
    struct tracee_memory shared = tracee_end(t);
    tracee_memory_release(&shared);
    tracee_sum_up(t, &none, &summary);
    tracee_ended(t, how, status);
    tracee_finish(t, &summary);
}

static struct rec_totals end(struct bench *b) {
    struct failure f;
    finish(b->t, REC_END_EXIT, 0);
    CHECK_STR(b->t->failure.text, "");
    struct rec_totals totals = b->t->totals;
    tracee_destroy(b->t);
    struct rec_file *file;
    CHECK_EQ_I64(rec_open(&file, path, &f), 0);
    CHECK(rec_damage(file) == NULL);
    if (rec_check(path, &f) != 0) CHECK_STR(f.text, "");
    CHECK_EQ_U64(rec_totals(file)->allocations, totals.allocations);
    CHECK_EQ_U64(rec_totals(file)->peak_bytes, totals.peak_bytes);
    rec_close(file);
    return totals;
}

static void one_thread(void) {
    struct bench b = begin();
    put_owner(&b, 0, 77);
    put_alloc(&b, 0, 0x1000, 100, 0);
    put_alloc(&b, 0, 0x2000, 50, 0);
    put_free(&b, 0, 0x2000, 0);
    put_free(&b, 0, 0x1000, 0);
    put_free(&b, 0, 0x9000, 0);
    put_alloc(&b, 0, 0x1000, 10, 0);
    tracee_drain(b.t, DRAIN_RUNNING);
    CHECK_EQ_U64(b.t->totals.allocations, 3);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.frees, 2);
    CHECK_EQ_U64(t.unknown_frees, 1);
    CHECK_EQ_U64(t.temporary, 1);
    CHECK_EQ_U64(t.temporary_bytes, 50);
    CHECK_EQ_U64(t.peak_bytes, 150);
    CHECK_EQ_U64(t.leaked_bytes, 10);
    CHECK_EQ_U64(t.threads, 1);
}

/* The true order is that of the stamps, wherever the records lie: 1000 bytes never live twice. */
static void threads_in_turn(void) {
    struct bench b = begin();
    for (int ring = 0; ring < 4; ring++)
        put_owner(&b, ring, 100 + (uint64_t)ring);
    uint64_t stamp = 1;
    for (int i = 0; i < 300; i++) {
        int ring = (i * 7) % 4;
        put_alloc(&b, ring, 0x4000 + (uint64_t)ring * 0x1000, 1000, stamp++);
        put_free(&b, ring, 0x4000 + (uint64_t)ring * 0x1000, stamp++);
        if (i % 50 == 0) tracee_drain(b.t, DRAIN_RUNNING);
    }
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 300);
    CHECK_EQ_U64(t.peak_bytes, 1000);
    CHECK_EQ_U64(t.temporary, 300);
    CHECK_EQ_U64(t.order_repairs, 0);
}

static void freed_by_another(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_free(&b, 1, 0x4000, 20); /* lies in front, but its stamp is later */
    put_alloc(&b, 0, 0x4000, 8, 10);
    put_alloc(&b, 0, 0x4000, 8, 30);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.frees, 1);
    CHECK_EQ_U64(t.unknown_frees, 0);
    CHECK_EQ_U64(t.leaked_blocks, 1);
    CHECK_EQ_U64(t.temporary, 0);
}

/* Ring 0 moves 0x4000 away; ring 1 gets the address inside that call, frees it and gets it again.
 */
static void realloc_race(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_alloc(&b, 0, 0x4000, 64, 10);
    put_move(&b, 0, 0x4000, 0x8000, 128, 20, 60);
    put_alloc(&b, 1, 0x4000, 7, 30);
    put_free(&b, 1, 0x4000, 40);
    put_alloc(&b, 1, 0x4000, 9, 50);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 4);
    CHECK_EQ_U64(t.frees, 2);
    CHECK_EQ_U64(t.leaked_blocks, 2);
    CHECK_EQ_U64(t.leaked_bytes, 128 + 9);
    CHECK_EQ_U64(t.reallocations, 1);
    CHECK_EQ_U64(t.unknown_frees, 0);
}

/* The stamp of an end may come a little too early; a free of an unknown block stays unknown. */
static void ended_before_its_birth(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_free(&b, 1, 0x4000, 1000);
    put_alloc(&b, 0, 0x4000, 8, 1100);
    put_alloc(&b, 0, 0x4000, 9, 2000);
    put_free(&b, 1, 0x7000, 3000);
    put_alloc(&b, 0, 0x7000, 9, 3000 + (1 << 20));
    for (int i = 0; i < 100; i++)
        put_free(&b, 1, 0x9000, 4000000 + 10 * (uint64_t)i);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 3);
    CHECK_EQ_U64(t.frees, 1);
    CHECK_EQ_U64(t.freed_bytes, 8);
    CHECK_EQ_U64(t.unknown_frees, 101);
    CHECK_EQ_U64(t.order_repairs, 1);
    CHECK_EQ_U64(t.temporary, 0);
}

/* The parent's block is freed by a thread that is then given its address at once: that is no early end.
 * Nor is one by another thread an event of that moment: what is temporary is told by the recording's
 * own order, by which it is checked. */
static void freed_before_the_start(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_free(&b, 0, 0x4000, 1000);
    put_alloc(&b, 0, 0x4000, 8, 1100); /* of thread 100: lives on */
    put_free(&b, 1, 0x8000, 1200);
    put_alloc(&b, 1, 0x6000, 16, 1300);
    put_alloc(&b, 0, 0x8000, 32, 1400); /* what thread 101 has just ended */
    put_free(&b, 1, 0x6000, 1500);
    put_alloc(&b, 1, 0x7000, 64, 1600);
    put_alloc(&b, 1, 0x7000, 65, 1700); /* the one before it went unseen */
    put_free(&b, 1, 0x7000, 1650);
    put_free(&b, 1, 0x7000, 1800);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 5);
    CHECK_EQ_U64(t.unknown_frees, 1);
    CHECK_EQ_U64(t.order_repairs, 2);
    CHECK_EQ_U64(t.leaked_blocks, 1);
    CHECK_EQ_U64(t.leaked_bytes, 8);
}

static void put_name(struct bench *b, uint32_t index, const char *text) {
    struct wire_name *n =
        (struct wire_name *)((char *)b->t->region + b->t->layout.names_offset) + index;
    strcpy(n->text, text);
    n->whole = WIRE_NAME_WHOLE;
}
static void put_pool_alloc(struct bench *b, int ring, uint64_t address, uint64_t size, uint64_t old,
                           uint64_t pool, uint64_t stamp) {
    put(b, ring, first(8, stamp != 0, address));
    put(b, ring, 5);
    put(b, ring, size);
    put(b, ring, old);
    put(b, ring, pool);
    if (stamp != 0) put(b, ring, stamp);
}
static void put_told(struct bench *b, int ring, uint64_t kind, uint64_t address, uint64_t word,
                     uint64_t stamp) {
    put(b, ring, first(kind, stamp != 0, address));
    put(b, ring, word);
    if (stamp != 0) put(b, ring, stamp);
}

/* A pool's blocks live beside malloc's at the same addresses, end one by one or all at once, and are
 * ordered between threads like any other. */
static void pools(void) {
    struct bench b = begin();
    const uint64_t pool = 1 << 16 | 9, other = 2 << 16 | 9;
    put_name(&b, 9, "nodes");
    put_name(&b, 10, "a moment");
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_alloc(&b, 0, 0x4000, 1000, 10);
    put_pool_alloc(&b, 0, 0x4000, 16, 0, pool, 20);
    put_pool_alloc(&b, 0, 0x4010, 17, 0, pool, 30);
    put_pool_alloc(&b, 0, 0x4020, 18, 0, other, 40);
    put_told(&b, 1, 9, 0x4000, pool, 50);                /* POOL_FREE by another thread */
    put_pool_alloc(&b, 1, 0x4100, 100, 0x4010, pool, 60); /* moved */
    put_told(&b, 0, 11, 0, 10, 70);                      /* MARK */
    put_pool_alloc(&b, 0, 0x4020, 19, 0, pool, 80);      /* where the other pool's block was */
    put_told(&b, 1, 10, 0, pool, 90);                    /* POOL_RESET: 100 and 19 bytes end */
    put_pool_alloc(&b, 0, 0x4030, 20, 0, pool, 95);
    put(&b, 0, first(12, 1, 10)); /* FORBIDDEN */
    put(&b, 0, 3);
    put(&b, 0, 1000);
    put(&b, 0, 97);
    put_told(&b, 0, 11, 2, 10, 98); /* the name of the thread */
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 7);
    CHECK_EQ_U64(t.frees, 5);
    CHECK_EQ_U64(t.reallocations, 1);
    CHECK_EQ_U64(t.leaked_blocks, 2);
    CHECK_EQ_U64(t.leaked_bytes, 1000 + 20);
    CHECK_EQ_U64(t.unknown_frees, 0);
    CHECK_EQ_U64(t.order_repairs, 0);
    CHECK_EQ_U64(t.peak_bytes, 1000 + 100 + 19);
    struct rec_file *file;
    struct failure f;
    size_t count;
    CHECK_EQ_I64(rec_open(&file, path, &f), 0);
    const struct rec_mark *marks = rec_marks(file, &count);
    CHECK_EQ_U64(count, 1);
    CHECK_STR(marks[0].name, "a moment");
    CHECK_EQ_U64(marks[0].live_bytes, 1000 + 100 + 18);
    CHECK_EQ_U64(marks[0].event, 6);
    const struct rec_pool *named = rec_pools(file, &count);
    CHECK_EQ_U64(count, 1);
    CHECK_STR(named[0].name, "nodes");
    const struct rec_forbidden *forbidden = rec_forbidden(file, &count, &f);
    CHECK_EQ_U64(count, 1);
    CHECK_STR(forbidden[0].label, "a moment");
    CHECK_EQ_U64(forbidden[0].bytes, 1000);
    CHECK_STR(rec_threads(file, &count)[0].name, "a moment");
    rec_close(file);
}

/* A record that is not finished holds back what came after it, in its own ring and in others. */
static void pending_holds(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_owner(&b, 1, 101);
    put_alloc(&b, 0, 0x4000, 8, 10);
    uint64_t at = b.position[0];
    put(&b, 0, 2); /* PENDING, two words */
    put(&b, 0, 15);
    put_alloc(&b, 0, 0x5000, 8, 30);
    put_alloc(&b, 1, 0x6000, 8, 20);
    tracee_drain(b.t, DRAIN_RUNNING);
    CHECK_EQ_U64(b.t->totals.allocations, 1);
    b.position[0] = at;
    put_free(&b, 0, 0x4000, 15);
    b.position[0] = at + 5;
    tracee_drain(b.t, DRAIN_RUNNING);
    CHECK_EQ_U64(b.t->totals.allocations, 3);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.frees, 1);
    CHECK_EQ_U64(t.lost_events, 0);
}

/* A thread died between reserving a record and marking it, and the ring's next owner wrote on behind
 * the gap: the merge waits at the gap, as what is behind it is older than what other rings hold. */
static void gap_holds(void) {
    struct bench b = begin();
    put_owner(&b, 0, 1);
    put_alloc(&b, 0, 0x5000, 30, 10);
    put_owner(&b, 1, 2);
    put_alloc(&b, 1, 0x1000, 10, 100);
    b.position[1] += 3;
    put_owner(&b, 1, 3);
    put_free(&b, 1, 0x1000, 300);
    put_alloc(&b, 0, 0x1000, 20, 400);
    tracee_drain(b.t, DRAIN_RUNNING);
    CHECK_EQ_U64(b.t->totals.allocations, 2);
    for (int i = 0; i < 3; i++)
        tracee_drain(b.t, DRAIN_RUNNING);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 3);
    CHECK_EQ_U64(t.frees, 1);
    CHECK_EQ_U64(t.lost_events, 1);
    CHECK_EQ_U64(t.order_repairs, 0);
}

/* Nothing is behind the gap: whoever writes there will do so later, so nobody waits. */
static void gap_at_the_end_holds_nobody(void) {
    struct bench b = begin();
    put_owner(&b, 0, 1);
    put_alloc(&b, 0, 0x5000, 30, 10);
    put_owner(&b, 1, 2);
    put_alloc(&b, 1, 0x1000, 10, 100);
    b.position[1] += 3;
    struct wire_ring *rings = (struct wire_ring *)((char *)b.t->region + b.t->layout.rings_offset);
    rings[1].head = b.position[1];
    put_alloc(&b, 0, 0x2000, 20, 400);
    tracee_drain(b.t, DRAIN_RUNNING);
    CHECK_EQ_U64(b.t->totals.allocations, 3);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 3);
}

/* After the end nobody finishes a record: it is counted, and what follows is kept. */
static void killed_in_a_record(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    put_alloc(&b, 0, 0x4000, 8, 0);
    put(&b, 0, 2);
    b.position[0]++; /* the second word was never written */
    put_alloc(&b, 0, 0x5000, 8, 0);
    b.position[0] += 3; /* reserved, not even marked */
    put_alloc(&b, 0, 0x6000, 8, 0);
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 3);
    CHECK_EQ_U64(t.lost_events, 2);
}

static void wrapping(void) {
    struct bench b = begin();
    put_owner(&b, 0, 100);
    for (uint64_t i = 0; i < 50000; i++) {
        put_alloc(&b, 0, 0x4000, 24, 0);
        put_free(&b, 0, 0x4000, 0);
        if (i % 1000 == 0) tracee_drain(b.t, DRAIN_RUNNING);
    }
    struct rec_totals t = end(&b);
    CHECK_EQ_U64(t.allocations, 50000);
    CHECK_EQ_U64(t.temporary, 50000);
    CHECK_EQ_U64(t.leaked_blocks, 0);
}

/* Whatever stands in the region, the recorder neither crashes nor hangs. */
static void hostile(unsigned seed) {
    struct bench b = begin();
    srand(seed);
    unsigned char *bytes = (unsigned char *)b.t->region;
    uint64_t header = sizeof(struct wire_region);
    for (uint64_t i = 0; i < header; i++)
        if (rand() % 4 == 0) bytes[i] = (unsigned char)rand();
    for (uint64_t i = header; i < b.t->layout.nodes_offset + 4096; i += 1 + (uint64_t)rand() % 16)
        bytes[i] = (unsigned char)rand();
    for (uint64_t i = b.t->layout.data.data_offset; i < b.t->layout.bytes; i++)
        bytes[i] = (unsigned char)rand();
    for (int i = 0; i < 20; i++)
        tracee_drain(b.t, DRAIN_RUNNING);
    finish(b.t, REC_END_SIGNAL, 9);
    tracee_destroy(b.t);
}

int main(void) {
    struct failure f;
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    CHECK_EQ_I64(rec_encoder_start(&encoder, &f), 0);
    one_thread();
    threads_in_turn();
    freed_by_another();
    realloc_race();
    ended_before_its_birth();
    freed_before_the_start();
    pools();
    pending_holds();
    gap_holds();
    gap_at_the_end_holds_nobody();
    killed_in_a_record();
    wrapping();
    for (unsigned seed = 1; seed <= 12; seed++)
        hostile(seed);
    rec_encoder_stop(encoder);
    unlink(path);
    return 0;
}
