/* SPDX-License-Identifier: MIT
 * Many threads insert the same call stacks into the call tree at once, under ThreadSanitizer: each stack
 * has a node whose callers are the stack, and nearly all have but one. */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/agent.h"
#include "unit/check.h"

enum { THREADS = 4, PATHS = 20000, DEPTH = 12, FANOUT = 3, NODES = 1 << 20 };

struct agent_process agent_process;
struct agent_guard_page agent_guard_page;
uint32_t agent_module_of(struct agent_modules *m, uint64_t address) {
    (void)m;
    return (uint32_t)(address & 7);
}

static struct wire_node *nodes;
static uint32_t found[THREADS][PATHS];

static uint64_t mix(uint64_t x) {
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15ull;
    x ^= x >> 29;
    return x * 0xbf58476d1ce4e5b9ull;
}

/* The stack of a path: its frames, outermost first, with the hashes of their own paths. */
static void make_path(uint32_t path, struct uw_frame *frames) {
    uint64_t hash = 1;
    uint32_t choices = path;
    memset(frames, 0, DEPTH * sizeof *frames);
    for (int i = 0; i < DEPTH; i++, choices /= FANOUT) {
        frames[i].pc = 0x401000 + (uint64_t)(16 * i + choices % FANOUT);
        hash = mix(hash + frames[i].pc);
        frames[i].hash[0] = hash;
        frames[i].hash[1] = mix(hash);
    }
}

static void *insert(void *argument) {
    uint32_t self = (uint32_t)(uintptr_t)argument;
    for (uint32_t n = 0; n < 2 * PATHS; n++) {
        struct uw_frame frames[DEPTH];
        uint32_t path = self % 2 == 0 ? n % PATHS : PATHS - 1 - n % PATHS;
        make_path(path, frames);
        found[self][path] = agent_tree_resolve(agent_tree_present(), frames, DEPTH);
    }
    return NULL;
}

static void check_chain(uint32_t id, const struct uw_frame *frames) {
    for (int i = DEPTH; i-- > 0;) {
        CHECK(id != 0 && id < agent_process.region->node_count);
        CHECK_EQ_U64(nodes[id].pc & WIRE_NODE_ADDRESS, frames[i].pc);
        CHECK(nodes[id].parent < id);
        id = nodes[id].parent;
    }
    CHECK_EQ_U64(id, 0);
}

int main(void) {
    size_t offset = 1 << 16;
    char *memory = mmap(NULL, offset + NODES * sizeof *nodes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    struct wire_region *r = (struct wire_region *)(void *)memory;
    nodes = (struct wire_node *)(void *)(memory + offset);
    r->nodes_offset = offset;
    r->nodes_max = NODES;
    r->node_count = 1;
    agent_process.region = r;
    CHECK_EQ_I64(agent_tree_start(), 0);
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, insert, (void *)i);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);

    uint32_t twice = 0;
    for (uint32_t path = 0; path < PATHS; path++) {
        struct uw_frame frames[DEPTH];
        make_path(path, frames);
        uint32_t now = agent_tree_resolve(agent_tree_present(), frames, DEPTH);
        for (int i = 0; i < THREADS; i++) {
            check_chain(found[i][path], frames);
            twice += found[i][path] != now;
        }
    }
    CHECK(twice < PATHS / 100);
    CHECK_EQ_U64(r->nodes_lost, 0);
    return 0;
}
