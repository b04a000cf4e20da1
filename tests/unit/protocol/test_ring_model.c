/* SPDX-License-Identifier: MIT
 * The ring, in every interleaving: the agent's own code writes records and waits for room, the
 * recorder's own code drains them, on rings of 8 words, with stores that become visible late and
 * out of order (model.h). Each scenario is gone through to the end, so that what holds here holds
 * always:
 *
 *   - no record that was completed is missing, comes twice, torn, or out of order;
 *   - nobody waits for ever: a full ring's owner is woken without its time-out's help;
 *   - at most one record is lost by a kill, or by a jump out of a hook.
 *
 * That the checker would see a mistake is seen by making two: no release, no fence. */
#define realloc model_heads
#define clock_gettime model_clock
#define __libc_single_threaded model_single_threaded
static void *model_heads(void *old, unsigned long bytes);
struct timespec;
static int model_clock(int which, struct timespec *now);
extern char model_single_threaded;

#include "../../../src/agent/ring_wait.c"
#include "../../../src/agent/ring_write.c"
#include "../../../src/recorder/drain.c"
#include "unit/check.h"

enum { RINGS = 2, LOG2 = 3, RECORDS_MAX = 64 };

struct agent_process agent_process;
struct agent_guard_page agent_guard_page = {.state = GUARD_HERE};
__thread struct agent_thread *agent_thread_current;
char model_single_threaded = 1;

/* Everything that steps change. The region comes first: offsets count from it. */
static struct world {
    struct wire_region region;
    struct wire_ring rings[RINGS];
    uint64_t data[RINGS][1 << LOG2];
    struct agent_thread threads[RINGS];
    struct tracee tracee;
    struct ring_reader readers[RINGS];
    struct head heads[RINGS];
    uint64_t completed, seen;        /* bit for each record, by number */
    uint32_t last[RECORDS_MAX / 16]; /* number seen last, of each writer: 16 numbers each */
    uint64_t last_stamp, now_ms;
} w;

static void *model_heads(void *old, unsigned long bytes) {
    (void)old, (void)bytes;
    return w.heads;
}

static int model_clock(int which, struct timespec *now) {
    (void)which;
    *now = (struct timespec){.tv_sec = (time_t)(w.now_ms / 1000),
                             .tv_nsec = (long)(w.now_ms % 1000) * 1000000};
    return 0;
}

/* No scope of the C API is open here, and nothing is told. */
void agent_scope_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node) {
    (void)t, (void)block, (void)size, (void)node;
    abort();
}
void agent_scope_free(struct agent_thread *t, const void *block, uint64_t before) {
    (void)t, (void)block, (void)before;
    abort();
}
void agent_scope_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                      uint32_t node) {
    (void)t, (void)kind, (void)block, (void)size, (void)node;
    abort();
}
void agent_scope_move(struct agent_thread *t, const void *old, const void *block, size_t size,
                      uint32_t node, uint64_t before) {
    (void)t, (void)old, (void)block, (void)size, (void)node, (void)before;
    abort();
}
void told_record(struct tracee *t, struct ring_reader *r, const struct told_record *e) {
    (void)t, (void)r, (void)e;
    abort();
}

int rec_writer_has_failed(const struct rec_writer *writer) {
    (void)writer;
    return 0;
}
void pages_ahead(void *from, uint64_t capacity, uint64_t filled, uint64_t *made) {
    (void)from, (void)capacity, (void)filled, (void)made; /* the model has no pages */
}

void tracee_out_of_memory(struct tracee *t) {
    (void)t;
    abort();
}

void agent_turn_off(void) {
    model_fail("the agent gave up");
}
void live_heap_prefetch(const struct live_heap *heap, uint64_t address) {
    (void)heap, (void)address;
}

static unsigned writers; /* of this scenario: tasks 0 …; the recorder is the task after them */
static unsigned first_records; /* of each writer */
static bool stamped;
static uint64_t lost_most;

/* ---- what is written, and what comes out ---- */

/* What record `n` is. None with stamps takes more than half of a ring: real rings are larger, and
 * nobody is woken before half of one is free. */
static unsigned kind_of(unsigned n) {
    return stamped && n % 4 == 2 ? 1 : n % 4;
}

/* Record `n` of all: its kind, address and size follow from its number. */
static void write_record(unsigned ring, unsigned n) {
    struct agent_thread *t = &w.threads[ring];
    const void *block = (const void *)(uintptr_t)(0x1000 + n);
    switch (kind_of(n)) {
    case 0:
        ring_alloc(t, block, 100 + n, 0);
        break;
    case 1:
        ring_free(t, block);
        break;
    case 2:
        agent_ring_move(t, (const void *)(uintptr_t)(0x2000 + n), block, 100 + n, 0, 7);
        break;
    default:
        agent_ring_long(t, WIRE_FAILED, NULL, 100 + n, 0);
        break;
    }
    w.completed |= 1ull << n;
}

static void seen(const struct ring_reader *r, uint64_t n, uint64_t kind, uint64_t stamp) {
    if (n >= RECORDS_MAX || kind_of((unsigned)n) != kind) {
        model_fail("a torn record");
        return;
    }
    if ((w.seen >> n & 1) != 0) model_fail("a record comes twice");
    w.seen |= 1ull << n;
    uint32_t *last = &w.last[n / 16];
    if (*last > n % 16) model_fail("records of one writer change places");
    *last = (uint32_t)(n % 16);
    if (stamp != 0 && stamp < w.last_stamp) model_fail("stamps run backwards");
    if (stamp > w.last_stamp) w.last_stamp = stamp;
    (void)r;
}

void account_birth(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t size,
                   uint32_t node, uint64_t stamp) {
    (void)t, (void)node;
    if (size != 100 + address - 0x1000) model_fail("a torn birth");
    seen(r, address - 0x1000, 0, stamp);
}
void account_end(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t stamp) {
    (void)t;
    seen(r, address - 0x1000, 1, stamp);
}
void account_move(struct tracee *t, struct ring_reader *r, uint64_t old, uint64_t address,
                  uint64_t size, uint32_t node, uint64_t before, uint64_t stamp) {
    (void)t, (void)node;
    if (old != address + 0x1000 || size != 100 + address - 0x1000 || (stamp != 0 && before != 7))
        model_fail("a torn move");
    seen(r, address - 0x1000, 2, stamp);
}
void account_failure(struct tracee *t, struct ring_reader *r, uint64_t size, uint32_t node) {
    (void)t, (void)node;
    seen(r, size - 100, 3, 0);
}
void account_tick(struct tracee *t, uint32_t tick) {
    (void)t, (void)tick;
}
void tracee_learn_thread(struct tracee *t, struct ring_reader *r, uint32_t tid) {
    (void)t, (void)r, (void)tid;
}

/* ---- tasks ---- */

static void begin(void) {
    memset(&w, 0, sizeof w);
    w.region.rings_offset = offsetof(struct world, rings);
    w.region.ring_layout = (struct wire_ring_layout){
        .data_offset = offsetof(struct world, data), .steps = {{RINGS, LOG2}}};
    w.region.bytes = sizeof w;
    w.region.clock_kind = WIRE_CLOCK_COUNTER;
    w.region.counter = 1;
    w.region.ring_count = RINGS;
    w.region.threaded = stamped;
    agent_process.region = &w.region;
    model_single_threaded = !stamped;
    for (unsigned i = 0; i < RINGS; i++) {
        w.rings[i].owner = 1;
        w.rings[i].limit = 1 << LOG2;
        w.threads[i] = (struct agent_thread){.ring = &w.rings[i],
                                             .data = w.data[i],
                                             .end = w.data[i] + (1 << LOG2),
                                             .mask = (1 << LOG2) - 1,
                                             .lap_shift = 63 - LOG2,
                                             .stamps = stamped,
                                             .pulse = w.region.pulse};
        w.readers[i].tid = 1;
    }
    w.tracee.region = &w.region;
    w.tracee.rings = w.readers;
    w.tracee.started = true;
    w.tracee.clock = WIRE_CLOCK_COUNTER;
    w.tracee.layout.rings_offset = w.region.rings_offset;
    w.tracee.layout.rings_max = RINGS;
    w.tracee.layout.data = w.region.ring_layout;
    w.now_ms = 1;
}

static void writer(unsigned which) {
    for (unsigned n = 0; n < first_records; n++)
        write_record(which, 16 * which + n);
}
static void writer_0(void) {
    writer(0);
}
static void writer_1(void) {
    writer(1);
}
/* In ring 0, in the middle of whatever writer 0 does. */
static void handler(void) {
    write_record(0, 32);
    write_record(0, 33);
}
static bool part(unsigned number) {
    if (number < first_records) write_record(0, number);
    return number < first_records;
}
static void writer_in_parts(void) {
    model_parts(part);
}

/* Time passes for the recorder while something is unfinished, and only as much as can matter; no
 * store stays in a buffer for so long. */
static void time_passes(void) {
    uint64_t since = w.readers[0].pending_since;
    if (since != 0 && model_is_quiet()) w.now_ms = since + PENDING_PATIENCE_MS + 1;
}

static void recorder(void) {
    for (bool jumps = lost_most > 0;;) {
        bool over = true, slept = false;
        for (unsigned i = 0; i < writers; i++) {
            over = over && model_has_ended(i);
            slept = slept || model_is_asleep(i);
        }
        if (jumps) time_passes();
        uint64_t before = w.seen;
        tracee_drain(&w.tracee, DRAIN_RUNNING);
        if (over) break;
        bool sleeps = false;
        for (unsigned i = 0; i < writers; i++)
            sleeps = sleeps || model_is_asleep(i);
        if (slept && sleeps && before == w.seen && !jumps)
            model_fail("nobody wakes a writer that has room");
    }
    tracee_drain(&w.tracee, DRAIN_FINAL);
}

static const char *end(void) {
    if ((w.completed & ~w.seen) != 0) return "a completed record is missing";
    if ((w.seen & ~w.completed) != 0 && lost_most == 0)
        return "a record comes that was not written";
    if (w.tracee.totals.lost_events > lost_most) return "too many records are lost";
    return NULL;
}

static void explore(const char *name, struct model_options o, uint64_t at_least) {
    o.world = &w;
    o.world_bytes = sizeof w;
    o.start = begin;
    o.end = end;
    struct model_result r = model_explore(&o);
    printf("%s: %llu states, %llu ends: %s\n", name, (unsigned long long)r.states,
           (unsigned long long)r.ends, r.wrong == NULL ? "sound" : r.wrong);
    CHECK((r.wrong != NULL) == (o.mistake != MODEL_SOUND));
    if (o.mistake == MODEL_SOUND) CHECK(r.states >= at_least && r.ends > 0);
}

#define TASKS(...)                                                                                 \
    .tasks = (const struct model_task[]){__VA_ARGS__},                                             \
    .task_count = sizeof((const struct model_task[]){__VA_ARGS__}) / sizeof(struct model_task)

static void scenario(unsigned writer_count, unsigned records, bool with_stamps, uint64_t lost) {
    writers = writer_count;
    first_records = records;
    stamped = with_stamps;
    lost_most = lost;
}

/* A scenario: what the tasks are, how many records a writer writes, and what may come between. */
#define ONE TASKS({writer_0, 0, false}, {recorder, 1, false})
#define INTERRUPTED TASKS({writer_0, 0, false}, {recorder, 1, false}, {handler, 0, true})
#define IN_PARTS TASKS({writer_in_parts, 0, false}, {recorder, 1, false})
#define TWO TASKS({writer_0, 0, false}, {writer_1, 2, false}, {recorder, 1, false})

int main(int argc, char **argv) {
    int only = argc > 1 ? atoi(argv[1]) : 0, n = 0;
#define EXPLORE(name, count, records, with_stamps, lost, at_least, ...)                            \
    if (++n == only || only == 0) {                                                                \
        scenario(count, records, with_stamps, lost);                                               \
        explore(name, (struct model_options){__VA_ARGS__}, at_least);                              \
    }
    EXPLORE("a full ring", 1, 5, false, 0, 1000, ONE)
    EXPLORE("a full ring, stamps", 1, 4, true, 0, 1000, ONE)
    EXPLORE("stores out of order", 1, 3, false, 0, 1000, ONE, .stores = MODEL_OUT_OF_ORDER)
    EXPLORE("a handler in between", 1, 2, false, 0, 1000, INTERRUPTED)
    EXPLORE("a kill", 1, 3, false, 1, 1000, ONE, .kills = 1)
    EXPLORE("a jump", 1, 3, false, 1, 1000, IN_PARTS, .jumps = 1)
    EXPLORE("two writers, stamps", 2, 2, true, 0, 1000, TWO)
    EXPLORE("no release", 1, 3, false, 0, 0, ONE, .stores = MODEL_OUT_OF_ORDER,
            .mistake = MODEL_NO_RELEASE)
    EXPLORE("no fence", 1, 5, false, 0, 0, ONE, .mistake = MODEL_NO_FENCE)
    return 0;
}
