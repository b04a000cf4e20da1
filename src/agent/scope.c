/* SPDX-License-Identifier: MIT
 * Counts what a thread does inside its open scopes. See scope.h. */
#include "agent/scope.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/ring_write.h"
#include "core/syscall.h"

enum { DEPTH_MAX = 64, FIRST_CAPACITY = 1024 };

/* A slot is in use if its number is that of the outermost open scope or a later one, so that a
 * table needs no clearing. */
struct own_block {
    uint64_t address;
    uint64_t number;
    uint64_t size; /* ENDED: the block is gone, the slot is passed over */
};
#define ENDED UINT64_MAX

struct open_scope {
    uint64_t number;
    uint32_t forbid, name;
    struct heapwise_stats stats;
};

struct agent_scopes {
    uint32_t depth; /* open scopes, outermost first; means nothing without THREAD_SCOPED */
    uint32_t busy;  /* the table and what is alive are being changed: a signal handler keeps out */
    struct own_block *blocks;
    uint64_t capacity, used;
    struct open_scope open[DEPTH_MAX];
};

static uint64_t numbers_given;

int agent_scope_stamps(struct agent_thread *t) {
    (void)ring_stamps(t);
    /* What ring_stamps can not tell while a scope is open: the first thread beside this one. */
    if (!__libc_single_threaded && !(t->stamps & THREAD_STAMPS)) agent_pulse_changed(t);
    return t->stamps & THREAD_STAMPS;
}

uint64_t agent_scope_begin(struct agent_thread *t, uint32_t forbid, uint32_t name) {
    struct agent_scopes *s = t->scopes;
    if (s == NULL) {
        s = sys_mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (SYS_FAILED(s)) return 0;
        add_relaxed(&agent_process.region->private_bytes, sizeof *s);
        t->scopes = s;
    }
    if (!(t->stamps & THREAD_SCOPED)) s->depth = s->busy = 0, s->used = 0;
    if (s->depth == DEPTH_MAX) return 0;
    uint64_t number = add_relaxed(&numbers_given, 1) + 1;
    s->open[s->depth] = (struct open_scope){.number = number, .forbid = forbid, .name = name};
    fence_signal();
    s->depth++;
    t->stamps |= THREAD_SCOPED;
    return number;
}

int agent_scope_end(struct agent_thread *t, uint64_t scope, struct heapwise_stats *stats) {
    struct agent_scopes *s = t->scopes;
    if (!(t->stamps & THREAD_SCOPED) || s == NULL) return 0;
    uint32_t at = s->depth;
    while (at > 0 && s->open[at - 1].number != scope)
        at--;
    if (at == 0) return 0;
    if (stats != NULL) *stats = s->open[at - 1].stats;
    s->depth = at - 1;
    if (at == 1) t->stamps &= (uint8_t)~THREAD_SCOPED;
    return 1;
}

/* ---- own blocks ---- */

static uint64_t home(const struct agent_scopes *s, uint64_t address) {
    return (address * 0x9e3779b97f4a7c15ull >> 20) & (s->capacity - 1);
}

/* The slot of a block, or the free one where it would go. There is always a free one. */
static struct own_block *slot_of(struct agent_scopes *s, uint64_t address) {
    uint64_t at = home(s, address);
    while (s->blocks[at].number >= s->open[0].number && s->blocks[at].address != address)
        at = (at + 1) & (s->capacity - 1);
    return &s->blocks[at];
}

static int is_used(const struct agent_scopes *s, const struct own_block *b) {
    return b->number >= s->open[0].number;
}

/* Makes room for one more; false when memory is out. */
static int has_room(struct agent_scopes *s) {
    if (4 * (s->used + 1) <= 3 * s->capacity) return 1;
    struct agent_scopes larger = *s;
    larger.capacity = s->capacity == 0 ? FIRST_CAPACITY : 4 * s->capacity;
    size_t bytes = larger.capacity * sizeof *s->blocks, old = s->capacity * sizeof *s->blocks;
    larger.blocks =
        sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (SYS_FAILED(larger.blocks)) return 0;
    larger.used = 0;
    for (uint64_t i = 0; i < s->capacity; i++) {
        if (!is_used(s, &s->blocks[i]) || s->blocks[i].size == ENDED) continue;
        *slot_of(&larger, s->blocks[i].address) = s->blocks[i];
        larger.used++;
    }
    if (old != 0) sys_munmap(s->blocks, old);
    add_relaxed(&agent_process.region->private_bytes, bytes - old);
    s->blocks = larger.blocks;
    s->capacity = larger.capacity;
    s->used = larger.used;
    return 1;
}

static void own_ended(struct agent_scopes *s, const struct own_block *b) {
    for (uint32_t i = 0; i < s->depth && s->open[i].number <= b->number; i++) {
        s->open[i].stats.live_blocks--;
        s->open[i].stats.live_bytes -= b->size;
    }
}

static void not_exact(struct agent_scopes *s) {
    for (uint32_t i = 0; i < s->depth; i++)
        s->open[i].stats.inexact = 1;
}

/* ---- events ---- */

static void born(struct agent_scopes *s, const void *block, size_t size) {
    for (uint32_t i = 0; i < s->depth; i++) {
        add_signal(&s->open[i].stats.allocations, 1);
        add_signal(&s->open[i].stats.allocated_bytes, size);
    }
    if (s->busy || s->depth == 0) {
        not_exact(s);
        return;
    }
    s->busy = 1;
    fence_signal();
    if (has_room(s)) {
        uint64_t address = (uintptr_t)block;
        struct own_block *b = slot_of(s, address);
        if (!is_used(s, b))
            s->used++;
        else if (b->size != ENDED)
            own_ended(s, b); /* another thread freed it */
        *b = (struct own_block){address, s->open[s->depth - 1].number, size};
        for (uint32_t i = 0; i < s->depth; i++) {
            struct heapwise_stats *stats = &s->open[i].stats;
            stats->live_blocks++;
            stats->live_bytes += size;
            if (stats->live_bytes <= stats->peak_bytes) continue;
            stats->peak_bytes = stats->live_bytes;
            stats->peak_blocks = stats->live_blocks;
        }
    } else {
        not_exact(s);
    }
    fence_signal();
    s->busy = 0;
}

/* The block's slot is emptied, if a scope knows it; gives the scope that it was born in (0:
 * outside) and its size. */
static uint64_t forget(struct agent_scopes *s, const void *block, uint64_t *size) {
    uint64_t number = 0;
    if (s->busy) {
        not_exact(s);
        return 0;
    }
    if (s->capacity == 0 || s->depth == 0) return 0;
    s->busy = 1;
    fence_signal();
    struct own_block *b = slot_of(s, (uintptr_t)block);
    if (is_used(s, b) && b->size != ENDED) {
        own_ended(s, b);
        number = b->number;
        *size = b->size;
        b->size = ENDED;
    }
    fence_signal();
    s->busy = 0;
    return number;
}

static void ended(struct agent_scopes *s, const void *block) {
    uint64_t size = 0, number = forget(s, block, &size);
    for (uint32_t i = 0; i < s->depth; i++) {
        struct open_scope *o = &s->open[i];
        add_signal(&o->stats.frees, 1);
        if (number != 0 && o->number <= number)
            add_signal(&o->stats.freed_bytes, size);
        else
            add_signal(&o->stats.outside_frees, 1);
    }
}

static size_t put_number(char *to, uint64_t n) {
    char digits[20];
    size_t count = 0, length;
    do
        digits[count++] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    for (length = 0; count > 0;)
        to[length++] = digits[--count];
    return length;
}

static void say_and_signal(size_t size) {
    char line[96];
    size_t at = 0;
    for (const char *c = "heapwise: an allocation of "; *c != '\0';)
        line[at++] = *c++;
    at += put_number(line + at, size);
    for (const char *c = " bytes where the program allows none\n"; *c != '\0';)
        line[at++] = *c++;
    (void)sys_raw6(SYS_write, 2, (long)line, (long)at, 0, 0, 0);
    sys_tgkill(sys_getpid(), sys_gettid(), SIGABRT);
}

/* After the record of an allocation: says that it was forbidden, when a scope forbids it. */
static void check_forbidden(struct agent_thread *t, size_t size, uint32_t node) {
    const struct agent_scopes *s = t->scopes;
    uint32_t forbid = HEAPWISE_ALLOW, name = 0;
    for (uint32_t i = 0; i < s->depth; i++) {
        if (s->open[i].forbid == HEAPWISE_ALLOW) continue;
        if (s->open[i].forbid > forbid) forbid = s->open[i].forbid;
        name = s->open[i].name;
    }
    if (forbid == HEAPWISE_ALLOW) return;
    int stamps = agent_scope_stamps(t);
    uint32_t count = stamps ? 4 : 3;
    uint64_t at;
    if (ring_reserve(t, count, &at)) {
        ring_mark(ring_place(t, at), count);
        const uint64_t words[] = {ring_first(WIRE_FORBIDDEN, stamps, (const void *)(uintptr_t)name),
                                  node, size, stamps ? ring_stamp_after() : 0};
        agent_ring_around(t, at, count, words);
    }
    if (forbid == HEAPWISE_ABORT || agent_process.region->abort_where_forbidden)
        say_and_signal(size);
}

void agent_scope_alloc(struct agent_thread *t, const void *block, size_t size, uint32_t node) {
    int stamps = agent_scope_stamps(t);
    uint32_t count = stamps ? 3 : 2;
    uint64_t at;
    born(t->scopes, block, size);
    if (!ring_reserve(t, count, &at)) return;
    ring_mark(ring_place(t, at), count);
    const uint64_t words[] = {ring_first(WIRE_ALLOC, stamps, block), (uint64_t)size << 32 | node,
                              stamps ? ring_stamp_after() : 0};
    agent_ring_around(t, at, count, words);
    check_forbidden(t, size, node);
}

void agent_scope_free(struct agent_thread *t, const void *block, uint64_t before) {
    int stamps = agent_scope_stamps(t);
    uint32_t count = stamps ? 2 : 1;
    uint64_t at;
    ended(t->scopes, block);
    if (!ring_reserve(t, count, &at)) return;
    ring_mark(ring_place(t, at), count);
    const uint64_t words[] = {ring_first(WIRE_FREE, stamps, block), !stamps ? 0
                                                                    : before != 0
                                                                        ? before
                                                                        : ring_stamp_before()};
    agent_ring_around(t, at, count, words);
}

void agent_scope_long(struct agent_thread *t, enum wire_kind kind, const void *block, size_t size,
                      uint32_t node) {
    if (kind == WIRE_ALLOC_BIG)
        born(t->scopes, block, size);
    else
        for (uint32_t i = 0; i < t->scopes->depth; i++)
            add_signal(&t->scopes->open[i].stats.failed, 1);
    agent_ring_long_plain(t, kind, block, size, node, agent_scope_stamps(t));
    check_forbidden(t, size, node);
}

void agent_scope_move(struct agent_thread *t, const void *old, const void *block, size_t size,
                      uint32_t node, uint64_t before) {
    ended(t->scopes, old);
    for (uint32_t i = 0; i < t->scopes->depth; i++)
        add_signal(&t->scopes->open[i].stats.reallocations, 1);
    born(t->scopes, block, size);
    agent_ring_move_plain(t, old, block, size, node, before, agent_scope_stamps(t));
    check_forbidden(t, size, node);
}
