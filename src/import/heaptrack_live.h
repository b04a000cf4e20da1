/* SPDX-License-Identifier: MIT
 * The living blocks of an interpreted heaptrack file, which tells of a block only its kind: size
 * and call stack. Each kind has a list of its living blocks, the newest first. */
#ifndef HEAPWISE_IMPORT_HEAPTRACK_LIVE_H
#define HEAPWISE_IMPORT_HEAPTRACK_LIVE_H

#include <stddef.h>
#include <stdint.h>

struct im_heaptrack_kind {
    uint64_t size;
    uint32_t node;
    uint32_t newest; /* link of the newest living block + 1; 0: none */
};

struct im_heaptrack_link {
    uint64_t block;
    uint32_t older; /* link + 1; among the free links: the next free one */
    uint32_t reserved;
};

struct im_heaptrack_live {
    struct im_heaptrack_kind *kinds;
    size_t kind_count, kind_capacity;
    struct im_heaptrack_link *links;
    size_t link_count, link_capacity;
    uint32_t free; /* link + 1 */
};

void im_heaptrack_live_release(struct im_heaptrack_live *l);
/* Each gives 0, or -1 when memory is out. */
int im_heaptrack_live_kind(struct im_heaptrack_live *l, uint64_t size, uint32_t node);
int im_heaptrack_live_birth(struct im_heaptrack_live *l, uint32_t kind, uint64_t block);
/* -1 when no block of that kind lives. */
int im_heaptrack_live_end(struct im_heaptrack_live *l, uint64_t kind, uint64_t *block);

#endif
