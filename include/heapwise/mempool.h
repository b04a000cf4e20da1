/* SPDX-License-Identifier: MIT
 * Valgrind's names of pool requests, for programs that have them already: include this in place of
 * <valgrind/valgrind.h> (or <valgrind/memcheck.h>), or after it, when both shall be told.
 *
 * Valgrind's own requests are instructions that do nothing outside of valgrind, so heapwise can not
 * see them; these macros call heapwise.h, and then valgrind's request if its header is there.
 *
 * A pool is called as the program's text calls it. Of VALGRIND_MEMPOOL_TRIM only the common case
 * "nothing stays" (size 0) is told to heapwise. */
#ifndef HEAPWISE_MEMPOOL_H
#define HEAPWISE_MEMPOOL_H

#include "heapwise/heapwise.h"

#ifdef VALGRIND_DO_CLIENT_REQUEST_STMT
#define HEAPWISE_VALGRIND(request, a, b, c, d)                                                     \
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__##request, a, b, c, d, 0)
#define HEAPWISE_VALGRIND_POOL_EXISTS(pool)                                                        \
    VALGRIND_DO_CLIENT_REQUEST_EXPR(0, VG_USERREQ__MEMPOOL_EXISTS, pool, 0, 0, 0, 0)
#else
#define HEAPWISE_VALGRIND(request, a, b, c, d) ((void)0)
#define HEAPWISE_VALGRIND_POOL_EXISTS(pool) 0
#endif
#define HEAPWISE_ANCHOR(pool) ((const void *)(uintptr_t)(pool))

#undef VALGRIND_CREATE_MEMPOOL
#undef VALGRIND_CREATE_MEMPOOL_EXT
#undef VALGRIND_DESTROY_MEMPOOL
#undef VALGRIND_MEMPOOL_ALLOC
#undef VALGRIND_MEMPOOL_FREE
#undef VALGRIND_MEMPOOL_TRIM
#undef VALGRIND_MOVE_MEMPOOL
#undef VALGRIND_MEMPOOL_CHANGE
#undef VALGRIND_MEMPOOL_EXISTS
#undef VALGRIND_MALLOCLIKE_BLOCK
#undef VALGRIND_FREELIKE_BLOCK
#undef VALGRIND_RESIZEINPLACE_BLOCK

#define VALGRIND_CREATE_MEMPOOL_EXT(pool, redzone, is_zeroed, flags)                               \
    do {                                                                                           \
        if (heapwise_active())                                                                     \
            (void)heapwise_pool_bind(HEAPWISE_ANCHOR(pool), heapwise_pool_create(#pool));          \
        HEAPWISE_VALGRIND(CREATE_MEMPOOL, pool, redzone, is_zeroed, flags);                        \
    } while (0)
#define VALGRIND_CREATE_MEMPOOL(pool, redzone, is_zeroed)                                          \
    VALGRIND_CREATE_MEMPOOL_EXT(pool, redzone, is_zeroed, 0)
#define VALGRIND_DESTROY_MEMPOOL(pool)                                                             \
    do {                                                                                           \
        (void)heapwise_pool_reset(heapwise_pool_of(HEAPWISE_ANCHOR(pool)));                        \
        (void)heapwise_pool_bind(HEAPWISE_ANCHOR(pool), 0);                                        \
        HEAPWISE_VALGRIND(DESTROY_MEMPOOL, pool, 0, 0, 0);                                         \
    } while (0)
#define VALGRIND_MEMPOOL_ALLOC(pool, address, size)                                                \
    do {                                                                                           \
        (void)heapwise_pool_alloc(heapwise_pool_of(HEAPWISE_ANCHOR(pool)),                         \
                                  HEAPWISE_ANCHOR(address), (size));                               \
        HEAPWISE_VALGRIND(MEMPOOL_ALLOC, pool, address, size, 0);                                  \
    } while (0)
#define VALGRIND_MEMPOOL_FREE(pool, address)                                                       \
    do {                                                                                           \
        (void)heapwise_pool_free(heapwise_pool_of(HEAPWISE_ANCHOR(pool)),                          \
                                 HEAPWISE_ANCHOR(address));                                        \
        HEAPWISE_VALGRIND(MEMPOOL_FREE, pool, address, 0, 0);                                      \
    } while (0)
#define VALGRIND_MEMPOOL_TRIM(pool, address, size)                                                 \
    do {                                                                                           \
        if ((size) == 0) (void)heapwise_pool_reset(heapwise_pool_of(HEAPWISE_ANCHOR(pool)));       \
        HEAPWISE_VALGRIND(MEMPOOL_TRIM, pool, address, size, 0);                                   \
    } while (0)
#define VALGRIND_MOVE_MEMPOOL(from, to)                                                            \
    do {                                                                                           \
        (void)heapwise_pool_bind(HEAPWISE_ANCHOR(to), heapwise_pool_of(HEAPWISE_ANCHOR(from)));    \
        (void)heapwise_pool_bind(HEAPWISE_ANCHOR(from), 0);                                        \
        HEAPWISE_VALGRIND(MOVE_MEMPOOL, from, to, 0, 0);                                           \
    } while (0)
#define VALGRIND_MEMPOOL_CHANGE(pool, from, to, size)                                              \
    do {                                                                                           \
        (void)heapwise_pool_realloc(heapwise_pool_of(HEAPWISE_ANCHOR(pool)),                       \
                                    HEAPWISE_ANCHOR(from), HEAPWISE_ANCHOR(to), (size));           \
        HEAPWISE_VALGRIND(MEMPOOL_CHANGE, pool, from, to, size);                                   \
    } while (0)
#define VALGRIND_MEMPOOL_EXISTS(pool)                                                              \
    (heapwise_pool_of(HEAPWISE_ANCHOR(pool)) != 0 || HEAPWISE_VALGRIND_POOL_EXISTS(pool))
#define VALGRIND_MALLOCLIKE_BLOCK(address, size, redzone, is_zeroed)                               \
    do {                                                                                           \
        (void)heapwise_pool_alloc(0, HEAPWISE_ANCHOR(address), (size));                            \
        HEAPWISE_VALGRIND(MALLOCLIKE_BLOCK, address, size, redzone, is_zeroed);                    \
    } while (0)
#define VALGRIND_FREELIKE_BLOCK(address, redzone)                                                  \
    do {                                                                                           \
        (void)heapwise_pool_free(0, HEAPWISE_ANCHOR(address));                                     \
        HEAPWISE_VALGRIND(FREELIKE_BLOCK, address, redzone, 0, 0);                                 \
    } while (0)
#define VALGRIND_RESIZEINPLACE_BLOCK(address, old_size, new_size, redzone)                         \
    do {                                                                                           \
        (void)heapwise_pool_realloc(0, HEAPWISE_ANCHOR(address), HEAPWISE_ANCHOR(address),         \
                                    (new_size));                                                   \
        HEAPWISE_VALGRIND(RESIZEINPLACE_BLOCK, address, old_size, new_size, redzone);              \
    } while (0)

#endif
