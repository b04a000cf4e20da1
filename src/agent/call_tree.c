/* SPDX-License-Identifier: MIT
 * The call tree: path hash -> node id, inserted into by all threads without a lock.
 *
 * The nodes themselves are in the shared region (region.h); the hash table that finds them is
 * private memory of this process, since the recorder has no use for it. When it is three quarters
 * full, a larger and empty one takes its place, and one thread carries the slots over. Until it is
 * done, a path that the new table does not hold is looked up in the old one too, so nobody waits,
 * however long that thread may be stopped. A thread that is late may still enter a path in the old
 * table behind the other's back, and the path then gets a second node; that means nothing to a
 * reader, who merges stacks by what their frames resolve to.
 *
 * A slot is two words, `first` = hash[0] (never 0) and `second` = high half of hash[1] | id, so
 * that 96 bits of the path hash identify it. Its life:
 *
 *   (0, 0) ──any thread: swap first──► (hash, 0) ──any thread: swap second──► (hash, half | id)
 *
 * Whoever meets (hash, 0) completes it itself, with an id of its own making, so nobody ever waits
 * for a thread that was stopped in between; an id whose swap lost stays unused, which harms
 * nothing. Invariant: once `second` is not 0 the slot never changes, until its table is given up.
 *
 * A tree is of one region: ids of one mean nothing in another. A child that forked in the middle of
 * a look (in a signal handler) and has gone over to a region of its own ends that look in the tree
 * that it began in: each look takes its tree once. So a tree stays for ever (it is small), and its
 * tables as long as a look that the fork interrupted may come back to them. */
#include <errno.h>
#include <linux/mman.h>
#include <sys/mman.h>

#include "agent/agent.h"
#include "core/invariant.h"
#include "core/syscall.h"

struct tree_slot {
    uint64_t first, second;
};

#ifndef TREE_LOG2S /* the model checker's tables are tiny */
/* log2 of the slots of each table in turn. Memory that is touched for the first time costs more
 * than a copy, so the steps are wide. */
#define TREE_LOG2S 13, 16, 19, 21, 22, 23, 24, 25, 26
#define TREE_PROBES 64
#endif
static const uint8_t table_log2[] = {TREE_LOG2S};
enum { TREE_TABLES = sizeof table_log2 };
#define HALF 0xffffffff00000000ull

struct agent_tree {
    struct tree_slot *tables[TREE_TABLES];
    uint32_t used;    /* slots claimed in the present table */
    uint32_t present; /* index of the table in use */
    uint32_t growing; /* 1: a thread is copying */
    uint32_t let_go;  /* 1: its tables are no more */
    struct agent_modules modules;
};

static struct agent_tree first_tree, *present_tree; /* NULL: not started */
/* Looks that the thread is in the middle of; one more for each that a handler left by a jump. */
static __thread volatile uint32_t looks __attribute__((tls_model("initial-exec")));

static size_t table_bytes(uint32_t table) {
    return sizeof(struct tree_slot) << table_log2[table];
}

static struct tree_slot *table_map(const struct agent_tree *tree, uint32_t table) {
    size_t bytes = table_bytes(table);
    struct tree_slot *slots = sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (SYS_FAILED(slots)) return NULL;
    if (bytes >= 2u << 20) sys_madvise(slots, bytes, MADV_HUGEPAGE);
    add_relaxed(&tree->modules.region->private_bytes, bytes);
    return slots;
}

static void tree_let_go(struct agent_tree *tree) {
    if (looks != 0) return;
    *(volatile uint32_t *)&tree->let_go = 1; /* for a look that has its tree, and no more yet */
    for (uint32_t i = 0; i < TREE_TABLES; i++)
        if (tree->tables[i] != NULL) sys_munmap(tree->tables[i], table_bytes(i));
}

int agent_tree_start(void) {
    struct agent_tree *old = present_tree, *fresh = &first_tree;
    if (old != NULL)
        fresh = sys_mmap(NULL, sizeof *fresh, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                         -1, 0);
    if (SYS_FAILED(fresh)) return -ENOMEM;
    fresh->modules.region = agent_process.region;
    fresh->tables[0] = table_map(fresh, 0);
    if (fresh->tables[0] == NULL) return -ENOMEM;
    store_release(&present_tree, fresh);
    if (old != NULL) tree_let_go(old);
    return 0;
}

struct agent_tree *agent_tree_present(void) {
    return load_acquire(&present_tree);
}

static uint64_t slot_home(uint64_t first, uint32_t table) {
    return first >> 20 & ((1ull << table_log2[table]) - 1);
}

/* Carries what a table holds over to the next one, which is in use by now. */
static void table_carry_over(struct agent_tree *tree, uint32_t table) {
    const struct tree_slot *from = tree->tables[table];
    struct tree_slot *to = tree->tables[table + 1];
    uint64_t mask = (1ull << table_log2[table + 1]) - 1;
    for (uint64_t i = 0; i < 1ull << table_log2[table]; i++) {
        uint64_t second = load_acquire(&from[i].second);
        if (second == 0) continue;
        uint64_t first = load_relaxed(&from[i].first), at = slot_home(first, table + 1);
        for (int probe = 0; probe < TREE_PROBES; probe++, at = (at + 1) & mask) {
            if (swap_if_equal(&to[at].first, 0, first)) add_relaxed(&tree->used, 1);
            if (load_acquire(&to[at].first) != first) continue;
            (void)swap_if_equal(&to[at].second, 0,
                                second); /* else somebody has asked for it since */
            break;
        }
    }
}

/* Goes over to the next table when the present one is three quarters full. One thread carries over;
 * a signal handler that interrupts it, like every other thread, uses both tables meanwhile. */
static void tree_grow(struct agent_tree *tree, uint32_t table) {
    if (table + 1 >= TREE_TABLES || load_relaxed(&tree->used) < (3u << table_log2[table]) / 4)
        return;
    if (!swap_if_equal(&tree->growing, 0, 1)) return;
    if (load_relaxed(&tree->present) == table) {
        struct tree_slot *larger = table_map(tree, table + 1);
        if (larger != NULL) {
            tree->tables[table + 1] = larger;
            store_relaxed(&tree->used, 0);
            store_release(&tree->present, table + 1);
            table_carry_over(tree, table);
            /* Threads may still look into the old table: emptied, it sends them on to make a node.
             */
            sys_madvise(tree->tables[table], table_bytes(table), MADV_DONTNEED);
            add_relaxed(&tree->modules.region->private_bytes, -(uint64_t)table_bytes(table));
        }
    }
    store_release(&tree->growing, 0);
}

/* A new node below `parent`; 0 when the region is full. */
static uint32_t node_make(struct agent_tree *tree, uint64_t pc, uint32_t parent) {
    struct wire_region *r = tree->modules.region;
    uint32_t id = add_relaxed(&r->node_count, 1);
    if (unlikely(id >= r->nodes_max)) {
        store_relaxed(&r->node_count, r->nodes_max);
        add_relaxed(&r->nodes_lost, 1);
        return 0;
    }
    struct wire_node *n = (struct wire_node *)((char *)r + r->nodes_offset) + id;
    enum { PART = WIRE_LOOK_BYTES / sizeof *n };
    if (unlikely(id % PART == 0) && id + PART < r->nodes_max) wire_look_ahead(&n[PART].pc);
    uint64_t module = agent_module_of(&tree->modules, pc & UW_PC_ADDRESS);
    INVARIANT((id != 0 && parent < id && n->pc == 0 && n->parent == 0) || !agent_is_own(n));
    store_relaxed(&n->pc, pc | module << WIRE_NODE_MODULE_SHIFT); /* wire_look_ahead reads it */
    n->parent = parent;
    return id;
}

#ifdef HEAPWISE_AGENT_CHECKS
/* Whether the node is whole and its frame is this one, as far as can be seen. */
static int node_is_of(const struct agent_tree *tree, uint32_t id, uint64_t pc) {
    const struct wire_region *r = tree->modules.region;
    const struct wire_node *n = (const struct wire_node *)((const char *)r + r->nodes_offset) + id;
    int is_so = id != 0 && id < load_relaxed(&r->node_count) && n->parent < id &&
                (n->pc & WIRE_NODE_ADDRESS) == (pc & WIRE_NODE_ADDRESS);
    fence_signal();
    return is_so || !agent_is_own(r); /* a parent's may have been wiped just now */
}
#endif

static uint64_t hash_first(const struct uw_frame *f) {
    return f->hash[0] | (f->hash[0] == 0);
}

/* Finds the frame's slot in a table. Gives the id in it, or 0 with *free_slot the slot to complete.
 */
static uint32_t table_find(const struct agent_tree *tree, uint32_t table, const struct uw_frame *f,
                           struct tree_slot **free_slot) {
    struct tree_slot *slots = tree->tables[table];
    uint64_t mask = (1ull << table_log2[table]) - 1;
    uint64_t first = hash_first(f), half = f->hash[1] & HALF;
    uint64_t at = slot_home(first, table);
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
            if (s_first == 0) s_first = load_acquire(&s->first); /* taken and completed since */
            if (s_first == first && (second & HALF) == half) return (uint32_t)second;
        }
    }
    return 0;
}

/* Enters id for the frame at a slot that table_find gave. Gives the id that stands there in the
 * end, or 0 when another path took the slot. */
static uint32_t slot_complete(struct agent_tree *tree, struct tree_slot *s,
                              const struct uw_frame *f, uint32_t id) {
    uint64_t first = hash_first(f), half = f->hash[1] & HALF;
    if (swap_if_equal(&s->first, 0, first))
        add_relaxed(&tree->used, 1);
    else if (load_acquire(&s->first) != first)
        return 0;
    if (swap_if_equal(&s->second, 0, half | id)) return id;
    uint64_t second = load_acquire(&s->second);
    return (second & HALF) == half ? (uint32_t)second : 0;
}

/* Enters `id` for a path that the table does not hold yet; gives the id that stands for it then. */
static uint32_t tree_enter(struct agent_tree *tree, const struct uw_frame *f, uint32_t id) {
    for (int attempt = 0; attempt < 4; attempt++) {
        uint32_t table = load_acquire(&tree->present);
        struct tree_slot *s;
        uint32_t found = table_find(tree, table, f, &s);
        if (found != 0) return found;
        if (s == NULL) break; /* a crowded stretch */
        uint32_t standing = slot_complete(tree, s, f, id);
        if (standing != 0) {
            tree_grow(tree, table);
            return standing;
        }
    }
    return id; /* usable all the same; the next capture of this path makes another node for it */
}

static uint32_t tree_find(struct agent_tree *tree, const struct uw_frame *f) {
    struct tree_slot *s;
    uint32_t table = load_acquire(&tree->present);
    uint32_t id = table_find(tree, table, f, &s);
    if (likely(id != 0) || table == 0 || likely(!load_acquire(&tree->growing))) return id;
    /* Perhaps it is still to be carried over from the table before. */
    id = table_find(tree, table - 1, f, &s);
    return id == 0 ? 0 : tree_enter(tree, f, id);
}

/* A path is new, so the frames further out may well be: their slots, too, are where nobody has been
 * lately, and are fetched side by side. */
static void tree_prefetch(const struct agent_tree *tree, const struct uw_frame *frames,
                          size_t count) {
    enum { MOST = 16 };
    uint32_t table = load_acquire(&tree->present);
    for (size_t i = count; i > 0 && count - i < MOST && frames[i - 1].node == 0; i--)
        __builtin_prefetch(&tree->tables[table][slot_home(hash_first(&frames[i - 1]), table)], 1);
}

static uint32_t tree_resolve(struct agent_tree *tree, struct uw_frame *frames, size_t count) {
    size_t known = count; /* frames[known - 1] is the innermost one with a node */
    uint32_t node = 0;
    while (known > 0) {
        struct uw_frame *f = &frames[known - 1];
        node = f->node != 0 ? f->node : tree_find(tree, f);
        if (node != 0) break;
        if (known == count) tree_prefetch(tree, frames, count - 1);
        known--;
    }
    if (known > 0) {
        INVARIANT(node_is_of(tree, node, frames[known - 1].pc));
        frames[known - 1].node = node;
    }
    for (; known < count; known++) {
        uint32_t id = node_make(tree, frames[known].pc, node);
        if (id == 0) return 0;
        node = tree_enter(tree, &frames[known], id);
        INVARIANT(node_is_of(tree, node, frames[known].pc));
        frames[known].node = node;
    }
    return node;
}

enum { ANY_NODE = 1 }; /* of a region that is nobody's any more */

uint32_t agent_tree_resolve(void *tree, struct uw_frame *frames, size_t count) {
    struct agent_tree *t = tree;
    looks++;
    uint32_t node = *(volatile uint32_t *)&t->let_go ? ANY_NODE : tree_resolve(t, frames, count);
    looks--;
    return node;
}

static uint32_t tree_child(struct agent_tree *tree, uint32_t parent, uint64_t pc) {
    /* A path hash of its own kind: no walk has this one but by chance in 96 bits. */
    uint64_t mixed = (parent ^ pc << 32 ^ 0x706f6f6cull) * 0x9e3779b97f4a7c15ull;
    struct uw_frame f = {.pc = pc};
    /* The parent of a capture that was interrupted, by a child that has another tree now? */
    if (parent >= load_relaxed(&tree->modules.region->node_count)) return parent;
    f.hash[0] = mixed ^ mixed >> 29;
    f.hash[1] = (f.hash[0] + parent) * 0xbf58476d1ce4e5b9ull;
    uint32_t id = tree_find(tree, &f);
    if (id == 0) {
        id = node_make(tree, pc, parent);
        if (id != 0) id = tree_enter(tree, &f, id);
    }
    return id != 0 ? id : parent;
}

uint32_t agent_tree_child(uint32_t parent, uint64_t pc) {
    looks++; /* before its tree is taken */
    uint32_t node = tree_child(agent_tree_present(), parent, pc);
    looks--;
    return node;
}
