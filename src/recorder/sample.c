/* SPDX-License-Identifier: MIT
 * The process's resident memory, without what heapwise itself put there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/tracee.h"

void tracee_sample_rss(struct tracee *t) {
    char text[128];
    if (t->statm_fd < 0) return;
    ssize_t n = pread(t->statm_fd, text, sizeof text - 1, 0);
    if (n <= 0) return;
    text[n] = '\0';
    unsigned long long size, resident;
    if (sscanf(text, "%llu %llu", &size, &resident) != 2 || resident == 0) return;
    uint64_t bytes = resident * (uint64_t)sysconf(_SC_PAGESIZE);
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
