/* SPDX-License-Identifier: MIT
 * What a program can tell heapwise, and ask it: pools, marks, scopes.
 *
 * Header only, for C (from C99 on) and C++. Nothing is linked: the functions find the agent that
 * `heapwise run` puts into the program through one weak symbol. Where there is none (the program
 * runs alone, is static, or was attached to), each is a load, a test and a branch, and says so by
 * returning 0. docs/c-api.md tells more, with examples in C, C++ and Rust.
 *
 * Define HEAPWISE_DISABLE before including this to compile all of it away, or HEAPWISE_API_DLSYM to
 * look the agent up with dlsym (for linkers that drop weak references of executables, as mold
 * does).
 *
 * All functions may be called from any thread, before main, and in destructors. Names are copied;
 * of each the first 59 bytes are kept, and 4095 different names fit into one process. */
#ifndef HEAPWISE_HEAPWISE_H
#define HEAPWISE_HEAPWISE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what the agent offers; programs use the functions below ---- */

typedef uint64_t heapwise_pool;  /* 0: no pool */
typedef uint64_t heapwise_scope; /* 0: no scope */

/* What the calling thread did inside a scope. "Own" blocks are those that it allocated inside. */
struct heapwise_stats {
    uint64_t allocations;     /* blocks that came into being, each realloc's new one included */
    uint64_t allocated_bytes; /* as asked for */
    uint64_t frees;           /* blocks that ended, each realloc's old one included */
    uint64_t freed_bytes;     /* of own blocks among them */
    uint64_t outside_frees;   /* of them, those of blocks that are not own ones */
    uint64_t reallocations;   /* calls of realloc that resized a block */
    uint64_t failed;          /* allocations that gave NULL */
    uint64_t live_blocks;     /* own blocks that are still alive */
    uint64_t live_bytes;
    uint64_t peak_blocks; /* own blocks at the moment when they had most bytes */
    uint64_t peak_bytes;
    uint64_t inexact; /* 1: a signal handler allocated in the middle of an allocation, or memory
                         for the list of own blocks ran out: live and peak may be too high */
};

enum heapwise_forbid { HEAPWISE_ALLOW = 0, HEAPWISE_RECORD = 1, HEAPWISE_ABORT = 2 };
enum heapwise_moment { HEAPWISE_MARK = 0, HEAPWISE_SNAPSHOT = 1, HEAPWISE_THREAD_NAME = 2 };

struct heapwise_api {
    uint32_t version; /* HEAPWISE_API_VERSION; functions are only ever added at the end */
    uint32_t bytes;
    int (*active)(void);
    heapwise_pool (*pool_create)(const char *name);
    int (*pool_reset)(heapwise_pool pool);
    int (*pool_alloc)(heapwise_pool pool, const void *block, size_t size);
    int (*pool_free)(heapwise_pool pool, const void *block);
    int (*pool_realloc)(heapwise_pool pool, const void *old_block, const void *block, size_t size);
    int (*pool_memory)(heapwise_pool pool, const void *memory);
    int (*pool_bind)(const void *anchor, heapwise_pool pool);
    heapwise_pool (*pool_of)(const void *anchor);
    int (*moment)(enum heapwise_moment what, const char *name);
    heapwise_scope (*scope_begin)(enum heapwise_forbid forbid, const char *name);
    int (*scope_end)(heapwise_scope scope, struct heapwise_stats *stats);
};
#define HEAPWISE_API_VERSION 1

#ifndef HEAPWISE_AGENT

#if defined(HEAPWISE_DISABLE)
static inline const struct heapwise_api *heapwise_api_find(void) {
    return NULL;
}
#elif defined(HEAPWISE_API_DLSYM)
#include <dlfcn.h>
static inline const struct heapwise_api *heapwise_api_find(void) {
    static const struct heapwise_api *found;
    static int asked;
    if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {
        found = (const struct heapwise_api *)dlsym(RTLD_DEFAULT, "heapwise_api");
        __atomic_store_n(&asked, 1, __ATOMIC_RELEASE);
    }
    return found;
}
#elif defined(__x86_64__) && defined(__ELF__)
/* Always through the global offset table, so that a linker leaves it to the loader, in executables
 * of every kind too. */
static inline const struct heapwise_api *heapwise_api_find(void) {
    const struct heapwise_api *found;
    __asm__(".weak heapwise_api\n\tmovq heapwise_api@GOTPCREL(%%rip), %0" : "=r"(found));
    return found;
}
#else
extern const struct heapwise_api heapwise_api __attribute__((weak));
static inline const struct heapwise_api *heapwise_api_find(void) {
    return &heapwise_api;
}
#endif

#define HEAPWISE_CALL(call, otherwise)                                                             \
    const struct heapwise_api *api = heapwise_api_find();                                          \
    return __builtin_expect(api == NULL, 1) ? (otherwise) : api->call

/* Whether this process is being recorded at this moment. */
static inline int heapwise_active(void) {
    HEAPWISE_CALL(active(), 0);
}

/* ---- pools: memory that a program hands out itself ----
 *
 * A block of a pool is recorded like one of malloc's, with the frame "[pool NAME]" on top of its
 * call stack. Tell of a block after taking it from the pool, and of its end before giving it back.
 * The functions return 1, or 0 when nothing is recorded.
 *
 * Pools of one name are shown together; each ends its own blocks. */
static inline heapwise_pool heapwise_pool_create(const char *name) {
    HEAPWISE_CALL(pool_create(name), 0);
}
static inline int heapwise_pool_alloc(heapwise_pool pool, const void *block, size_t size) {
    HEAPWISE_CALL(pool_alloc(pool, block, size), 0);
}
static inline int heapwise_pool_free(heapwise_pool pool, const void *block) {
    HEAPWISE_CALL(pool_free(pool, block), 0);
}
/* One event: `old_block` ends (unless it is NULL) and `block`, at the same or another place,
 * begins. */
static inline int heapwise_pool_realloc(heapwise_pool pool, const void *old_block,
                                        const void *block, size_t size) {
    HEAPWISE_CALL(pool_realloc(pool, old_block, block, size), 0);
}
/* All the pool's blocks end: an arena is emptied, or goes away. The pool may be used again. */
static inline int heapwise_pool_reset(heapwise_pool pool) {
    HEAPWISE_CALL(pool_reset(pool), 0);
}
/* `memory` is a block of malloc's that the pool hands out in pieces: from now on it counts 0 bytes,
 * so that the pieces are not counted twice. Call it again after a realloc of it. */
static inline int heapwise_pool_memory(heapwise_pool pool, const void *memory) {
    HEAPWISE_CALL(pool_memory(pool, memory), 0);
}
/* For programs that know their pools by an address: remembers the pool of an anchor (0: forgets
 * it), and finds it again. */
static inline int heapwise_pool_bind(const void *anchor, heapwise_pool pool) {
    HEAPWISE_CALL(pool_bind(anchor, pool), 0);
}
static inline heapwise_pool heapwise_pool_of(const void *anchor) {
    HEAPWISE_CALL(pool_of(anchor), 0);
}

/* ---- moments ---- */

/* A named moment on the timeline. */
static inline int heapwise_mark(const char *name) {
    HEAPWISE_CALL(moment(HEAPWISE_MARK, name), 0);
}
/* The same, and the recording keeps the whole state of the heap at it (at most 1000 times a run).
 */
static inline int heapwise_snapshot(const char *name) {
    HEAPWISE_CALL(moment(HEAPWISE_SNAPSHOT, name), 0);
}
/* How the calling thread is called in reports (15 bytes), whatever the kernel calls it. */
static inline int heapwise_thread_name(const char *name) {
    HEAPWISE_CALL(moment(HEAPWISE_THREAD_NAME, name), 0);
}

/* ---- scopes: what the calling thread allocates between two points ----
 *
 * They nest (64 deep); ending one ends those inside it. A scope ends on the thread that began it;
 * in a child made by fork the parent's scopes do not exist. */
static inline heapwise_scope heapwise_scope_begin(void) {
    HEAPWISE_CALL(scope_begin(HEAPWISE_ALLOW, NULL), 0);
}
/* 1: *stats holds the figures. 0: not under heapwise, or no such scope; then *stats is all zero. */
static inline int heapwise_scope_end(heapwise_scope scope, struct heapwise_stats *stats) {
    static const struct heapwise_stats none = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    const struct heapwise_api *api = heapwise_api_find();
    if (stats != NULL) *stats = none;
    return __builtin_expect(api == NULL, 1) ? 0 : api->scope_end(scope, stats);
}

/* A scope in which nothing may be allocated: every allocation inside is recorded as a fault with its
 * call stack, and with HEAPWISE_ABORT the thread gets SIGABRT in it. End it with
 * heapwise_scope_end. */
static inline heapwise_scope heapwise_forbid_begin(enum heapwise_forbid forbid, const char *name) {
    HEAPWISE_CALL(scope_begin(forbid, name), 0);
}

struct heapwise_guard {
    heapwise_scope scope;
    int once;
};
static inline struct heapwise_guard heapwise_guard_begin(enum heapwise_forbid forbid,
                                                         const char *name) {
    struct heapwise_guard guard = {heapwise_forbid_begin(forbid, name), 1};
    return guard;
}
static inline void heapwise_guard_end(struct heapwise_guard *guard) {
    const struct heapwise_api *api = heapwise_api_find();
    if (__builtin_expect(api != NULL, 0) && guard->scope != 0) api->scope_end(guard->scope, NULL);
}

#define HEAPWISE_TEXT_OF(x) #x
#define HEAPWISE_TEXT(x) HEAPWISE_TEXT_OF(x)
#define HEAPWISE_FORBID(forbid)                                                                    \
    for (struct heapwise_guard heapwise_guard_here __attribute__((cleanup(heapwise_guard_end))) =  \
             heapwise_guard_begin((forbid), __FILE__ ":" HEAPWISE_TEXT(__LINE__));                 \
         heapwise_guard_here.once; heapwise_guard_here.once = 0)

/* HEAPWISE_NO_ALLOC { … }: no allocation by this thread in the block that follows. It may be left
 * in any way but longjmp: break, continue (both leave it), return, goto, an exception. The second
 * one aborts at the first allocation; `heapwise run --abort-on-alloc` makes the first one do so. */
#define HEAPWISE_NO_ALLOC HEAPWISE_FORBID(HEAPWISE_RECORD)
#define HEAPWISE_NO_ALLOC_OR_ABORT HEAPWISE_FORBID(HEAPWISE_ABORT)

#endif /* HEAPWISE_AGENT */

#ifdef __cplusplus
}

#ifndef HEAPWISE_AGENT
namespace heapwise {

/* A scope that ends with its block at the latest. */
class scope {
  public:
    scope() : scope_(heapwise_scope_begin()) {}
    ~scope() {
        if (scope_ != 0) heapwise_scope_end(scope_, NULL);
    }
    /* Ends it. False: not under heapwise, and all figures are 0. */
    bool end(heapwise_stats &stats) {
        heapwise_scope ended = scope_;
        scope_ = 0;
        return heapwise_scope_end(ended, &stats) != 0;
    }

  private:
    scope(const scope &);
    scope &operator=(const scope &);
    heapwise_scope scope_;
};

} /* namespace heapwise */
#endif
#endif

#endif
