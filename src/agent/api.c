/* SPDX-License-Identifier: MIT
 * The C API's other end: the table of functions that include/heapwise/heapwise.h finds, and
 * heaptrack's names for the same. The program calls these functions itself, so that the call stack
 * is captured from their own frames, as in a hook. */
#define HEAPWISE_AGENT
#include "heapwise/heapwise.h"

#include "agent/agent.h"
#include "agent/hook.h"
#include "agent/ring_write.h"
#include "agent/scope.h"

/* ---- pools ---- */

static uint64_t pools_made;

/* Writes a record of up to six words; `words` leaves room for the stamp at the end. */
static void put(struct agent_thread *t, enum wire_kind kind, uint64_t address, uint64_t *words,
                uint32_t count) {
    int stamps = agent_scope_stamps(t);
    uint64_t at;
    if (stamps) count++;
    if (!ring_reserve(t, count, &at)) return;
    ring_mark(ring_place(t, at), count);
    words[0] = ring_first(kind, stamps, (const void *)(uintptr_t)address);
    if (stamps) words[count - 1] = ring_stamp_after();
    agent_ring_around(t, at, count, words);
}

static uint32_t pool_node(heapwise_pool pool, uint32_t node) {
    uint64_t name = pool & WIRE_POOL_NAME;
    return name == 0 ? node : agent_tree_child(node, UW_PC_EXACT | (WIRE_POOL_ADDRESS + name));
}

static void pool_block(struct agent_thread *t, heapwise_pool pool, const void *old,
                       const void *block, size_t size, uint32_t node) {
    uint64_t words[6] = {0, pool_node(pool, node), size, (uint64_t)(uintptr_t)old & WIRE_ADDRESS,
                         pool};
    put(t, WIRE_POOL_ALLOC, (uintptr_t)block & WIRE_ADDRESS, words, 5);
}

static int api_active(void) {
    return agent_enter() != NULL;
}

static heapwise_pool api_pool_create(const char *name) {
    if (agent_enter() == NULL) return 0;
    return (add_relaxed(&pools_made, 1) + 1) << 16 | agent_name(name != NULL ? name : "");
}

static int api_pool_alloc(heapwise_pool pool, const void *block, size_t size) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || block == NULL) return 0;
    pool_block(t, pool, NULL, block, size, UW_CAPTURE(t->unwinder));
    return 1;
}

static int api_pool_realloc(heapwise_pool pool, const void *old, const void *block, size_t size) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || block == NULL) return 0;
    pool_block(t, pool, old, block, size, UW_CAPTURE(t->unwinder));
    return 1;
}

static int pool_end(heapwise_pool pool, const void *block) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || block == NULL) return 0;
    uint64_t words[3] = {0, pool};
    put(t, WIRE_POOL_FREE, (uintptr_t)block & WIRE_ADDRESS, words, 2);
    return 1;
}

static int api_pool_reset(heapwise_pool pool) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || pool == 0) return 0;
    uint64_t words[3] = {0, pool};
    put(t, WIRE_POOL_RESET, 0, words, 2);
    return 1;
}

/* The block goes on as one of 0 bytes. */
static int api_pool_memory(heapwise_pool pool, const void *memory) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || memory == NULL) return 0;
    uint32_t node = pool_node(pool, UW_CAPTURE(t->unwinder));
    int stamps = agent_scope_stamps(t);
    agent_ring_move_plain(t, memory, memory, 0, node, stamps ? ring_stamp_before() : 0, stamps);
    return 1;
}

/* ---- anchors: open addressing, without a lock. An anchor keeps its place once it has one. ---- */

enum { ANCHORS = 1 << 14, ANCHOR_PROBES = 256 };
static struct {
    const void *anchor;
    heapwise_pool pool;
} anchors[ANCHORS];

static uint32_t anchor_home(const void *anchor) {
    return (uint32_t)((uint64_t)(uintptr_t)anchor * 0x9e3779b97f4a7c15ull >> 40);
}

static int api_pool_bind(const void *anchor, heapwise_pool pool) {
    if (anchor == NULL) return 0;
    for (uint32_t i = 0; i < ANCHOR_PROBES; i++) {
        uint32_t at = (anchor_home(anchor) + i) % ANCHORS;
        const void *there = load_acquire(&anchors[at].anchor);
        if (there == NULL && pool == 0) return 1;
        if (there == NULL && !swap_if_equal(&anchors[at].anchor, NULL, anchor))
            there = load_acquire(&anchors[at].anchor);
        else if (there == NULL)
            there = anchor;
        if (there != anchor) continue;
        store_release(&anchors[at].pool, pool);
        return 1;
    }
    return 0;
}

static heapwise_pool api_pool_of(const void *anchor) {
    for (uint32_t i = 0; i < ANCHOR_PROBES; i++) {
        uint32_t at = (anchor_home(anchor) + i) % ANCHORS;
        const void *there = load_acquire(&anchors[at].anchor);
        if (there == anchor) return load_acquire(&anchors[at].pool);
        if (there == NULL) break;
    }
    return 0;
}

/* ---- moments and scopes ---- */

static int api_moment(enum heapwise_moment what, const char *name) {
    _Static_assert((int)HEAPWISE_MARK == (int)WIRE_MARK_MOMENT &&
                       (int)HEAPWISE_SNAPSHOT == (int)WIRE_MARK_SNAPSHOT &&
                       (int)HEAPWISE_THREAD_NAME == (int)WIRE_MARK_THREAD_NAME,
                   "the same numbers");
    struct agent_thread *t = agent_enter();
    if (t == NULL) return 0;
    uint64_t words[3] = {0, agent_name(name)};
    put(t, WIRE_MARK, (uint64_t)what, words, 2);
    return 1;
}

static heapwise_scope api_scope_begin(enum heapwise_forbid forbid, const char *name) {
    struct agent_thread *t = agent_enter();
    if (t == NULL) return 0;
    return agent_scope_begin(t, (uint32_t)forbid, name != NULL ? agent_name(name) : 0);
}

static int api_scope_end(heapwise_scope scope, struct heapwise_stats *stats) {
    struct agent_thread *t = scope != 0 ? agent_enter() : NULL;
    return t != NULL && agent_scope_end(t, scope, stats);
}

HOOK const struct heapwise_api heapwise_api = {
    .version = HEAPWISE_API_VERSION,
    .bytes = sizeof(struct heapwise_api),
    .active = api_active,
    .pool_create = api_pool_create,
    .pool_reset = api_pool_reset,
    .pool_alloc = api_pool_alloc,
    .pool_free = pool_end,
    .pool_realloc = api_pool_realloc,
    .pool_memory = api_pool_memory,
    .pool_bind = api_pool_bind,
    .pool_of = api_pool_of,
    .moment = api_moment,
    .scope_begin = api_scope_begin,
    .scope_end = api_scope_end,
};

/* ---- heaptrack_api.h's functions: blocks of no named pool ---- */

HOOK void heaptrack_malloc(void *block, size_t size);
void heaptrack_malloc(void *block, size_t size) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || block == NULL) return;
    pool_block(t, 0, NULL, block, size, UW_CAPTURE(t->unwinder));
}

HOOK void heaptrack_realloc(void *old, size_t size, void *block);
void heaptrack_realloc(void *old, size_t size, void *block) {
    struct agent_thread *t = agent_enter();
    if (t == NULL || block == NULL) return;
    pool_block(t, 0, old, block, size, UW_CAPTURE(t->unwinder));
}

HOOK void heaptrack_free(void *block);
void heaptrack_free(void *block) {
    (void)pool_end(0, block);
}
