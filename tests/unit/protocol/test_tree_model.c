/* SPDX-License-Identifier: MIT
 * The call tree, in every interleaving: the agent's own code inserts call stacks into tables of a
 * few slots (model.h), while other threads and a handler insert the same ones, a thread dies in the
 * middle, and the tables grow. Each scenario is gone through to the end, so that what holds here
 * holds always:
 *
 *   - the node that a thread is given stands for its call stack, frame by frame, whole and for
 * ever;
 *   - nobody waits for anybody: every task comes to its end;
 *   - where no table grows, one path has one node, whoever asks. */
#include <stdint.h>

#define TREE_LOG2S 2, 3
#define TREE_PROBES 4
#define SYS_FAILED(p) ((p) == NULL)
#define sys_mmap map_table
#define sys_munmap(memory, bytes) ((void)(memory), (void)(bytes))
#define sys_madvise(memory, bytes, advice) forget_table((memory), (bytes), (advice))
static void *map_table(void *at, unsigned long bytes, int protection, int flags, int fd,
                       long offset);
static void forget_table(void *memory, unsigned long bytes, int advice);

#include "../../../src/agent/call_tree.c"
#include "unit/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 32, DEPTH = 2, TASKS_MAX = 3 };

struct agent_process agent_process;
struct agent_guard_page agent_guard_page;

static struct world {
    struct wire_region region;
    struct wire_node nodes[NODES];
    struct tree_slot slots[2][8];
    uint32_t mapped;
    uint32_t results[TASKS_MAX];
} w;

uint32_t agent_module_of(struct agent_modules *m, uint64_t address) {
    (void)m, (void)address;
    return 1;
}

static void *map_table(void *at, unsigned long bytes, int protection, int flags, int fd,
                       long offset) {
    (void)at, (void)bytes, (void)protection, (void)flags, (void)fd, (void)offset;
    return w.mapped < 2 ? w.slots[w.mapped++] : NULL;
}

static void forget_table(void *memory, unsigned long bytes, int advice) {
    if (advice == MADV_DONTNEED) memset(memory, 0, bytes);
}

/* Path n: its outer frame is that of n / 2, so that paths 2k and 2k + 1 share it. The first halves
 * of all hashes lead to the same slot. */
static void make_path(unsigned n, struct uw_frame frames[DEPTH]) {
    memset(frames, 0, DEPTH * sizeof *frames);
    frames[0] =
        (struct uw_frame){.pc = 0x1000 + n / 2, .hash = {1 + n / 2, (uint64_t)(n / 2 + 1) << 32}};
    frames[1] = (struct uw_frame){.pc = 0x2000 + n, .hash = {100 + n, (uint64_t)(100 + n) << 32}};
}

static bool stands_for(uint32_t id, unsigned path) {
    struct uw_frame frames[DEPTH];
    make_path(path, frames);
    for (unsigned i = DEPTH; i-- > 0; id = w.nodes[id].parent)
        if (id == 0 || id >= w.region.node_count ||
            (w.nodes[id].pc & UW_PC_ADDRESS) != frames[i].pc)
            return false;
    return id == 0;
}

static unsigned path_of[TASKS_MAX]; /* of this scenario */
static bool grows;

static void insert(unsigned task) {
    struct uw_frame frames[DEPTH];
    make_path(path_of[task], frames);
    uint32_t id = agent_tree_resolve(&first_tree, frames, DEPTH);
    if (!stands_for(id, path_of[task])) model_fail("a node is not that of its call stack");
    w.results[task] = id;
}
static void task_0(void) {
    insert(0);
}
static void task_1(void) {
    insert(1);
}
static void handler(void) {
    insert(2);
}

static void begin(void) {
    memset(&w, 0, sizeof w);
    memset(&first_tree, 0, sizeof first_tree);
    w.region.nodes_offset = offsetof(struct world, nodes);
    w.region.nodes_max = NODES;
    w.region.node_count = 1;
    agent_process.region = &w.region;
    first_tree.modules.region = &w.region;
    first_tree.tables[0] = map_table(NULL, 0, 0, 0, 0, 0);
    first_tree.used = grows; /* as if there were one more: two slots are then enough to make it grow */
}

static const char *end(void) {
    uint32_t node_of[16] = {0};
    for (unsigned t = 0; t < TASKS_MAX; t++) {
        uint32_t id = w.results[t], *known = &node_of[path_of[t]];
        if (id == 0) continue; /* it did not run, or was killed */
        if (!stands_for(id, path_of[t])) return "a node has changed";
        if (!grows && *known != 0 && *known != id) return "one path has two nodes";
        *known = id;
    }
    return w.region.nodes_lost != 0 ? "nodes are lost" : NULL;
}

static void explore(const char *name, struct model_options o, uint64_t at_least) {
    o.world = &w;
    o.world_bytes = sizeof w;
    o.more = &first_tree;
    o.more_bytes = sizeof first_tree;
    o.start = begin;
    o.end = end;
    struct model_result r = model_explore(&o);
    printf("%s: %llu states, %llu ends: %s\n", name, (unsigned long long)r.states,
           (unsigned long long)r.ends, r.wrong == NULL ? "sound" : r.wrong);
    CHECK(r.wrong == NULL);
    CHECK(r.states >= at_least && r.ends > 0);
}

static void scenario(bool with_growth, const unsigned paths[TASKS_MAX]) {
    grows = with_growth;
    memcpy(path_of, paths, sizeof path_of);
}

#define TASKS(...)                                                                                 \
    .tasks = (const struct model_task[]){__VA_ARGS__},                                             \
    .task_count = sizeof((const struct model_task[]){__VA_ARGS__}) / sizeof(struct model_task)
#define TWO TASKS({task_0, 0, false}, {task_1, 1, false})
#define INTERRUPTED TASKS({task_0, 0, false}, {task_1, 1, false}, {handler, 0, true})

int main(void) {
    scenario(false, (const unsigned[TASKS_MAX]){0, 0, 0});
    explore("the same path", (struct model_options){TWO}, 100);
    explore("the same path, a thread dies", (struct model_options){TWO, .kills = 1}, 100);
    explore("the same path, also in a handler", (struct model_options){INTERRUPTED}, 1000);
    scenario(false, (const unsigned[TASKS_MAX]){0, 1, 0});
    explore("callers in common", (struct model_options){TWO}, 100);
    scenario(true, (const unsigned[TASKS_MAX]){0, 1, 0});
    explore("the table grows", (struct model_options){TWO}, 1000);
    explore("the table grows, a thread dies", (struct model_options){TWO, .kills = 1}, 1000);
    return 0;
}
