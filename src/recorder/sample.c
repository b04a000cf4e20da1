/* SPDX-License-Identifier: MIT
 * What the kernel says of a process's memory: how much is resident, without what heapwise itself put
 * there; and that it has none any more, which is the first sign of its end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/tracee.h"

struct pages {
    unsigned long long all, resident;
};

static bool pages_read(const struct tracee *t, struct pages *p) {
    char text[128];
    if (t->statm_fd < 0) return false;
    ssize_t n = pread(t->statm_fd, text, sizeof text - 1, 0);
    if (n <= 0) return false;
    text[n] = '\0';
    return sscanf(text, "%llu %llu", &p->all, &p->resident) == 2;
}

static bool has_one_thread(const struct tracee *t) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)t->pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL) return false;
    size_t count = 0;
    for (const struct dirent *task; (task = readdir(tasks)) != NULL;)
        count += task->d_name[0] != '.';
    closedir(tasks);
    return count == 1;
}

static bool first_thread_has_no_memory(const struct tracee *t) {
    struct pages p;
    return pages_read(t, &p) && p.all == 0;
}

/* A thread that exits lets go of its memory first of all, and never runs the program's code again; the
 * last one of a process then takes that memory apart, page by page, before anybody is told. Others may
 * outlive the first thread, and one of them may take its place by an exec: hence the second look. */
bool tracee_is_dying(struct tracee *t) {
    enum { SOON_MS = 64, SELDOM_MS = 16 };
    if (t->totals.events != t->events_seen) t->quiet_ms = 0;
    t->events_seen = t->totals.events;
    if (t->quiet_ms++ > SOON_MS && t->quiet_ms % SELDOM_MS != 0) return false;
    return first_thread_has_no_memory(t) && has_one_thread(t) && first_thread_has_no_memory(t);
}

void tracee_sample_rss(struct tracee *t) {
    struct pages p;
    if (!pages_read(t, &p) || p.resident == 0) return;
    uint64_t bytes = p.resident * (uint64_t)sysconf(_SC_PAGESIZE);
    /* The shared region counts as far as it is in use, and so does the agent's private memory. */
    struct stat s;
    uint64_t ours =
        load_relaxed(&t->region->private_bytes) + load_relaxed(&t->region->unwind.private_bytes);
    if (fstat(t->memory_fd, &s) == 0) {
        uint64_t shared = (uint64_t)s.st_blocks * 512;
        if (shared > t->totals.region_bytes) t->totals.region_bytes = shared;
        ours += shared;
    }
    t->rss_bytes = bytes > ours ? bytes - ours : 0;
    if (t->rss_bytes > t->totals.peak_rss_bytes) t->totals.peak_rss_bytes = t->rss_bytes;
}

struct rec_time_point tracee_now(const struct tracee *t) {
    return (struct rec_time_point){.tick = t->tick,
                                   .live_bytes = t->live_bytes,
                                   .live_blocks = t->live_blocks,
                                   .allocations = t->totals.allocations,
                                   .allocated_bytes = t->totals.allocated_bytes,
                                   .rss_bytes = t->rss_bytes};
}
