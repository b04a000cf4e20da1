/* SPDX-License-Identifier: MIT
 * The radix of live blocks. live_heap.h draws it. */
#include "recorder/live_heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PAGE_LOG2 = 12,
    GIB_LOG2 = 30,
    TOP_ENTRIES = 1 << (48 - GIB_LOG2),
    GIB_ENTRIES = 1 << (GIB_LOG2 - PAGE_LOG2),
    STRETCH = 4096 / sizeof(uint64_t), /* entries in a page of memory */
    SMALLEST = 2,                      /* log2 of a slab's capacity */
    LARGEST = PAGE_LOG2,               /* a slot for every byte: pools may have blocks of one */
    PROBES = 8,             /* a slab in which a block lands further from home than this grows */
    ARENA_BYTES = 1 << 20,  /* the first few; then */
    ARENA_LARGE = 16 << 20, /* with huge pages, since large heaps are touched at random */
    ARENAS_SMALL = 4,
};

/* key: block number + 1 in bits 63..13, low 12 bits: offset in the page; bit 12: size is in `big`.
 */
struct slot {
    uint64_t key;
    uint32_t size;
    uint32_t node;
};
#define KEY_BIG (1ull << 12)
#define KEY_OFFSET 0xfffull

/* An entry: pointer in bits 47..6 (slabs are 64-aligned), log2 of the capacity in bits 3..0, count
 * in bits 63..48. */
#define ENTRY_POINTER (((1ull << 48) - 1) & ~63ull)
#define ENTRY_ONE (1ull << 48)

struct gib {
    uint64_t entries[GIB_ENTRIES];
    /* A bit for each stretch of entries of which one was ever in use: most of a gib is memory that
     * was never touched, and a look at all of it would cost a page fault each. */
    uint64_t touched[GIB_ENTRIES / STRETCH / 64];
};

/* At the start of the memory that slabs are cut from. */
struct arena {
    struct arena *next;
    size_t size;
};

struct big_block {
    uint64_t address, size;
};

struct live_heap {
    struct gib **top;
    uint64_t count;
    uint64_t top_first, top_last;  /* indices in use lie between these */
    void *free_slabs[LARGEST + 1]; /* singly linked through their first word */
    char *arena, *arena_end;
    struct arena *arenas;
    uint32_t arena_count;
    struct big_block *big; /* blocks of 4 GiB and more: few, searched in order */
    size_t big_count, big_capacity;
};

struct live_heap *live_heap_create(void) {
    struct live_heap *h = calloc(1, sizeof *h);
    if (h == NULL) return NULL;
    h->top_first = TOP_ENTRIES - 1;
    h->top = mmap(NULL, TOP_ENTRIES * sizeof *h->top, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (h->top == MAP_FAILED) {
        free(h);
        return NULL;
    }
    return h;
}

void live_heap_destroy(struct live_heap *h) {
    if (h == NULL) return;
    for (uint64_t i = h->top_first; i <= h->top_last; i++)
        if (h->top[i] != NULL) munmap(h->top[i], sizeof **h->top);
    munmap(h->top, TOP_ENTRIES * sizeof *h->top);
    while (h->arenas != NULL) {
        struct arena *next = h->arenas->next;
        munmap(h->arenas, h->arenas->size);
        h->arenas = next;
    }
    free(h->big);
    free(h);
}

static struct slot *slab_make(struct live_heap *h, uint32_t log2) {
    size_t bytes = sizeof(struct slot) << log2;
    struct slot *slab = h->free_slabs[log2];
    if (slab != NULL) {
        h->free_slabs[log2] = *(void **)slab;
    } else {
        if ((size_t)(h->arena_end - h->arena) < bytes) {
            size_t size = h->arena_count++ < ARENAS_SMALL ? ARENA_BYTES : ARENA_LARGE;
            char *fresh = mmap(NULL, size, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (fresh == MAP_FAILED) return NULL;
            if (size == ARENA_LARGE) madvise(fresh, size, MADV_HUGEPAGE);
            *(struct arena *)(void *)fresh = (struct arena){h->arenas, size};
            h->arenas = (struct arena *)(void *)fresh;
            h->arena = fresh + 64;
            h->arena_end = fresh + size;
        }
        slab = (struct slot *)(void *)h->arena;
        h->arena += bytes;
    }
    memset(slab, 0, bytes);
    return slab;
}

static void slab_release(struct live_heap *h, struct slot *slab, uint32_t log2) {
    *(void **)slab = h->free_slabs[log2];
    h->free_slabs[log2] = slab;
}

static inline struct slot *entry_slab(uint64_t entry) {
    return (struct slot *)(uintptr_t)(entry & ENTRY_POINTER);
}
static inline uint32_t entry_log2(uint64_t entry) {
    return entry & 15;
}
static inline uint32_t entry_count(uint64_t entry) {
    return (uint32_t)(entry >> 48);
}
static inline uint64_t entry_make(const struct slot *slab, uint32_t log2, uint32_t count) {
    return (uint64_t)(uintptr_t)slab | log2 | (uint64_t)count << 48;
}

static inline uint32_t slot_home(uint64_t offset, uint32_t log2) {
    return (uint32_t)(offset >> (PAGE_LOG2 - log2));
}

static struct gib *gib_at(struct live_heap *h, uint64_t address) {
    struct gib *gib = h->top[address >> GIB_LOG2 & (TOP_ENTRIES - 1)];
    if (__builtin_expect(gib == NULL, 0)) {
        gib = mmap(NULL, sizeof *gib, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (gib == MAP_FAILED) return NULL;
        uint64_t top = address >> GIB_LOG2 & (TOP_ENTRIES - 1);
        h->top[top] = gib;
        if (top < h->top_first) h->top_first = top;
        if (top > h->top_last) h->top_last = top;
    }
    return gib;
}

/* The slot of the block at `offset`, or the free slot where it would go (*distance from home). */
static inline struct slot *slab_find(struct slot *slab, uint32_t log2, uint64_t offset,
                                     uint32_t *distance) {
    uint32_t mask = (1u << log2) - 1, at = slot_home(offset, log2);
    for (uint32_t d = 0; d <= mask; d++, at = (at + 1) & mask) {
        struct slot *s = &slab[at];
        if (s->key == 0 || (s->key & KEY_OFFSET) == offset) {
            *distance = d;
            return s;
        }
    }
    return NULL;
}

/* Doubles a slab until every block, and one more, is near its home. */
static int slab_grow(struct live_heap *h, uint64_t *entry) {
    struct slot *old = entry_slab(*entry);
    uint32_t old_log2 = entry_log2(*entry), log2 = old_log2 + 1;
    struct slot *fresh = slab_make(h, log2);
    if (fresh == NULL) return -1;
    for (uint32_t i = 0; i < 1u << old_log2; i++) {
        uint32_t distance;
        if (old[i].key != 0) *slab_find(fresh, log2, old[i].key & KEY_OFFSET, &distance) = old[i];
    }
    *entry = entry_make(fresh, log2, entry_count(*entry));
    slab_release(h, old, old_log2);
    return 0;
}

static __attribute__((noinline)) uint64_t big_take(struct live_heap *h, uint64_t address) {
    for (size_t i = 0; i < h->big_count; i++) {
        if (h->big[i].address != address) continue;
        uint64_t size = h->big[i].size;
        h->big[i] = h->big[--h->big_count];
        return size;
    }
    return 0;
}

static __attribute__((noinline)) int big_add(struct live_heap *h, uint64_t address, uint64_t size) {
    if (h->big_count == h->big_capacity) {
        size_t capacity = h->big_capacity == 0 ? 16 : 2 * h->big_capacity;
        struct big_block *big = realloc(h->big, capacity * sizeof *big);
        if (big == NULL) return -1;
        h->big = big;
        h->big_capacity = capacity;
    }
    h->big[h->big_count++] = (struct big_block){address, size};
    return 0;
}

static inline void slot_read(struct live_heap *h, const struct slot *s, uint64_t address,
                             struct live_block *block) {
    block->number = (s->key >> 13) - 1;
    block->node = s->node;
    block->size = __builtin_expect((s->key & KEY_BIG) != 0, 0) ? big_take(h, address) : s->size;
}

/* A slab for a page that has none yet. */
static __attribute__((noinline)) int page_begin(struct live_heap *h, struct gib *gib,
                                                uint64_t page) {
    struct slot *slab = slab_make(h, SMALLEST);
    if (slab == NULL) return -1;
    gib->entries[page] = entry_make(slab, SMALLEST, 0);
    gib->touched[page / STRETCH / 64] |= 1ull << page / STRETCH % 64;
    return 0;
}

/* The place for a block whose own place and those behind it are taken, in a larger slab if it would
 * come too far from home; NULL when memory is out. */
static __attribute__((noinline)) struct slot *slot_in_crowd(struct live_heap *h, uint64_t *entry,
                                                            uint64_t offset) {
    for (;;) {
        uint32_t log2 = entry_log2(*entry), distance = 0;
        struct slot *s = slab_find(entry_slab(*entry), log2, offset, &distance);
        if (s != NULL && (distance < PROBES || log2 == LARGEST || s->key != 0)) return s;
        if (slab_grow(h, entry) < 0) return NULL;
    }
}

int live_heap_add(struct live_heap *h, uint64_t address, const struct live_block *block,
                  struct live_block *displaced) {
    struct gib *gib = gib_at(h, address);
    if (gib == NULL) return -1;
    uint64_t offset = address & KEY_OFFSET, page = address >> PAGE_LOG2 & (GIB_ENTRIES - 1);
    uint64_t *entry = &gib->entries[page];
    if (__builtin_expect(*entry == 0, 0) && page_begin(h, gib, page) < 0) return -1;
    struct slot *s = entry_slab(*entry) + slot_home(offset, entry_log2(*entry));
    if (s->key != 0) {
        s = slot_in_crowd(h, entry, offset);
        if (s == NULL) return -1;
    }
    int result = s->key != 0;
    if (__builtin_expect(result, 0)) slot_read(h, s, address, displaced);
    uint64_t key = (block->number + 1) << 13 | offset;
    if (__builtin_expect(block->size > UINT32_MAX, 0)) {
        if (big_add(h, address, block->size) < 0) return -1;
        key |= KEY_BIG;
    }
    if (!result) {
        *entry += ENTRY_ONE;
        h->count++;
    }
    *s = (struct slot){.key = key, .size = (uint32_t)block->size, .node = block->node};
    return result;
}

/* Closes the gap at slot `at`: blocks that stand after it only because their home was taken move
 * up. */
static __attribute__((noinline)) void slab_close_gap(struct slot *slab, uint32_t log2, uint32_t at) {
    uint32_t mask = (1u << log2) - 1, next = at;
    for (;;) {
        next = (next + 1) & mask;
        if (slab[next].key == 0 || next == at) break;
        uint32_t home = slot_home(slab[next].key & KEY_OFFSET, log2);
        if (((next - home) & mask) < ((next - at) & mask)) continue;
        slab[at] = slab[next];
        at = next;
    }
    slab[at].key = 0;
}

int live_heap_take(struct live_heap *h, uint64_t address, struct live_block *block) {
    struct gib *gib = h->top[address >> GIB_LOG2 & (TOP_ENTRIES - 1)];
    if (gib == NULL) return 0;
    uint64_t *entry = &gib->entries[address >> PAGE_LOG2 & (GIB_ENTRIES - 1)];
    if (*entry == 0) return 0;
    struct slot *slab = entry_slab(*entry);
    uint32_t log2 = entry_log2(*entry), distance;
    struct slot *s = slab_find(slab, log2, address & KEY_OFFSET, &distance);
    if (s == NULL || s->key == 0) return 0;
    slot_read(h, s, address, block);
    uint32_t at = (uint32_t)(s - slab);
    if (slab[(at + 1) & ((1u << log2) - 1)].key == 0)
        s->key = 0;
    else
        slab_close_gap(slab, log2, at);
    *entry -= ENTRY_ONE;
    h->count--;
    /* A page that is empty keeps a small slab, since programs come back to it. */
    if (entry_count(*entry) == 0 && log2 > SMALLEST + 2) {
        slab_release(h, slab, log2);
        *entry = 0;
    }
    return 1;
}

void live_heap_prefetch(const struct live_heap *h, uint64_t address) {
    const struct gib *gib = h->top[address >> GIB_LOG2 & (TOP_ENTRIES - 1)];
    if (gib == NULL) return;
    uint64_t entry = gib->entries[address >> PAGE_LOG2 & (GIB_ENTRIES - 1)];
    if (entry == 0) return;
    __builtin_prefetch(entry_slab(entry) + slot_home(address & KEY_OFFSET, entry_log2(entry)), 1);
}

static void page_visit(const struct live_heap *h, uint64_t first, uint64_t entry,
                       live_heap_visitor *visit, void *context) {
    const struct slot *slab = entry_slab(entry);
    for (uint32_t i = 0; i < 1u << entry_log2(entry); i++) {
        if (slab[i].key == 0) continue;
        uint64_t address = first | (slab[i].key & KEY_OFFSET);
        struct live_block block = {
            .number = (slab[i].key >> 13) - 1, .size = slab[i].size, .node = slab[i].node};
        for (size_t b = 0; (slab[i].key & KEY_BIG) != 0 && b < h->big_count; b++)
            if (h->big[b].address == address) block.size = h->big[b].size;
        visit(context, address, &block);
    }
}

void live_heap_visit(const struct live_heap *h, live_heap_visitor *visit, void *context) {
    for (uint64_t t = h->top_first; t <= h->top_last; t++) {
        const struct gib *gib = h->top[t];
        if (gib == NULL) continue;
        for (uint64_t s = 0; s < GIB_ENTRIES / STRETCH; s++) {
            if ((gib->touched[s / 64] >> s % 64 & 1) == 0) continue;
            for (uint64_t p = s * STRETCH; p < (s + 1) * STRETCH; p++)
                if (entry_count(gib->entries[p]) != 0)
                    page_visit(h, t << GIB_LOG2 | p << PAGE_LOG2, gib->entries[p], visit, context);
        }
    }
}

uint64_t live_heap_count(const struct live_heap *h) {
    return h->count;
}
