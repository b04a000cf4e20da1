/* SPDX-License-Identifier: MIT
 * The real functions behind the hooks: the next definitions after ours in the program's search
 * order, whichever allocator that is. Found at the first use of each; those of libc before anything
 * else.
 *
 * While libc's are being looked up, dlsym itself may allocate: it is served from a small static
 * arena, whose blocks stay valid for ever and may come back through free and realloc from any
 * thread. */
#ifndef HEAPWISE_AGENT_REAL_H
#define HEAPWISE_AGENT_REAL_H

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>

#define REAL_ARENA_BYTES (64 * 1024)

typedef int real_spawn(pid_t *, const char *, const posix_spawn_file_actions_t *,
                       const posix_spawnattr_t *, char *const *, char *const *);

struct real_functions {
    void *(*malloc)(size_t);
    void (*free)(void *);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    /* What starts programs (hooks_starts.c). */
    int (*execve)(const char *, char *const *, char *const *);
    int (*execv)(const char *, char *const *);
    int (*execvp)(const char *, char *const *);
    int (*execvpe)(const char *, char *const *, char *const *);
    int (*fexecve)(int, char *const *, char *const *);
    int (*execveat)(int, const char *, char *const *, char *const *, int);
    real_spawn *posix_spawn, *posix_spawnp;
    int (*system)(const char *);
    void *(*popen)(const char *, const char *);
};
extern struct real_functions real;

/* Makes `real` complete. The first call of any of its functions does so too. While it is at work,
 * `real` serves from the arena. */
void real_resolve(void);

/* The next definition of a function that only some allocators have, for a call from `caller`; NULL
 * when there is none. Kept in *kept if it is one for ever (find.h), so that the search is made
 * once. */
void *real_find(void **kept, const char *name, const void *caller);

/* Whether an address lies in the library that the real malloc is in, or in the agent. */
int real_is_inner_code(const void *address);

/* Whether a block came from the arena. */
extern char real_arena[REAL_ARENA_BYTES];
static inline int real_is_arena(const void *block) {
    return (uintptr_t)block - (uintptr_t)real_arena < REAL_ARENA_BYTES;
}
/* realloc for a block of the arena: copies it out. */
void *real_arena_move(void *block, size_t size);

#endif
