/* SPDX-License-Identifier: MIT
 * A recorded process: what is known of it from outside, and what is kept for it. See tracee.h. */
#include "recorder/tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/told.h"
#include "recorder/unentered.h"

struct tracee *tracee_create(pid_t pid, bool forked, struct failure *f) {
    struct tracee *t = calloc(1, sizeof *t);
    if (t == NULL) goto memory;
    t->pid = pid;
    t->forked = forked;
    t->memory_fd = t->statm_fd = -1;
    t->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    t->facts = process_facts_read(pid, forked);
    t->heap = live_heap_create();
    if (t->facts == NULL || t->heap == NULL || timeline_init(&t->timeline) < 0) goto memory;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    t->statm_fd = open(path, O_RDONLY | O_CLOEXEC);
    unentered_know_executable(t);
    return t;
memory:
    tracee_destroy(t);
    failure_set(f, "cannot record process %d: out of memory", (int)pid);
    return NULL;
}

void tracee_out_of_memory(struct tracee *t) {
    if (t->out_of_memory) return;
    t->out_of_memory = true;
    if (t->failure.text[0] == '\0')
        failure_set(&t->failure,
                    "heapwise itself ran out of memory %u ms after the start: the recording ends "
                    "there",
                    t->tick);
    if (t->writer != NULL) rec_writer_abandon(t->writer);
    if (t->region != NULL) store_release(&t->region->state, WIRE_CLOSED);
}

static void region_drop(struct tracee *t) {
    if (t->region != NULL) {
        tracee_memory_release(&(struct tracee_memory){t->region, t->layout, t->memory_fd});
        t->region = NULL;
        t->memory_fd = -1;
    }
    node_stats_release(&t->stats);
    free(t->rings);
    free(t->file_module);
    t->rings = NULL;
    t->file_module = NULL;
}

int tracee_make_region(struct tracee *t, uint32_t attempt, bool follow, enum wire_clock clock,
                       struct failure *f) {
    region_drop(t);
    t->layout = region_layout_of(attempt);
    t->clock = clock;
    if (region_create(&t->layout, clock, follow, &t->memory_fd, &t->region, f) < 0) return -1;
    t->rings = calloc(t->layout.rings_max, sizeof *t->rings);
    t->file_module = calloc(t->layout.modules_max, sizeof *t->file_module);
    if (t->rings == NULL || t->file_module == NULL ||
        node_stats_init(&t->stats, t->layout.nodes_max) < 0)
        return failure_set(f, "cannot record process %d: out of memory", (int)t->pid);
    return 0;
}

void tracee_destroy(struct tracee *t) {
    if (t == NULL) return;
    region_drop(t);
    live_heap_destroy(t->heap);
    timeline_release(&t->timeline);
    if (t->pidfd >= 0) close(t->pidfd);
    if (t->statm_fd >= 0) close(t->statm_fd);
    owed_ends_release(&t->owed);
    told_release(t->told);
    process_facts_free(t->facts);
    free(t->path);
    free(t->unentered);
    free(t);
}
