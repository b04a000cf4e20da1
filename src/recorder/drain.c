/* SPDX-License-Identifier: MIT
 * Takes records out of the rings in their one order.
 *
 * While the process has one thread, its ring's order is the order. With threads every record
 * carries a stamp, and the rings are merged by it. A record may be published later than another
 * ring's with a higher stamp was seen, so the merge goes only as far as a watermark that every ring
 * has passed:
 *
 *   - a moment W is taken before the rings are looked at; a ring that is empty after that will only
 *     bring stamps after W, because a thread marks its record PENDING before it takes the stamp.
 * The mark travels through the processor's store buffer, so W is set back by STORE_SLACK;
 *   - a ring whose first record is PENDING, or a gap before others, holds the merge at the last stamp
 *     it brought.
 *
 * Records of the time before the second thread carry no stamp: they come before all that do.
 * Everything read here was written by the profiled process: kinds, lengths and ids are checked. */
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/arch/x86_64/cpu.h"
#include "core/atomics.h"
#include "core/syscall.h"
#include "recorder/pages_ahead.h"
#include "recorder/told.h"
#include "recorder/tracee.h"
#include "wire/record.h"

enum {
    BATCH = 64,                /* records decoded ahead, so that memory is fetched ahead */
    STORE_SLACK = 1 << 18,     /* ticks of the timestamp counter: about 0.1 ms */
    ROUND = 16384,             /* records taken in one call, so that the clock is kept */
    GIVE_BACK_SHARE = 8,       /* of a ring: what has been taken is given back in such parts */
    ROOM_TO_WAKE = 32768,      /* words, of which a program writes no more in a millisecond */
    PENDING_PATIENCE_MS = 200, /* how long an unfinished record of a living thread is waited for */
};

/* A record in plain fields. */
struct record {
    uint64_t stamp, before; /* 0: none */
    uint64_t address, old, size;
    uint32_t node;
    uint32_t kind;
    uint32_t words;
};

/* More words than this at once no ring's owner can have reserved; a hostile process may say so. */
#define RESERVED_MAX (1ull << 40)

enum peek { PEEK_EMPTY, PEEK_PENDING, PEEK_RECORD };

static inline uint64_t word_at(const struct ring_reader *r, uint64_t position) {
    return load_relaxed(&r->data[position & r->mask]) & ~WIRE_LAP;
}

static void read_rare(const struct ring_reader *r, uint64_t position, uint64_t first,
                      struct record *out);

/* Looks at the record at `position`. PEEK_PENDING also for what makes no sense. */
static inline enum peek ring_peek(const struct ring_reader *r, uint64_t position,
                                  struct record *out) {
    if (__builtin_expect(position >= r->end, 0)) return PEEK_EMPTY;
    /* acquire: pairs with the publishing store of the agent */
    uint64_t first = load_acquire(&r->data[position & r->mask]);
    if (((first ^ wire_lap(position, r->capacity_log2)) & WIRE_LAP) != 0) return PEEK_EMPTY;
    first &= ~WIRE_LAP;
    uint32_t words = wire_words(first);
    if (words == 0) return PEEK_PENDING;
    uint32_t kind = (uint32_t)(first >> WIRE_KIND_SHIFT);
    int stamped = (first & WIRE_STAMPED) != 0;
    out->kind = kind;
    out->words = words;
    out->address = first & WIRE_ADDRESS;
    if (kind == WIRE_ALLOC) {
        uint64_t packed = word_at(r, position + 1);
        out->size = packed >> 32;
        out->node = (uint32_t)packed;
        out->stamp = stamped ? word_at(r, position + 2) : 0;
    } else if (kind == WIRE_FREE) {
        out->stamp = stamped ? word_at(r, position + 1) : 0;
    } else {
        read_rare(r, position, first, out);
    }
    return PEEK_RECORD;
}

/* What the other kinds have behind their first word. */
static __attribute__((noinline)) void read_rare(const struct ring_reader *r, uint64_t position,
                                                uint64_t first, struct record *out) {
    out->stamp = out->before = 0;
    uint32_t stamp_at = 0;
    switch (out->kind) {
    case WIRE_ALLOC_BIG:
    case WIRE_FAILED:
        out->node = (uint32_t)word_at(r, position + 1);
        out->size = word_at(r, position + 2);
        stamp_at = 3;
        break;
    case WIRE_REALLOC:
        out->node = (uint32_t)word_at(r, position + 1);
        out->size = word_at(r, position + 2);
        out->old = word_at(r, position + 3) & WIRE_ADDRESS;
        stamp_at = 4;
        break;
    case WIRE_POOL_ALLOC:
        out->node = (uint32_t)word_at(r, position + 1);
        out->size = word_at(r, position + 2);
        out->old = word_at(r, position + 3) & WIRE_ADDRESS;
        out->before = word_at(r, position + 4); /* the pool */
        stamp_at = 5;
        break;
    case WIRE_POOL_FREE:
    case WIRE_POOL_RESET:
    case WIRE_MARK:
        out->size = word_at(r, position + 1);
        stamp_at = 2;
        break;
    case WIRE_FORBIDDEN:
        out->node = (uint32_t)word_at(r, position + 1);
        out->size = word_at(r, position + 2);
        stamp_at = 3;
        break;
    default:
        return;
    }
    if ((first & WIRE_STAMPED) != 0) {
        out->stamp = word_at(r, position + stamp_at);
        if (out->kind == WIRE_REALLOC) out->before = word_at(r, position + 5);
    }
}

static inline uint32_t checked_node(const struct tracee *t, uint32_t node) {
    return node < t->layout.nodes_max ? node : 0;
}

static __attribute__((noinline, cold)) void told_apply(struct tracee *t, struct ring_reader *r,
                                                       const struct record *e) {
    told_record(t, r,
                &(struct told_record){.kind = e->kind,
                                      .node = e->kind == WIRE_POOL_ALLOC || e->kind == WIRE_FORBIDDEN
                                                  ? checked_node(t, e->node)
                                                  : 0,
                                      .address = e->address,
                                      .size = e->size,
                                      .old = e->kind == WIRE_POOL_ALLOC ? e->old : 0,
                                      .pool = e->before,
                                      .stamp = e->stamp});
}

static inline void record_apply(struct tracee *t, struct ring_reader *r, const struct record *e) {
    switch (e->kind) {
    case WIRE_ALLOC:
    case WIRE_ALLOC_BIG:
        account_birth(t, r, e->address, e->size, checked_node(t, e->node), e->stamp);
        break;
    case WIRE_FREE:
        account_end(t, r, e->address, e->stamp);
        break;
    case WIRE_REALLOC:
        account_move(t, r, e->old, e->address, e->size, checked_node(t, e->node), e->before,
                     e->stamp);
        break;
    case WIRE_FAILED:
        account_failure(t, r, e->size, checked_node(t, e->node));
        break;
    case WIRE_TICK:
        account_tick(t, (uint32_t)e->address);
        break;
    case WIRE_OWNER:
        tracee_learn_thread(t, r, (uint32_t)e->address);
        break;
    default:
        told_apply(t, r, e);
        break;
    }
    if (e->stamp > r->last_stamp) r->last_stamp = e->stamp;
}

static struct wire_ring *ring_shared(struct tracee *t, uint32_t index) {
    return (struct wire_ring *)((char *)t->region + t->layout.rings_offset) + index;
}

/* Gives the words back to the agent, and wakes it when it sleeps for them: not before it has room for so many
 * that it does not come back at once. Since we take words faster than most programs write them, one that
 * slept until half of a large ring was free would have waited for nothing. */
static void ring_give_back(struct tracee *t, uint32_t index) {
    struct wire_ring *shared = ring_shared(t, index);
    struct ring_reader *r = &t->rings[index];
    r->given = r->tail;
    store_release(&shared->tail, r->tail); /* pairs with agent_ring_wait's acquire */
    fence_full();
    if (load_relaxed(&shared->waiting) == 0) return;
    uint64_t capacity = r->mask + 1;
    uint64_t room = capacity / 2 < ROOM_TO_WAKE ? capacity / 2 : ROOM_TO_WAKE;
    if (load_relaxed(&shared->head) - r->tail > capacity - room) return;
    store_relaxed(&shared->waiting, 0);
    store_release(&shared->space, shared->space + 1);
    sys_futex(&shared->space, FUTEX_WAKE, 1, NULL);
}

static void rings_know(struct tracee *t) {
    uint32_t count = load_acquire(&t->region->ring_count);
    if (count > t->layout.rings_max) count = t->layout.rings_max;
    for (; t->rings_known < count; t->rings_known++) {
        struct ring_reader *r = &t->rings[t->rings_known];
        r->capacity_log2 = wire_ring_log2(&t->layout.data, t->rings_known);
        r->mask = (1ull << r->capacity_log2) - 1;
        r->end = UINT64_MAX;
        r->thread = RING_OF_NOBODY;
        r->data = (const uint64_t *)((const char *)t->region +
                                     wire_ring_offset(&t->layout.data, t->rings_known));
    }
}

/* Makes pages of what the process fills, ahead of it. What it says is only taken for how many. The first
 * thread begins as if it had written something; another one, of which there may be thousands, has only
 * pages that it writes until they are several. */
static void make_pages(struct tracee *t) {
    char *region = (char *)t->region;
    enum { FIRST_WRITES = 32 << 10 };
    pages_ahead(region + t->layout.nodes_offset, t->layout.nodes_max * sizeof(struct wire_node),
                load_relaxed(&t->region->node_count) * sizeof(struct wire_node), &t->nodes_made);
    for (uint32_t i = 0; i < t->rings_known; i++) {
        struct ring_reader *r = &t->rings[i];
        uint64_t written = load_relaxed(&ring_shared(t, i)->head) * sizeof *r->data;
        if (i == 0 && written < FIRST_WRITES) written = FIRST_WRITES;
        pages_ahead((void *)(uintptr_t)r->data, (r->mask + 1) * sizeof *r->data, written, &r->made);
    }
}

/* What stands at a ring's tail, and the stamp that it is merged by. */
struct next {
    enum peek peek;
    uint64_t key;
};

static inline void next_peek(const struct ring_reader *r, struct next *next) {
    struct record e;
    next->peek = ring_peek(r, r->tail, &e);
    if (next->peek != PEEK_RECORD) return;
    next->key = e.stamp > r->last_stamp ? e.stamp : r->last_stamp;
}

/* Takes up to BATCH records whose stamps are at most `limit`: first decodes them and asks for the
 * memory they will touch, then accounts for them. Returns how many, and in *next what follows. */
static uint32_t take_batch(struct tracee *t, struct ring_reader *r, uint64_t limit,
                           struct next *next) {
    struct record batch[BATCH];
    uint32_t count = 0;
    uint64_t position = r->tail, last = r->last_stamp;
    while (count < BATCH) {
        struct record *e = &batch[count];
        next->peek = ring_peek(r, position, e);
        if (next->peek != PEEK_RECORD) break;
        if (e->stamp > last) last = e->stamp;
        /* Also for the one that is to wait for other rings' records: its turn is near. */
        if (e->kind <= WIRE_REALLOC) {
            live_heap_prefetch(t->heap, e->address);
            if (e->kind != WIRE_FREE && e->node < t->layout.nodes_max)
                __builtin_prefetch(&t->stats.nodes[e->node], 1);
        }
        if (last > limit) break;
        position += e->words;
        count++;
    }
    /* Its OWNER was lost, or never written: no two rings are of one thread. */
    if (r->thread == RING_OF_NOBODY && count > 0 && batch[0].kind != WIRE_OWNER)
        tracee_learn_thread(t, r, r->tid);
    for (uint32_t i = 0; i < count; i++)
        record_apply(t, r, &batch[i]);
    r->tail = position;
    next->key = last;
    if (count == BATCH) next_peek(r, next);
    return count;
}

/* ---- the merge: a binary heap of rings by the stamp of their next record ---- */

struct head {
    uint64_t key;
    uint32_t ring;
};

static void sift_down(struct head *heads, size_t count, size_t at) {
    struct head moving = heads[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && heads[child + 1].key < heads[child].key) child++;
        if (heads[child].key >= moving.key) break;
        heads[at] = heads[child];
        at = child;
    }
    heads[at] = moving;
}

static uint64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* How many words the owner of a ring has reserved from the tail on; 0 for what no agent can have
 * written.
 */
static uint64_t words_reserved(const struct tracee *t, const struct ring_reader *r,
                               uint32_t index) {
    const struct wire_ring *shared =
        (const struct wire_ring *)((const char *)t->region + t->layout.rings_offset) + index;
    uint64_t reserved = load_relaxed(&shared->head) - r->tail;
    return reserved > RESERVED_MAX ? 0 : reserved;
}

/* How far behind the tail the first written word is, below `most`; 0 when none is. */
static uint64_t written_behind(const struct ring_reader *r, uint64_t most) {
    struct record next;
    for (uint64_t words = 1; words < most; words++)
        if (ring_peek(r, r->tail + words, &next) != PEEK_EMPTY) return words;
    return 0;
}

/* Where the next record begins after the unfinished one at the tail, in words; 0 when none follows
 * it. A marked one says its own length. One that was reserved and never marked leaves words of the
 * last lap, up to the next record (the first of several that a handler wrote, or that followed a
 * jump). Jumps out of the wait for a full ring may reserve more than the ring holds, and nothing of
 * that is ever written: then the tail goes to where whoever waits now has room. */
static uint64_t unfinished_words(const struct tracee *t, const struct ring_reader *r,
                                 uint32_t index) {
    uint64_t reserved = words_reserved(t, r, index), capacity = r->mask + 1;
    uint64_t first = load_acquire(&r->data[r->tail & r->mask]);
    if (((first ^ wire_lap(r->tail, r->capacity_log2)) & WIRE_LAP) == 0) {
        uint64_t words = first & WIRE_ADDRESS;
        return words == 0 || words > WIRE_WORDS_MAX ? 1 : words;
    }
    uint64_t most = reserved < capacity ? reserved : capacity;
    /* A record is marked before the rest of it is written: it may be met by its last word, with the
     * mark written after the look at it. The second look sees the mark. */
    if (written_behind(r, most) != 0) return written_behind(r, most);
    return reserved > capacity ? reserved - capacity : 0;
}

/* Steps over a record of so many words that its thread will never finish: the process is gone, or
 * the thread is, or it jumped out of the hook. */
static bool step_over(struct tracee *t, struct ring_reader *r, uint64_t words) {
    if (words == 0) return false;
    /* What its owner never wrote still holds the lap before last, and would look written in the
     * next. */
    uint64_t *data = (uint64_t *)(uintptr_t)r->data;
    uint64_t end = r->tail + words;
    if (words > r->mask + 1) r->tail = end - (r->mask + 1);
    for (; r->tail < end; r->tail++)
        store_relaxed(&data[r->tail & r->mask], wire_lap(r->tail, r->capacity_log2));
    r->pending_since = 0;
    t->totals.lost_events++;
    return true;
}

/* How many words the unfinished record at the tail of a ring has, if it is to be waited for no
 * longer; else 0. */
static uint64_t abandoned_words(struct tracee *t, struct ring_reader *r, uint32_t index) {
    uint64_t now = monotonic_ms();
    uint32_t owner = load_relaxed(&ring_shared(t, index)->owner);
    if (r->pending_since == 0) r->pending_since = now;
    bool patient = now - r->pending_since < PENDING_PATIENCE_MS;
    if (patient && owner == r->tid) return 0;
    uint64_t first = load_acquire(&r->data[r->tail & r->mask]);
    struct record next;
    if (ring_peek(r, r->tail, &next) == PEEK_RECORD) return 0; /* finished just now */
    uint64_t words = unfinished_words(t, r, index);
    bool followed = words != 0 && ring_peek(r, r->tail + words, &next) != PEEK_EMPTY;
    /* Whoever owns the ring now saw that its last owner is dead. Else: a living owner that has
     * written on behind the record left it (longjmp out of a handler), or stands in a handler above
     * it for long; one that has not may simply not have been scheduled. */
    bool left =
        followed || (!patient && (words_reserved(t, r, index) > r->mask + 1 || owner != r->tid ||
                                  sys_tgkill(t->pid, (int)owner, 0) != 0));
    /* An owner that went on in these very moments has first written here. */
    if (load_acquire(&r->data[r->tail & r->mask]) != first) return 0;
    return left ? words : 0;
}

/* Holds the merge where a ring's next record is not whole. What looks empty may be a gap that a death or
 * a jump left between reserving and marking, with whole records behind it that are older than the
 * watermark; what is written behind it from here on is not. */
static void hold_merge(const struct tracee *t, uint32_t index, enum peek peek, uint64_t *limit) {
    const struct ring_reader *r = &t->rings[index];
    if (peek == PEEK_EMPTY) {
        uint64_t reserved = words_reserved(t, r, index), capacity = r->mask + 1;
        if (written_behind(r, reserved < capacity ? reserved : capacity) == 0) return;
    }
    if (r->last_stamp < *limit) *limit = r->last_stamp;
}

static size_t heads_collect(struct tracee *t, struct head *heads, uint64_t *limit,
                            enum drain_how how) {
    size_t count = 0;
    for (uint32_t i = 0; i < t->rings_known; i++) {
        struct ring_reader *r = &t->rings[i];
        struct next next;
        for (;;) {
            next_peek(r, &next);
            if (next.peek == PEEK_RECORD) break;
            /* Empty, and yet something is reserved: a jump, or a death, between reserving and
             * marking. */
            if (next.peek == PEEK_EMPTY && load_relaxed(&ring_shared(t, i)->head) == r->tail) {
                r->pending_since = 0;
                break;
            }
            if (!step_over(t, r,
                           how == DRAIN_FINAL ? unfinished_words(t, r, i)
                                              : abandoned_words(t, r, i)))
                break;
        }
        if (next.peek == PEEK_RECORD) {
            r->pending_since = 0;
            heads[count++] = (struct head){next.key, i};
        } else {
            hold_merge(t, i, next.peek, limit);
        }
    }
    for (size_t i = count / 2; i-- > 0;)
        sift_down(heads, count, i);
    return count;
}

static void merge(struct tracee *t, uint64_t limit, enum drain_how how) {
    static struct head *heads;
    static size_t heads_capacity;
    if (heads_capacity < t->rings_known) {
        struct head *more = realloc(heads, t->layout.rings_max * sizeof *heads);
        if (more == NULL) return;
        heads = more;
        heads_capacity = t->layout.rings_max;
    }
    size_t count = heads_collect(t, heads, &limit, how);
    for (uint32_t taken = 0; count > 0 && heads[0].key <= limit;) {
        if (taken >= ROUND && how == DRAIN_RUNNING) break;
        struct ring_reader *r = &t->rings[heads[0].ring];
        uint64_t second = limit; /* the smallest key of all other rings */
        for (size_t child = 1; child <= 2 && child < count; child++)
            if (heads[child].key < second) second = heads[child].key;
        struct next next;
        uint32_t took = take_batch(t, r, second, &next);
        if (took == 0) break; /* the record changed under us: it is not to be trusted */
        taken += took;
        if (r->tail - r->given > r->mask / GIVE_BACK_SHARE) ring_give_back(t, heads[0].ring);
        if (how == DRAIN_FINAL) next_peek(r, &next); /* it may have become whole since */
        while (next.peek != PEEK_RECORD && how == DRAIN_FINAL &&
               step_over(t, r, unfinished_words(t, r, heads[0].ring)))
            next_peek(r, &next);
        if (next.peek == PEEK_RECORD) {
            heads[0].key = next.key;
        } else {
            hold_merge(t, heads[0].ring, next.peek, &limit);
            heads[0] = heads[--count];
        }
        if (count > 0) sift_down(heads, count, 0);
    }
}

uint32_t tracee_drain(struct tracee *t, enum drain_how how) {
    if (!t->started || t->out_of_memory) return 0;
    if (t->stats.out_of_memory || rec_writer_has_failed(t->writer)) tracee_out_of_memory(t);
    uint64_t watermark = UINT64_MAX;
    if (how == DRAIN_RUNNING && t->clock == WIRE_CLOCK_TSC)
        watermark = cpu_stamp() - STORE_SLACK;
    else if (how == DRAIN_RUNNING)
        watermark = load_acquire(&t->region->counter);
    rings_know(t);
    if (how == DRAIN_RUNNING) make_pages(t);
    uint64_t before = 0, after = 0;
    uint32_t fullest = 0;
    for (uint32_t i = 0; i < t->rings_known; i++) {
        struct ring_reader *r = &t->rings[i];
        if (how == DRAIN_FINAL) r->end = r->tail + r->mask + 1;
        uint64_t used = load_relaxed(&ring_shared(t, i)->head) - r->tail;
        uint32_t share = used > r->mask ? 256 : (uint32_t)(used * 256 / (r->mask + 1));
        if (share > fullest) fullest = share;
        before += r->tail;
    }
    merge(t, watermark, how);
    for (uint32_t i = 0; i < t->rings_known; i++) {
        after += t->rings[i].tail;
        if (t->rings[i].given != t->rings[i].tail) ring_give_back(t, i);
    }
    /* Nothing could be taken: whoever holds the merge back needs a moment. */
    enum { HALF_AWAKE = 64 };
    return after == before && fullest > HALF_AWAKE ? HALF_AWAKE : fullest;
}
