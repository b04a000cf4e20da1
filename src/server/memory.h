/* SPDX-License-Identifier: MIT
 * Remembers answers by the address that was asked, so that a question asked again costs nothing.
 * The same address always has the same answer, for recordings do not change while they are served.
 *
 * Invariants: at most MEMORY_ANSWERS answers and MEMORY_BYTES bytes are kept (or one answer that is
 * larger than that); the one that has not been asked for longest goes first. */
#ifndef HEAPWISE_SERVER_MEMORY_H
#define HEAPWISE_SERVER_MEMORY_H

#include <pthread.h>
#include <stdint.h>

#include "server/answer.h"

#define MEMORY_ANSWERS 64
#define MEMORY_BYTES ((size_t)128 << 20)

struct memory {
    pthread_mutex_t mutex;
    struct {
        char *key;
        struct answer *answer;
        uint64_t used; /* the greater, the later */
    } entries[MEMORY_ANSWERS];
    size_t count, bytes;
    uint64_t clock;
};

void memory_init(struct memory *m);
void memory_release(struct memory *m);
/* An answer that the caller then holds, or NULL. */
struct answer *memory_recall(struct memory *m, const char *key);
/* The caller still holds its answer. */
void memory_keep(struct memory *m, const char *key, struct answer *a);

#endif
