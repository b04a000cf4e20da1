/* SPDX-License-Identifier: MIT
 * Finds the real functions; serves the few bytes that finding them takes. See real.h. */
#include "agent/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "agent/find.h"
#include "core/atomics.h"

/* Each block is preceded by its size in 16 bytes. */
_Alignas(16) char real_arena[REAL_ARENA_BYTES];
static size_t arena_used;

static void *arena_alloc(size_t alignment, size_t size) {
    if (alignment < 16) alignment = 16;
    if (size > sizeof real_arena || alignment > 4096) return NULL;
    size_t step = ((size + 15) & ~(size_t)15) + 16 + alignment;
    size_t at = add_relaxed(&arena_used, step);
    if (at + step > sizeof real_arena) return NULL;
    uintptr_t block =
        ((uintptr_t)real_arena + at + 16 + alignment - 1) & ~(uintptr_t)(alignment - 1);
    memcpy((char *)block - 16, &size, sizeof size);
    return (void *)block;
}

static void *arena_malloc(size_t size) {
    return arena_alloc(16, size);
}
static void *arena_calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    return arena_alloc(16, bytes); /* never used before, so zero */
}
static void arena_free(void *block) {
    (void)block;
}
static void *arena_realloc(void *block, size_t size) {
    if (block == NULL) return arena_malloc(size);
    return real_arena_move(block, size);
}
static int arena_posix_memalign(void **block, size_t alignment, size_t size) {
    *block = arena_alloc(alignment, size);
    return *block != NULL ? 0 : ENOMEM;
}
static void *arena_page(size_t size) {
    return arena_alloc(4096, size);
}

static const struct real_functions from_arena = {
    .malloc = arena_malloc,
    .free = arena_free,
    .calloc = arena_calloc,
    .realloc = arena_realloc,
    .posix_memalign = arena_posix_memalign,
    .aligned_alloc = arena_alloc,
    .memalign = arena_alloc,
    .valloc = arena_page,
    .pvalloc = arena_page,
};

/* Before anything is known: whichever function is called first finds them all. */
static void *first_malloc(size_t size) {
    return real_resolve(), real.malloc(size);
}
static void first_free(void *block) {
    real_resolve(), real.free(block);
}
static void *first_calloc(size_t n, size_t size) {
    return real_resolve(), real.calloc(n, size);
}
static void *first_realloc(void *old, size_t size) {
    return real_resolve(), real.realloc(old, size);
}
static int first_posix_memalign(void **block, size_t alignment, size_t size) {
    return real_resolve(), real.posix_memalign(block, alignment, size);
}
static void *first_aligned_alloc(size_t alignment, size_t size) {
    return real_resolve(), real.aligned_alloc(alignment, size);
}
static void *first_memalign(size_t alignment, size_t size) {
    return real_resolve(), real.memalign(alignment, size);
}
static void *first_valloc(size_t size) {
    return real_resolve(), real.valloc(size);
}
static void *first_pvalloc(size_t size) {
    return real_resolve(), real.pvalloc(size);
}

struct real_functions real = {
    .malloc = first_malloc,
    .free = first_free,
    .calloc = first_calloc,
    .realloc = first_realloc,
    .posix_memalign = first_posix_memalign,
    .aligned_alloc = first_aligned_alloc,
    .memalign = first_memalign,
    .valloc = first_valloc,
    .pvalloc = first_pvalloc,
};

void *real_arena_move(void *block, size_t size) {
    size_t old;
    memcpy(&old, (char *)block - 16, sizeof old);
    void *moved = real.malloc(size);
    if (moved != NULL) memcpy(moved, block, old < size ? old : size);
    return moved;
}

static struct dl_find_object allocator, agent; /* the libraries they are in */

int real_is_inner_code(const void *address) {
    return (address >= allocator.dlfo_map_start && address < allocator.dlfo_map_end) ||
           (address >= agent.dlfo_map_start && address < agent.dlfo_map_end);
}

void real_resolve(void) {
    static uint32_t begun;
    if (!swap_if_equal(&begun, 0, 1)) return;
    real = from_arena; /* dlsym may allocate */
    struct real_functions found;
    found.malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    found.free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    found.calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    found.realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    found.posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
    found.aligned_alloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc");
    found.memalign = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "memalign");
    found.valloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "valloc");
    found.pvalloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "pvalloc");
    found.execve = (int (*)(const char *, char *const *, char *const *))dlsym(RTLD_NEXT, "execve");
    found.execv = (int (*)(const char *, char *const *))dlsym(RTLD_NEXT, "execv");
    found.execvp = (int (*)(const char *, char *const *))dlsym(RTLD_NEXT, "execvp");
    found.execvpe =
        (int (*)(const char *, char *const *, char *const *))dlsym(RTLD_NEXT, "execvpe");
    found.fexecve = (int (*)(int, char *const *, char *const *))dlsym(RTLD_NEXT, "fexecve");
    found.execveat = (int (*)(int, const char *, char *const *, char *const *, int))dlsym(
        RTLD_NEXT, "execveat");
    found.posix_spawn = (real_spawn *)dlsym(RTLD_NEXT, "posix_spawn");
    found.posix_spawnp = (real_spawn *)dlsym(RTLD_NEXT, "posix_spawnp");
    found.system = (int (*)(const char *))dlsym(RTLD_NEXT, "system");
    found.popen = (void *(*)(const char *, const char *))dlsym(RTLD_NEXT, "popen");
    (void)_dl_find_object((void *)(uintptr_t)found.malloc, &allocator);
    (void)_dl_find_object((void *)(uintptr_t)real_resolve, &agent);
    real = found;
}

void *real_find(void **kept, const char *name, const void *caller) {
    static char nothing_early[1];
    void *function = load_acquire(kept);
    if (likely(function != NULL && function != nothing_early)) return function;
    if (function == NULL) {
        function = find_early(name);
        store_release(kept, function != NULL ? function : nothing_early);
        if (function != NULL) return function;
    }
    return find_late(name, caller);
}
