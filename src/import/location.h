/* SPDX-License-Identifier: MIT
 * The locations of an imported file: code addresses and the frames that the file names for them.
 *
 * Invariants: location l has frames[first[l] .. first[l + 1]); strings live once each in the pool;
 * no two locations have the same module, address and exactness. */
#ifndef HEAPWISE_IMPORT_LOCATION_H
#define HEAPWISE_IMPORT_LOCATION_H

#include <stddef.h>
#include <stdint.h>

#include "recording/tables.h"

/* Where made-up addresses begin; below it are the special ones of tables.h and of pools. */
#define IM_ADDRESS_MADE_UP 0x10000

struct im_location {
    uint64_t address;
    uint32_t module, first, count; /* frames[first .. first + count) */
    uint32_t exact;
};

struct im_locations {
    struct im_location *list;
    size_t count, capacity;
    struct rec_frame *frames;
    size_t frame_count, frame_capacity;
    uint32_t *by_address, *by_frames; /* open addressing; index + 1, 0 is free */
    size_t slots;                     /* of each */
    char **strings;                   /* open addressing, NULL is free */
    size_t string_count, string_slots;
    uint64_t next_address;
};

void im_locations_release(struct im_locations *l);
/* The index of a location, new or known; REC_NONE when memory is out. Address 0: told by its
 * frames. */
uint32_t im_locations_add(struct im_locations *l, uint32_t module, uint64_t address, int exact,
                          const struct rec_frame *frames, size_t count);
/* The location of a code address of the recording, or NULL. */
const struct im_location *im_locations_find(const struct im_locations *l, uint32_t module,
                                            uint64_t address, int exact);

#endif
