/* SPDX-License-Identifier: MIT
 * What the recording is told when it is first needed: nodes with all their callers, modules,
 * threads.
 *
 * Nodes are given to the recording in the order in which events first name them, so that what no
 * event names (an id whose maker lost a race) never appears there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/module_path.h"
#include "recorder/tracee.h"

static uint32_t file_module(struct tracee *t, uint32_t id) {
    if (id == 0 || id >= t->layout.modules_max) return 0;
    if (t->file_module[id] != 0) return t->file_module[id];
    const struct wire_module *shared =
        (const struct wire_module *)((const char *)t->region + t->layout.modules_offset) + id;
    struct wire_module m;
    memcpy(&m, shared, sizeof m); /* the process may write there at any moment: */
    __asm__ volatile("" : "+m"(m)); /* what is checked below is the copy, and no second look */
    if (m.end == 0 || m.start >= m.end) return 0;
    m.path[WIRE_PATH_MAX - 1] = '\0';
    if (m.build_id_length > WIRE_BUILD_ID_MAX) m.build_id_length = WIRE_BUILD_ID_MAX;
    char *absolute =
        module_path_absolute(m.path, t->pid, m.start, t->facts->process.working_directory);
    const char *path = absolute != NULL ? absolute : m.path;
    struct rec_module file = {.path = *path != '\0' ? path : t->facts->process.executable,
                              .start = m.start,
                              .end = m.end,
                              .bias = m.bias,
                              .build_id_length = m.build_id_length};
    memcpy(file.build_id, m.build_id, m.build_id_length);
    t->file_module[id] = rec_writer_module(t->writer, &file);
    free(absolute);
    return t->file_module[id];
}

/* One node whose caller the recording knows already. */
static void give_node(struct tracee *t, uint32_t node, struct wire_node n) {
    uint64_t address = n.pc & WIRE_NODE_ADDRESS;
    uint32_t module = n.pc >> WIRE_NODE_MODULE_SHIFT & (WIRE_MODULES_MAX * 2 - 1);
    uint32_t file_node =
        rec_writer_node(t->writer, t->stats.nodes[n.parent].file_node, file_module(t, module),
                        address, (n.pc & WIRE_NODE_EXACT) != 0, (n.pc & WIRE_NODE_GUESSED) != 0);
    node_stats_name(&t->stats, node, file_node);
}

/* Nodes are read once, about in the order in which they are made. What has been read need not count
 * as memory of ours; should a late one lie there, its page comes back by itself. */
static void nodes_leave(struct tracee *t) {
    enum { STEP = 1 << 16 }; /* 1 MiB of nodes; so many of the latest ones stay */
    uint32_t read = t->stats.touched;
    if (read - t->nodes_left < 2 * STEP) return;
    uint32_t from = t->nodes_left, to = (read - STEP) & ~(uint32_t)(STEP - 1);
    uintptr_t page = t->facts->process.page_size;
    uintptr_t base = (uintptr_t)t->region + t->layout.nodes_offset;
    uintptr_t low = (base + from * sizeof(struct wire_node) + page - 1) & ~(page - 1);
    uintptr_t high = (base + to * sizeof(struct wire_node)) & ~(page - 1);
    t->nodes_left = to;
    if (high > low) madvise((void *)low, high - low, MADV_DONTNEED);
}

void tracee_learn_node(struct tracee *t, uint32_t node) {
    static uint32_t *chain; /* the node and its callers, up to the first known one */
    static size_t capacity;
    const struct wire_node *nodes =
        (const struct wire_node *)((const char *)t->region + t->layout.nodes_offset);
    size_t count = 0;
    while (node != 0 && t->stats.nodes[node].file_node == 0) {
        if (count == capacity) {
            size_t more = capacity == 0 ? 1024 : 2 * capacity;
            uint32_t *grown = realloc(chain, more * sizeof *grown);
            if (grown == NULL) {
                tracee_out_of_memory(t);
                return;
            }
            chain = grown;
            capacity = more;
        }
        chain[count++] = node;
        uint32_t parent = load_relaxed(&nodes[node].parent);
        if (parent >= node) parent = 0; /* never so in a sound region */
        node = parent;
    }
    while (count > 0) {
        const struct wire_node *shared = &nodes[chain[--count]];
        struct wire_node n = {.pc = load_relaxed(&shared->pc),
                              .parent = load_relaxed(&shared->parent)};
        if (n.parent >= chain[count]) n.parent = 0;
        give_node(t, chain[count], n);
    }
    nodes_leave(t);
}

static int read_name(const struct tracee *t, uint32_t tid, char name[32]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%u/comm", (int)t->pid, tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t n = read(fd, name, 31);
    close(fd);
    if (n <= 0) return -1;
    name[name[n - 1] == '\n' ? n - 1 : n] = '\0';
    return 0;
}

void tracee_learn_thread(struct tracee *t, struct ring_reader *r, uint32_t tid) {
    char name[32];
    r->tid = tid;
    r->named = 0;
    r->last_birth = 0;
    r->thread = rec_writer_thread(t->writer, tid);
    t->totals.threads++;
    if (read_name(t, tid, name) == 0) rec_writer_thread_name(t->writer, r->thread, name);
}

void tracee_learn_names(struct tracee *t) {
    enum { AT_MOST = 64 };
    for (uint32_t i = 0; i < t->rings_known && i < AT_MOST; i++) {
        char name[32];
        if (t->rings[i].tid != 0 && !t->rings[i].named && read_name(t, t->rings[i].tid, name) == 0)
            rec_writer_thread_name(t->writer, t->rings[i].thread, name);
    }
}
