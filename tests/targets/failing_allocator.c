/* SPDX-License-Identifier: MIT
 * Preloaded into heapwise: from allocation number FAIL_FROM on, its malloc fails, FAIL_COUNT times
 * (without: for ever). In every other program it does nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t number, from = UINT64_MAX, to;

__attribute__((constructor)) static void begin(void) {
    const char *first = getenv("FAIL_FROM"), *count = getenv("FAIL_COUNT");
    if (first == NULL || strcmp(program_invocation_short_name, "heapwise") != 0) return;
    __atomic_store_n(&number, 0, __ATOMIC_RELAXED);
    from = strtoull(first, NULL, 10);
    to = count == NULL ? UINT64_MAX : from + strtoull(count, NULL, 10);
}

static int fails(void) {
    if (from == UINT64_MAX) return 0;
    uint64_t n = __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
    if (n < from || n >= to) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *block, size_t size) { return fails() ? NULL : __libc_realloc(block, size); }
void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void **block, size_t alignment, size_t size) {
    if (fails()) return ENOMEM;
    *block = __libc_memalign(alignment, size);
    return *block != NULL ? 0 : ENOMEM;
}
