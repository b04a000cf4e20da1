/* SPDX-License-Identifier: MIT
 * The call tree: path hash -> node id, inserted into by all threads without a lock.
 *
 * The nodes themselves are in the shared region (region.h); the hash table that finds them is private
 * memory of this process, since the recorder has no use for it. It grows by levels, each several times
 * the one before; a look-up goes from the newest level to the oldest, and what is found in an older
 * one is entered into the newest, so that hot paths move there.
 *
 * A slot is two words, `first` = hash[0] (never 0) and `second` = low half of hash[1] | id, so that 96
 * bits of the path hash identify it. Its life:
 *
 *   (0, 0) ──any thread: swap first──► (hash, 0) ──any thread: swap second──► (hash, half | id)
 *
 * Whoever meets (hash, 0) completes it itself, with an id of its own making, so nobody ever waits for a
 * thread that was stopped in between; an id whose swap lost stays unused, which harms nothing.
 * Invariant: once `second` is not 0 the slot never changes. */
#include <errno.h>
#include <linux/mman.h>
#include <sys/mman.h>

#include "agent/agent.h"
#include "core/syscall.h"

struct tree_slot {
    uint64_t first, second;
};

enum { TREE_LEVELS = 6, TREE_PROBES = 32 };
/* log2 of the slots of each level; a huge page from the second level on. */
static const uint8_t level_log2[TREE_LEVELS] = {13, 17, 20, 22, 24, 26};

static struct {
    struct tree_slot *levels[TREE_LEVELS];
    uint32_t used[TREE_LEVELS]; /* slots claimed; a hint for growing only */
    uint32_t newest;
} tree;

static struct tree_slot *level_map(uint32_t level) {
    size_t bytes = sizeof(struct tree_slot) << level_log2[level];
    struct tree_slot *slots = sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (SYS_FAILED(slots)) return NULL;
    if (bytes >= 2u << 20) sys_madvise(slots, bytes, MADV_HUGEPAGE);
    if (!swap_if_equal(&tree.levels[level], NULL, slots)) {
        sys_munmap(slots, bytes);
        return load_acquire(&tree.levels[level]);
    }
    add_relaxed(&agent_process.region->private_bytes, bytes);
    return slots;
}

int agent_tree_start(void) {
    return level_map(0) != NULL ? 0 : -ENOMEM;
}

void agent_tree_reset(void) {
    for (uint32_t level = 0; level < TREE_LEVELS; level++) {
        if (tree.levels[level] == NULL) continue;
        void *slots = tree.levels[level];
        tree.levels[level] = NULL; /* first: a thread that forks now must not unmap it once more */
        sys_munmap(slots, sizeof(struct tree_slot) << level_log2[level]);
        tree.used[level] = 0;
    }
    tree.newest = 0;
}

/* Goes over to the next level when the newest one is two thirds full. */
static void tree_grow(uint32_t level) {
    if (level + 1 >= TREE_LEVELS || load_relaxed(&tree.used[level]) < (2u << level_log2[level]) / 3)
        return;
    if (level_map(level + 1) == NULL) return;
    (void)swap_if_equal(&tree.newest, level, level + 1);
}

/* A new node below `parent`; 0 when the region is full. */
static uint32_t node_make(uint64_t pc, uint32_t parent) {
    struct wire_region *r = agent_process.region;
    uint32_t id = add_relaxed(&r->node_count, 1);
    if (unlikely(id >= r->nodes_max)) {
        store_relaxed(&r->node_count, r->nodes_max);
        add_relaxed(&r->nodes_lost, 1);
        return 0;
    }
    struct wire_node *n = (struct wire_node *)((char *)r + r->nodes_offset) + id;
    uint64_t module = agent_module_of(pc & UW_PC_ADDRESS);
    n->pc = pc | module << WIRE_NODE_MODULE_SHIFT;
    n->parent = parent;
    return id;
}

static uint64_t hash_first(const struct uw_frame *f) { return f->hash[0] | (f->hash[0] == 0); }

/* Finds the frame's slot in a level. Gives the id in it, or 0 with *free_slot the slot to complete. */
static uint32_t level_find(uint32_t level, const struct uw_frame *f,
                           struct tree_slot **free_slot) {
    struct tree_slot *slots = load_acquire(&tree.levels[level]);
    uint64_t mask = (1ull << level_log2[level]) - 1;
    uint64_t first = hash_first(f), half = f->hash[1] & 0xffffffff00000000ull;
    uint64_t at = f->hash[1] & mask;
    *free_slot = NULL;
    for (int probe = 0; probe < TREE_PROBES; probe++, at = (at + 1) & mask) {
        struct tree_slot *s = &slots[at];
        uint64_t s_first = load_acquire(&s->first);
        if (s_first == 0 || s_first == first) {
            uint64_t second = load_acquire(&s->second);
            if (second == 0) {
                *free_slot = s;
                return 0;
            }
            if (s_first == first && (second & 0xffffffff00000000ull) == half)
                return (uint32_t)second;
        }
    }
    return 0;
}

/* Enters id for the frame at a slot that level_find gave. Gives the id that stands there in the end, or
 * 0 when another path took the slot. */
static uint32_t slot_complete(uint32_t level, struct tree_slot *s, const struct uw_frame *f,
                              uint32_t id) {
    uint64_t first = hash_first(f), half = f->hash[1] & 0xffffffff00000000ull;
    if (swap_if_equal(&s->first, 0, first))
        add_relaxed(&tree.used[level], 1);
    else if (load_acquire(&s->first) != first)
        return 0;
    if (swap_if_equal(&s->second, 0, half | id)) return id;
    uint64_t second = load_acquire(&s->second);
    return (second & 0xffffffff00000000ull) == half ? (uint32_t)second : 0;
}

/* Enters `id` for a path that the newest level does not hold yet. */
static uint32_t tree_enter(const struct uw_frame *f, uint32_t id) {
    for (int attempt = 0; attempt < 4; attempt++) {
        uint32_t level = load_acquire(&tree.newest);
        struct tree_slot *s;
        uint32_t found = level_find(level, f, &s);
        if (found != 0) return found;
        if (s == NULL) { /* a crowded stretch: a larger level has room */
            if (level + 1 < TREE_LEVELS && level_map(level + 1) != NULL)
                (void)swap_if_equal(&tree.newest, level, level + 1);
            continue;
        }
        uint32_t standing = slot_complete(level, s, f, id);
        if (standing != 0) {
            tree_grow(level);
            return standing;
        }
    }
    return id; /* usable all the same; the next capture of this path makes another node for it */
}

static uint32_t tree_find(const struct uw_frame *f) {
    uint32_t newest = load_acquire(&tree.newest);
    for (uint32_t level = newest + 1; level-- > 0;) {
        struct tree_slot *s;
        uint32_t id = level_find(level, f, &s);
        if (id == 0) continue;
        return level == newest ? id : tree_enter(f, id);
    }
    return 0;
}

uint32_t agent_tree_resolve(void *unused, struct uw_frame *frames, size_t count) {
    (void)unused;
    size_t known = count; /* frames[known - 1] is the innermost one with a node */
    uint32_t node = 0;
    while (known > 0) {
        struct uw_frame *f = &frames[known - 1];
        node = f->node != 0 ? f->node : tree_find(f);
        if (node != 0) break;
        known--;
    }
    if (known > 0) frames[known - 1].node = node;
    for (; known < count; known++) {
        uint32_t id = node_make(frames[known].pc, node);
        if (id == 0) return 0;
        node = tree_enter(&frames[known], id);
        frames[known].node = node;
    }
    return node;
}
