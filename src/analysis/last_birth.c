/* SPDX-License-Identifier: MIT
 * Looks back for what a thread did last. See last_birth.h. */
#include "analysis/last_birth.h"

#include <stdlib.h>
#include <string.h>

int an_last_births_init(struct an_last_births *l, struct rec_file *r, size_t first_chunk,
                        struct failure *f) {
    memset(l, 0, sizeof *l);
    rec_threads(r, &l->thread_count);
    if (l->thread_count == 0) l->thread_count = 1;
    l->block = malloc(l->thread_count * sizeof *l->block);
    if (l->block == NULL)
        return failure_set(f, "cannot follow %zu threads: out of memory", l->thread_count);
    for (size_t i = 0; i < l->thread_count; i++) l->block[i] = AN_LAST_UNKNOWN;
    l->file = r;
    l->back_chunk = first_chunk;
    return 0;
}

void an_last_births_release(struct an_last_births *l) {
    free(l->block);
    memset(l, 0, sizeof *l);
}

/* Fills in the threads that are still unknown from the last event that each has in one chunk. */
static int read_chunk(struct an_last_births *l, const struct rec_chunk *chunk,
                      struct rec_event *records, uint64_t *last, struct failure *f) {
    uint32_t thread = chunk->first_thread;
    uint64_t next_block = chunk->first_block;
    for (size_t i = 0; i < l->thread_count; i++) last[i] = AN_LAST_UNKNOWN;
    for (size_t i = 0; i < chunk->records; i++) {
        const struct rec_event *e = &records[i];
        if (e->kind == REC_THREAD) {
            thread = (uint32_t)e->size;
            continue;
        }
        if (e->kind == REC_TICK || e->kind == REC_FAILED) continue;
        if (thread >= l->thread_count)
            return failure_set(f, "the recording names thread %u, but has only %zu", thread,
                               l->thread_count);
        int born = e->kind == REC_ALLOC || e->kind == REC_REALLOC;
        last[thread] = born ? next_block++ : REC_NO_BLOCK;
    }
    for (size_t i = 0; i < l->thread_count; i++)
        if (l->block[i] == AN_LAST_UNKNOWN) l->block[i] = last[i];
    return 0;
}

int an_last_births_look_back(struct an_last_births *l, uint32_t thread, uint64_t block,
                             struct failure *f) {
    size_t count;
    const struct rec_chunk *chunks = rec_chunks(l->file, &count);
    uint64_t *last = malloc(l->thread_count * sizeof *last);
    int failed = last == NULL ? failure_set(f, "cannot look back: out of memory") : 0;
    while (!failed && l->back_chunk > 0 && l->block[thread] == AN_LAST_UNKNOWN) {
        /* All of the thread's events after this chunk are known to be none; so when the block was
         * born later than that, another thread bore it. */
        if (chunks[l->back_chunk].first_block <= block) break;
        const struct rec_chunk *chunk = &chunks[l->back_chunk - 1];
        struct rec_event *records = malloc((size_t)chunk->records * sizeof *records);
        if (records == NULL) {
            failed = failure_set(f, "cannot look back over %u events: out of memory", chunk->records);
        } else {
            failed = rec_chunk_decode(l->file, l->back_chunk - 1, records, f) ||
                     read_chunk(l, chunk, records, last, f);
        }
        free(records);
        l->back_chunk--;
    }
    free(last);
    return failed ? -1 : 0;
}
