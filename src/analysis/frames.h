/* SPDX-License-Identifier: MIT
 * The source-level frames of a recording, each once.
 *
 * Nouns:
 *   function   a function of a module: name, file and module together say which. Where no name is
 *              known every code address is a function of its own, told by its offset in the module
 *   frame      a line of a function, with whether it stands there inlined into its caller
 *
 * An address has one frame or, where functions were inlined, several, innermost first. */
#ifndef HEAPWISE_ANALYSIS_FRAMES_H
#define HEAPWISE_ANALYSIS_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/reader.h"

struct an_function {
    const char *name; /* linkage name, or NULL */
    const char *file; /* or NULL */
    uint64_t offset;  /* without a name: address in the module's file */
    uint32_t module;
    uint8_t stopped;  /* 1: stands for callers that could not be seen */
    uint8_t reserved[3];
};

struct an_frame {
    uint32_t function, line;
    uint8_t inlined, reserved[3];
};

struct an_frames {
    struct rec_file *file;
    struct an_function *functions;
    size_t function_count, function_capacity;
    struct an_frame *frames;
    size_t frame_count, frame_capacity;
    uint32_t *first; /* by address: its frames are ids[first[a]] .. ids[first[a + 1]] */
    uint32_t *ids;
    size_t address_count, id_count, id_capacity;
    /* By function: 1 when its frames are left out of stack trees (filter.h: an_filter_hide); NULL: none. */
    uint8_t *hidden;
    /* Readable names of functions, made when first asked for (names.h). */
    char **full_names;
};

int an_frames_build(struct an_frames *t, struct rec_file *r, struct failure *f);
void an_frames_release(struct an_frames *t);

/* The ids of an address' frames, innermost first. */
static inline const uint32_t *an_frames_of(const struct an_frames *t, uint32_t address,
                                           size_t *count) {
    *count = t->first[address + 1] - t->first[address];
    return t->ids + t->first[address];
}

#endif
