/* SPDX-License-Identifier: MIT
 * The hooks of entry points that only other allocators have: jemalloc's *allocx, tcmalloc's tc_*,
 * mimalloc's mi_*. They do what hook.h says; one line of the list below is one hook.
 *
 * Shapes (parameters, in order; each hook's real function has the same):
 *   ALLOCATE  (size)                    RESIZE   (old, size)          RELEASE (block)
 *   ARRAY     (count, size)             RESIZE_N (old, count, size)   RELEASE_S  (block, x)
 *   ALIGNED   (alignment, size)                                       RELEASE_SS (block, x, y)
 *   SIZE_FIRST (size, alignment or flags)
 *   HEAP      (heap, size)              the _N forms count elements
 *
 * A hook exists in every program that has the agent, but only a program that has the allocator can
 * call it, so the real function is looked up at the first call. Allocators call their own entry
 * points too (mimalloc's realloc calls mi_realloc): a call from within the allocator's library, or
 * one that it made by a jump out of a function that we called, is part of a call that another hook
 * records, and is only passed on. */
#include <errno.h>
#include <string.h>

#include "agent/hook.h"

#define CALLER() __builtin_extract_return_addr(__builtin_return_address(0))
#define CALL_IS_INNER() real_is_inner_code(CALLER())
#define NEXT(name)                                                                                 \
    ({                                                                                             \
        static void *kept_;                                                                        \
        (__typeof__(&name))real_find(&kept_, #name, CALLER());                                              \
    })

static inline size_t product(size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes;
}

#define ALLOCATES(name, parameters, arguments, size)                                               \
    HOOK void *name parameters;                                                                    \
    void *name parameters {                                                                        \
        if (CALL_IS_INNER()) return NEXT(name) arguments;                                          \
        void *block = NEXT(name) arguments;                                                        \
        HOOK_ALLOCATED(block, size);                                                               \
        return block;                                                                              \
    }
#define RESIZES(name, parameters, arguments, size)                                                 \
    HOOK void *name parameters;                                                                    \
    void *name parameters {                                                                        \
        if (CALL_IS_INNER()) return NEXT(name) arguments;                                          \
        HOOK_REALLOCATE(old, size, NEXT(name) arguments);                                          \
    }
#define RELEASES(name, parameters, arguments)                                                      \
    HOOK void name parameters;                                                                     \
    void name parameters {                                                                         \
        if (!CALL_IS_INNER()) HOOK_FREED(block);                                                   \
        NEXT(name) arguments;                                                                      \
        HOOK_STAYS();                                                                              \
    }

#define ALLOCATE(name) ALLOCATES(name, (size_t a), (a), a)
#define ARRAY(name) ALLOCATES(name, (size_t n, size_t a), (n, a), product(n, a))
#define ALIGNED(name) ALLOCATES(name, (size_t x, size_t a), (x, a), a)
#define SIZE_FIRST(name) ALLOCATES(name, (size_t a, size_t x), (a, x), a)
#define ARRAY_ALIGNED(name)                                                                        \
    ALLOCATES(name, (size_t n, size_t a, size_t x), (n, a, x), product(n, a))
#define HEAP(name) ALLOCATES(name, (void *heap, size_t a), (heap, a), a)
#define HEAP_ALIGNED(name) ALLOCATES(name, (void *heap, size_t a, size_t x), (heap, a, x), a)
#define HEAP_ARRAY(name)                                                                           \
    ALLOCATES(name, (void *heap, size_t n, size_t a), (heap, n, a), product(n, a))
#define STRING(name)                                                                               \
    ALLOCATES(name, (const char *s), (s), block != NULL ? strlen(block) + 1 : strlen(s) + 1)
#define RESIZE(name) RESIZES(name, (void *old, size_t a), (old, a), a)
#define RESIZE_X(name) RESIZES(name, (void *old, size_t a, size_t x), (old, a, x), a)
#define RESIZE_N(name) RESIZES(name, (void *old, size_t n, size_t a), (old, n, a), product(n, a))
#define HEAP_RESIZE(name) RESIZES(name, (void *heap, void *old, size_t a), (heap, old, a), a)
#define RELEASE(name) RELEASES(name, (void *block), (block))
#define RELEASE_S(name) RELEASES(name, (void *block, size_t x), (block, x))
#define RELEASE_SS(name) RELEASES(name, (void *block, size_t x, size_t y), (block, x, y))
#define POSIX(name)                                                                                \
    HOOK int name(void **block, size_t alignment, size_t size);                                    \
    int name(void **block, size_t alignment, size_t size) {                                        \
        int error = NEXT(name)(block, alignment, size);                                            \
        if (CALL_IS_INNER()) return error;                                                         \
        if (error != EINVAL) HOOK_ALLOCATED(error == 0 ? *block : NULL, size);                     \
        return error;                                                                              \
    }

/* jemalloc; `x` are its flags, an int that arrives in a register whose upper half it ignores. */
SIZE_FIRST(mallocx)
RESIZE_X(rallocx)
RELEASE_S(dallocx)
RELEASE_SS(sdallocx)

/* Resizes in place or not at all, and gives the size that the block has then. */
HOOK size_t xallocx(void *block, size_t size, size_t extra, int flags);
size_t xallocx(void *block, size_t size, size_t extra, int flags) {
    size_t now = NEXT(xallocx)(block, size, extra, flags);
    struct agent_thread *t = now >= size ? agent_enter() : NULL;
    if (t != NULL) {
        uint64_t stamp = ring_stamps(t) ? ring_stamp_before() : 0;
        agent_ring_move(t, block, block, size, UW_CAPTURE(t->unwinder), stamp);
    }
    return now;
}

/* tcmalloc */
ALLOCATE(tc_malloc)
ALLOCATE(tc_malloc_skip_new_handler)
ARRAY(tc_calloc)
RESIZE(tc_realloc)
ALIGNED(tc_memalign)
POSIX(tc_posix_memalign)
ALLOCATE(tc_valloc)
ALLOCATE(tc_pvalloc)
RELEASE(tc_free)
RELEASE_S(tc_free_sized)
RELEASE(tc_cfree)
ALLOCATE(tc_new)
SIZE_FIRST(tc_new_nothrow)
ALLOCATE(tc_newarray)
SIZE_FIRST(tc_newarray_nothrow)
SIZE_FIRST(tc_new_aligned)
SIZE_FIRST(tc_newarray_aligned)
RELEASE(tc_delete)
RELEASE_S(tc_delete_nothrow)
RELEASE_S(tc_delete_sized)
RELEASE_S(tc_delete_aligned)
RELEASE_SS(tc_delete_sized_aligned)
RELEASE(tc_deletearray)
RELEASE_S(tc_deletearray_nothrow)
RELEASE_S(tc_deletearray_sized)
RELEASE_S(tc_deletearray_aligned)
RELEASE_SS(tc_deletearray_sized_aligned)

/* mimalloc */
ALLOCATE(mi_malloc)
ALLOCATE(mi_zalloc)
ALLOCATE(mi_malloc_small)
ALLOCATE(mi_zalloc_small)
ARRAY(mi_calloc)
ARRAY(mi_mallocn)
RESIZE(mi_realloc)
RESIZE(mi_rezalloc)
RESIZE_N(mi_reallocn)
RESIZE_N(mi_recalloc)
RESIZE_N(mi_reallocarray)
SIZE_FIRST(mi_malloc_aligned)
SIZE_FIRST(mi_zalloc_aligned)
ARRAY_ALIGNED(mi_calloc_aligned)
RESIZE_X(mi_realloc_aligned)
RESIZE_X(mi_rezalloc_aligned)
ALIGNED(mi_memalign)
ALIGNED(mi_aligned_alloc)
POSIX(mi_posix_memalign)
ALLOCATE(mi_valloc)
ALLOCATE(mi_pvalloc)
STRING(mi_strdup)
RELEASE(mi_free)
RELEASE(mi_cfree)
RELEASE_S(mi_free_size)
RELEASE_S(mi_free_aligned)
RELEASE_SS(mi_free_size_aligned)
ALLOCATE(mi_new)
ALLOCATE(mi_new_nothrow)
ARRAY(mi_new_n)
SIZE_FIRST(mi_new_aligned)
SIZE_FIRST(mi_new_aligned_nothrow)
RESIZE(mi_new_realloc)
RESIZE_N(mi_new_reallocn)
HEAP(mi_heap_malloc)
HEAP(mi_heap_zalloc)
HEAP(mi_heap_malloc_small)
HEAP_ARRAY(mi_heap_calloc)
HEAP_ARRAY(mi_heap_mallocn)
HEAP_ALIGNED(mi_heap_malloc_aligned)
HEAP_ALIGNED(mi_heap_zalloc_aligned)
HEAP_RESIZE(mi_heap_realloc)
