/* SPDX-License-Identifier: MIT
 * What each thread did last: needed to tell temporary blocks, whose end is the next event of the
 * thread that brought them into being.
 *
 * A replay that begins at a snapshot does not know what threads did before it. That matters only when
 * a thread's first event is the end of an older block; then the chunks before the snapshot are read
 * backwards until the thread's last event is found, or the chunk of the block's birth is passed. */
#ifndef HEAPWISE_ANALYSIS_LAST_BIRTH_H
#define HEAPWISE_ANALYSIS_LAST_BIRTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/reader.h"

#define AN_LAST_UNKNOWN (UINT64_MAX - 1) /* not known yet; REC_NO_BLOCK: it was no birth */

struct an_last_births {
    uint64_t *block;     /* by thread: the block that its last event bore, or one of the two above */
    size_t thread_count;
    struct rec_file *file;
    size_t back_chunk;   /* chunks from here on, up to the start of the replay, have been looked at */
};

/* `first_chunk`: where the replay begins. */
int an_last_births_init(struct an_last_births *l, struct rec_file *r, size_t first_chunk,
                        struct failure *f);
void an_last_births_release(struct an_last_births *l);

int an_last_births_look_back(struct an_last_births *l, uint32_t thread, uint64_t block,
                             struct failure *f);

/* Whether the last event of `thread` bore `block`: 1, 0, or -1 on failure. */
static inline int an_last_births_is(struct an_last_births *l, uint32_t thread, uint64_t block,
                                    struct failure *f) {
    if (__builtin_expect(l->block[thread] == AN_LAST_UNKNOWN, 0) && l->back_chunk > 0 &&
        an_last_births_look_back(l, thread, block, f) != 0)
        return -1;
    return l->block[thread] == block;
}

#endif
