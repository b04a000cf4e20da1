/* SPDX-License-Identifier: MIT
 * Makes regions. See region_layout.h; wire/region.h is what the agent sees. */
#include "recorder/region_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recorder/death_mark.h"

static uint64_t page_up(uint64_t bytes) {
    return (bytes + 4095) & ~4095ull;
}

/* The first ring holds the burst in which a program gives back all that it had: half a million
 * frees, each of which takes us several times as long as the program. With a quarter of that
 * jq waited 30 ms of its 400 for us, and python3 60 ms of 1300. */
struct region_layout region_layout_of(uint32_t attempt) {
    static const struct region_layout sizes[3] = {
        {.modules_max = WIRE_MODULES_MAX,
         .rings_max = 8192,
         .nodes_max = 1u << 26,
         .data.steps = {{1, 19}, {8, 17}, {64, 15}, {8192, 13}}},
        {.modules_max = 512,
         .rings_max = 256,
         .nodes_max = 1u << 21,
         .data.steps = {{2, 16}, {16, 13}, {64, 12}, {256, 12}}},
        {.modules_max = 128,
         .rings_max = 32,
         .nodes_max = 1u << 16,
         .data.steps = {{1, 13}, {4, 12}, {16, 11}, {32, 11}}},
    };
    struct region_layout l = sizes[attempt < 3 ? attempt : 2];
    l.modules_offset = page_up(sizeof(struct wire_region));
    l.names_offset = page_up(l.modules_offset + l.modules_max * sizeof(struct wire_module));
    l.rings_offset = page_up(l.names_offset + WIRE_NAMES_MAX * sizeof(struct wire_name));
    l.nodes_offset = page_up(l.rings_offset + l.rings_max * sizeof(struct wire_ring));
    l.data.data_offset = page_up(l.nodes_offset + l.nodes_max * sizeof(struct wire_node));
    l.bytes = wire_ring_offset(&l.data, l.rings_max);
    return l;
}

int region_create(const struct region_layout *l, enum wire_clock clock, int follow, int *fd,
                  struct wire_region **region, struct failure *f) {
    int memory = memfd_create("heapwise", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return failure_set_errno(f, errno, "cannot make shared memory");
    struct wire_region *r = NULL;
    /* Sealed: were the process to make it smaller, a look at it would end us. */
    if (ftruncate(memory, (off_t)l->bytes) == 0 &&
        fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        r = death_mark_map(memory, l->bytes);
    if (r == NULL) {
        int error = errno;
        close(memory);
        return failure_set_errno(f, error, "cannot map %llu MiB of address space for shared memory",
                                 (unsigned long long)(l->bytes >> 20));
    }
    r->magic = WIRE_MAGIC;
    r->version = WIRE_VERSION;
    r->header_bytes = sizeof *r;
    r->bytes = l->bytes;
    r->modules_offset = l->modules_offset;
    r->names_offset = l->names_offset;
    r->rings_offset = l->rings_offset;
    r->nodes_offset = l->nodes_offset;
    r->modules_max = l->modules_max;
    r->rings_max = l->rings_max;
    r->nodes_max = l->nodes_max;
    r->clock_kind = clock;
    r->follow = (uint32_t)follow;
    r->module_count = 1; /* 0 is "no file" */
    r->node_count = 1;   /* 0 is the root */
    r->ring_layout = l->data;
    int error = death_mark_announce(&r->recorder_thread);
    if (error != 0) {
        death_mark_unmap(r, l->bytes);
        close(memory);
        return failure_set_errno(f, error, "cannot prepare shared memory");
    }
    *fd = memory;
    *region = r;
    return 0;
}

void region_release(struct wire_region *region, const struct region_layout *l) {
    death_mark_take_back(&region->recorder_thread);
    death_mark_unmap(region, l->bytes);
}
