/* SPDX-License-Identifier: MIT
 * Per-node figures: the uncommon cases and the final collection. See node_stats.h. */
#include "recorder/node_stats.h"

#include <stdlib.h>
#include <sys/mman.h>

static void *sparse(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    /* Large programs touch nodes at random; small ones shall not pay for a huge page. */
    size_t huge = 2u << 20;
    if (bytes > huge) madvise((char *)memory + huge, bytes - huge, MADV_HUGEPAGE);
    return memory;
}

int node_stats_init(struct node_stats *s, uint32_t limit) {
    *s = (struct node_stats){.limit = limit, .peak_number = 1, .touched = 1 /* the root */};
    s->nodes = sparse(limit * sizeof *s->nodes);
    s->temporary = sparse(limit * sizeof *s->temporary);
    return s->nodes != NULL && s->temporary != NULL ? 0 : -1;
}

void node_stats_release(struct node_stats *s) {
    if (s->nodes != NULL) munmap(s->nodes, s->limit * sizeof *s->nodes);
    if (s->temporary != NULL) munmap(s->temporary, s->limit * sizeof *s->temporary);
    free(s->wide);
    free(s->failed);
    *s = (struct node_stats){0};
}

/* The wide record of a node, made from its narrow one at first. Without memory for it the figures are
 * right no longer, and say so. */
static struct node_wide *wide_of(struct node_stats *s, struct node_stat *n) {
    if (n->births == NODE_WIDE) return &s->wide[n->live_bytes];
    if (s->wide_count == s->wide_capacity) {
        size_t capacity = s->wide_capacity == 0 ? 16 : 2 * s->wide_capacity;
        struct node_wide *wide = realloc(s->wide, capacity * sizeof *wide);
        if (wide == NULL) {
            s->out_of_memory = true;
            return &s->nowhere;
        }
        s->wide = wide;
        s->wide_capacity = capacity;
    }
    struct node_temporary t = s->temporary[n - s->nodes];
    s->wide[s->wide_count] = (struct node_wide){.temporary = t.count,
                                                .temporary_bytes = t.bytes,
                                                .live_bytes = n->live_bytes,
                                                .live_blocks = n->live_blocks,
                                                .peak_bytes = n->peak_bytes,
                                                .peak_blocks = n->peak_blocks,
                                                .births = n->births,
                                                .born_bytes = n->born_bytes};
    n->births = NODE_WIDE;
    n->live_bytes = (uint32_t)s->wide_count;
    return &s->wide[s->wide_count++];
}

static void wide_touch(struct node_stats *s, struct node_stat *n, struct node_wide *w) {
    if (n->peak_number == s->peak_number) return;
    w->peak_bytes = w->live_bytes;
    w->peak_blocks = w->live_blocks;
    n->peak_number = s->peak_number;
}

void node_stats_birth_wide(struct node_stats *s, struct node_stat *n, uint64_t size) {
    struct node_wide *w = wide_of(s, n);
    wide_touch(s, n, w);
    w->live_bytes += size;
    w->live_blocks++;
    w->births++;
    w->born_bytes += size;
}

void node_stats_death_wide(struct node_stats *s, struct node_stat *n, uint64_t size) {
    struct node_wide *w = wide_of(s, n);
    wide_touch(s, n, w);
    w->live_bytes -= size;
    w->live_blocks--;
}

void node_stats_temporary_wide(struct node_stats *s, struct node_stat *n, uint64_t size) {
    struct node_wide *w = wide_of(s, n);
    w->temporary++;
    w->temporary_bytes += size;
}

void node_stats_failed(struct node_stats *s, uint32_t node) {
    for (size_t i = s->failed_count; i-- > 0;) {
        if (s->failed[i].node != node) continue;
        s->failed[i].count++;
        return;
    }
    if (s->failed_count == s->failed_capacity) {
        size_t capacity = s->failed_capacity == 0 ? 16 : 2 * s->failed_capacity;
        struct node_failed *failed = realloc(s->failed, capacity * sizeof *failed);
        if (failed == NULL) {
            s->out_of_memory = true;
            return;
        }
        s->failed = failed;
        s->failed_capacity = capacity;
    }
    s->failed[s->failed_count++] = (struct node_failed){.node = node, .count = 1};
}

static struct rec_node_totals totals_of(struct node_stats *s, uint32_t node) {
    struct node_stat *n = &s->nodes[node];
    struct rec_node_totals t = {.node = n->file_node};
    if (n->births == NODE_WIDE) {
        struct node_wide *w = &s->wide[n->live_bytes];
        wide_touch(s, n, w);
        t.allocations = w->births, t.allocated_bytes = w->born_bytes;
        t.live_blocks = w->live_blocks, t.live_bytes = w->live_bytes;
        t.peak_blocks = w->peak_blocks, t.peak_bytes = w->peak_bytes;
        t.temporary = w->temporary, t.temporary_bytes = w->temporary_bytes;
    } else {
        node_stat_touch(s, n);
        t.allocations = n->births, t.allocated_bytes = n->born_bytes;
        t.live_blocks = n->live_blocks, t.live_bytes = n->live_bytes;
        t.peak_blocks = n->peak_blocks, t.peak_bytes = n->peak_bytes;
        t.temporary = s->temporary[node].count, t.temporary_bytes = s->temporary[node].bytes;
    }
    return t;
}

/* Gives back the pages of the figures of nodes [from, to); both are multiples of a page's worth. */
static void forget(struct node_stats *s, uint32_t from, uint32_t to) {
    madvise(&s->nodes[from], (to - from) * sizeof *s->nodes, MADV_DONTNEED);
    madvise(&s->temporary[from], (to - from) * sizeof *s->temporary, MADV_DONTNEED);
}

/* Where each node goes in a list by file node: a bit for each that has anything, and how many of
 * them stand before each word of bits. */
struct ranks {
    uint64_t *bits;
    uint32_t *before;
    uint32_t words;
};

static int ranks_make(struct ranks *r, uint32_t file_top) {
    r->words = file_top / 64 + 1;
    r->bits = calloc(r->words, sizeof *r->bits);
    r->before = malloc(r->words * sizeof *r->before);
    return r->bits == NULL || r->before == NULL ? -1 : 0;
}

static void ranks_release(struct ranks *r) {
    free(r->bits);
    free(r->before);
}

static void ranks_add(struct ranks *r, uint32_t file_node) {
    r->bits[file_node / 64] |= 1ull << file_node % 64;
}

/* How many there are. */
static size_t ranks_count(struct ranks *r) {
    uint32_t count = 0;
    for (uint32_t w = 0; w < r->words; w++) {
        r->before[w] = count;
        count += (uint32_t)__builtin_popcountll(r->bits[w]);
    }
    return count;
}

static size_t rank_of(const struct ranks *r, uint32_t file_node) {
    uint64_t lower = (1ull << file_node % 64) - 1;
    return r->before[file_node / 64] +
           (size_t)__builtin_popcountll(r->bits[file_node / 64] & lower);
}

/* Not cleared. Large ones get huge pages: the pages of clang's list would take as long as the rest. */
static struct rec_node_totals *list_make(size_t count) {
    size_t huge = 2u << 20, bytes = count * sizeof(struct rec_node_totals);
    if (bytes <= 2 * huge) return malloc(bytes);
    void *list = aligned_alloc(huge, (bytes + huge - 1) & ~(huge - 1));
    if (list != NULL) madvise(list, bytes & ~(huge - 1), MADV_HUGEPAGE);
    return list;
}

int node_stats_collect(struct node_stats *s, enum collect_how how, struct rec_node_totals **out,
                       size_t *count) {
    enum { STEP = 1 << 16 };
    struct ranks ranks;
    struct rec_node_totals *list = NULL;
    if (ranks_make(&ranks, s->file_top) == 0) {
        for (uint32_t i = 0; i < s->touched; i++)
            if (s->nodes[i].births != 0) ranks_add(&ranks, s->nodes[i].file_node);
        for (size_t f = 0; f < s->failed_count; f++)
            ranks_add(&ranks, s->nodes[s->failed[f].node].file_node);
        *count = ranks_count(&ranks);
        list = list_make(*count + 1);
    }
    *out = list;
    if (list == NULL) {
        ranks_release(&ranks);
        return -1;
    }
    for (size_t f = 0; f < s->failed_count; f++) {
        uint32_t node = s->nodes[s->failed[f].node].file_node;
        list[rank_of(&ranks, node)] = (struct rec_node_totals){.node = node};
    }
    for (uint32_t i = 0; i < s->touched; i++) {
        if (how == COLLECT_AND_RELEASE && i % STEP == 0 && i > 0) forget(s, i - STEP, i);
        if (s->nodes[i].births == 0) continue;
        list[rank_of(&ranks, s->nodes[i].file_node)] = totals_of(s, i);
    }
    for (size_t f = 0; f < s->failed_count; f++)
        list[rank_of(&ranks, s->nodes[s->failed[f].node].file_node)].failed = s->failed[f].count;
    ranks_release(&ranks);
    return 0;
}
