/* SPDX-License-Identifier: MIT
 * An allocator that a signal handler may interrupt anywhere, enter again and leave by longjmp, and that
 * a dying thread cannot leave locked: each block is a slot of its own, taken by one exchange. With it a
 * program may rightly do what libc's allocator forbids, so that only the profiler could be at fault. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { SLOTS = 1 << 15, BYTES = 512 };
static _Alignas(64) char memory[SLOTS][BYTES];
static atomic_char taken[SLOTS];
static atomic_uint next;

static int is_slot(const void *p) {
    return (const char *)p >= memory[0] && (const char *)p < memory[SLOTS - 1] + BYTES;
}

static void *large(size_t size) {
    char *p = mmap(NULL, size + 64, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    memcpy(p, &size, sizeof size);
    return p + 64;
}

void *malloc(size_t size) {
    for (int tries = 0; size <= BYTES && tries < SLOTS; tries++) {
        unsigned i = atomic_fetch_add(&next, 1) % SLOTS;
        if (!atomic_exchange(&taken[i], 1)) return memory[i];
    }
    return large(size);
}

void free(void *p) {
    if (p == NULL) return;
    if (is_slot(p)) {
        atomic_store(&taken[((char *)p - memory[0]) / BYTES], 0);
        return;
    }
    size_t size;
    memcpy(&size, (char *)p - 64, sizeof size);
    munmap((char *)p - 64, size + 64);
}

void *calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *p = malloc(bytes);
    return p == NULL ? NULL : memset(p, 0, bytes);
}

void *realloc(void *old, size_t size) {
    if (old == NULL) return malloc(size);
    size_t had = BYTES;
    if (!is_slot(old)) memcpy(&had, (char *)old - 64, sizeof had);
    void *p = malloc(size);
    if (p == NULL) return NULL;
    memcpy(p, old, had < size ? had : size);
    free(old);
    return p;
}

static void *aligned(size_t alignment, size_t size) {
    return alignment <= 64 ? malloc(size) : NULL;
}
void *memalign(size_t alignment, size_t size) { return aligned(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return aligned(alignment, size); }
int posix_memalign(void **p, size_t alignment, size_t size) {
    *p = aligned(alignment, size);
    return *p == NULL ? ENOMEM : 0;
}
