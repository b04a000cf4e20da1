/* SPDX-License-Identifier: MIT
 * How a target allocates and keeps the truth about itself.
 *
 * All allocations that a test judges go through the own_* functions, so that the recording's call
 * stacks tell them from those of libc (thread control blocks and the like). Each counts in a
 * `struct own`, exactly as the report defines its totals. The truth is printed as JSON by own_print
 * without allocating (stdio would). One `struct own` belongs to one thread. */
#ifndef HEAPWISE_TESTS_TARGETS_OWN_H
#define HEAPWISE_TESTS_TARGETS_OWN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct own {
    uint64_t allocations, frees, reallocations, failed;
    uint64_t allocated_bytes, freed_bytes;
    uint64_t live_bytes, live_blocks, peak_bytes, peak_blocks;
};

#define OWN_FUNCTION __attribute__((noinline, noclone, unused)) static

static inline void own_born(struct own *o, uint64_t size) {
    o->allocations++;
    o->allocated_bytes += size;
    o->live_blocks++;
    o->live_bytes += size;
    if (o->live_bytes > o->peak_bytes) {
        o->peak_bytes = o->live_bytes;
        o->peak_blocks = o->live_blocks;
    }
}

static inline void own_ended(struct own *o, uint64_t size) {
    o->frees++;
    o->freed_bytes += size;
    o->live_blocks--;
    o->live_bytes -= size;
}

OWN_FUNCTION void *own_malloc(struct own *o, size_t size) {
    void *p = malloc(size);
    if (p == NULL) o->failed++;
    else own_born(o, size);
    return p;
}

OWN_FUNCTION void *own_calloc(struct own *o, size_t count, size_t size) {
    void *p = calloc(count, size);
    if (p == NULL) o->failed++;
    else own_born(o, count * size);
    return p;
}

/* `old` is the size of `p`, 0 where p is NULL. */
OWN_FUNCTION void *own_realloc(struct own *o, void *p, size_t old, size_t size) {
    void *q = realloc(p, size);
    if (q == NULL) {
        o->failed++;
        return NULL;
    }
    if (p != NULL) {
        own_ended(o, old);
        o->reallocations++;
    }
    own_born(o, size);
    return q;
}

OWN_FUNCTION void own_free(struct own *o, void *p, size_t size) {
    if (p != NULL) own_ended(o, size);
    free(p);
}

/* Adds what another thread counted. Peaks do not add up: the caller knows the common one. */
static inline void own_add(struct own *o, const struct own *other) {
    o->allocations += other->allocations;
    o->frees += other->frees;
    o->reallocations += other->reallocations;
    o->failed += other->failed;
    o->allocated_bytes += other->allocated_bytes;
    o->freed_bytes += other->freed_bytes;
    o->live_bytes += other->live_bytes;
    o->live_blocks += other->live_blocks;
}

static inline void own_write(const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, text, length);
        if (written <= 0) _exit(99);
        text += written;
        length -= (size_t)written;
    }
}

/* One line: {"name":…,"allocations":…,…}. */
static inline void own_print(const char *name, const struct own *o) {
    char line[1024];
    snprintf(line, sizeof line,
             "{\"name\":\"%s\",\"allocations\":%llu,\"frees\":%llu,\"reallocations\":%llu,"
             "\"failed\":%llu,\"allocated_bytes\":%llu,\"freed_bytes\":%llu,\"leaked_bytes\":%llu,"
             "\"leaked_blocks\":%llu,\"peak_bytes\":%llu,\"peak_blocks\":%llu}\n",
             name, (unsigned long long)o->allocations, (unsigned long long)o->frees,
             (unsigned long long)o->reallocations, (unsigned long long)o->failed,
             (unsigned long long)o->allocated_bytes, (unsigned long long)o->freed_bytes,
             (unsigned long long)o->live_bytes, (unsigned long long)o->live_blocks,
             (unsigned long long)o->peak_bytes, (unsigned long long)o->peak_blocks);
    own_write(line);
}

/* Small, reproducible pseudo-random numbers (xorshift64*); the seed must not be 0. */
static inline uint64_t own_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545F4914F6CDD1DULL;
}

#endif
