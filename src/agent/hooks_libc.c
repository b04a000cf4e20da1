/* SPDX-License-Identifier: MIT
 * The hooks of libc's allocation functions. hook.h says what every hook does and in which order. */
#include <errno.h>

#include "agent/hook.h"

HOOK void *malloc(size_t size) {
    void *block = HOOK_REAL(malloc)(size);
    HOOK_ALLOCATED(block, size);
    return block;
}

HOOK void *calloc(size_t count, size_t size) {
    void *block = HOOK_REAL(calloc)(count, size);
    size_t bytes;
    if (unlikely(__builtin_mul_overflow(count, size, &bytes))) bytes = SIZE_MAX;
    HOOK_ALLOCATED(block, bytes);
    return block;
}

HOOK void *realloc(void *old, size_t size) {
    HOOK_REALLOCATE(old, size, HOOK_REAL(realloc)(old, size));
}

HOOK void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (unlikely(__builtin_mul_overflow(count, size, &bytes))) {
        HOOK_ALLOCATED(NULL, SIZE_MAX);
        errno = ENOMEM;
        return NULL;
    }
    HOOK_REALLOCATE(old, bytes, HOOK_REAL(realloc)(old, bytes));
}

HOOK void free(void *block) {
    HOOK_FREED(block);
    HOOK_REAL(free)(block);
    HOOK_STAYS();
}

HOOK void cfree(void *block) {
    HOOK_FREED(block);
    HOOK_REAL(free)(block);
    HOOK_STAYS();
}

HOOK void free_sized(void *block, size_t size) {
    (void)size;
    HOOK_FREED(block);
    HOOK_REAL(free)(block);
    HOOK_STAYS();
}

HOOK void free_aligned_sized(void *block, size_t alignment, size_t size) {
    (void)alignment, (void)size;
    HOOK_FREED(block);
    HOOK_REAL(free)(block);
    HOOK_STAYS();
}

HOOK int posix_memalign(void **block, size_t alignment, size_t size) {
    int error = HOOK_REAL(posix_memalign)(block, alignment, size);
    /* EINVAL is a wrong call, not an allocation that failed. */
    if (likely(error != EINVAL)) HOOK_ALLOCATED(error == 0 ? *block : NULL, size);
    return error;
}

HOOK void *aligned_alloc(size_t alignment, size_t size) {
    void *block = HOOK_REAL(aligned_alloc)(alignment, size);
    HOOK_ALLOCATED(block, size);
    return block;
}

HOOK void *memalign(size_t alignment, size_t size) {
    void *block = HOOK_REAL(memalign)(alignment, size);
    HOOK_ALLOCATED(block, size);
    return block;
}

HOOK void *valloc(size_t size) {
    void *block = HOOK_REAL(valloc)(size);
    HOOK_ALLOCATED(block, size);
    return block;
}

HOOK void *pvalloc(size_t size) {
    void *block = HOOK_REAL(pvalloc)(size);
    HOOK_ALLOCATED(block, size);
    return block;
}
