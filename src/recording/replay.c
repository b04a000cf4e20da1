/* SPDX-License-Identifier: MIT
 * Counts a stream of events over again. See replay.h. */
#include "recording/replay.h"

#include "recording/table_codec.h"

#define PAGE_BLOCKS 4096
#define TIMELINE_POINTS 1000
#define TIMELINE_POINTS_MAX (4 * TIMELINE_POINTS)
/* A state is kept for each thread up to the highest: a wild index must not cost memory. */
#define THREAD_MAX (1u << 22)
#define SIZE_DEAD UINT64_MAX /* no block is that large */

struct rec_live_page {
    uint32_t live;
    uint32_t node[PAGE_BLOCKS];
    uint64_t size[PAGE_BLOCKS];
};

int rec_replay_init(struct rec_replay_state *s, size_t node_count, uint32_t last_tick,
                    struct failure *f) {
    memset(s, 0, sizeof *s);
    s->nodes = calloc(node_count, sizeof *s->nodes);
    if (s->nodes == NULL) return failure_set(f, "out of memory for %zu call stacks", node_count);
    s->node_count = node_count;
    s->bucket_ticks = last_tick / TIMELINE_POINTS + 1;
    return 0;
}

int rec_replay_grow(struct rec_replay_state *s, size_t node_count, struct failure *f) {
    if (node_count <= s->node_count) return 0;
    size_t count = s->node_count + s->node_count / 2;
    if (count < node_count) count = node_count;
    struct rec_replay_node *nodes = realloc(s->nodes, count * sizeof *nodes);
    if (nodes == NULL) return failure_set(f, "out of memory for %zu call stacks", count);
    memset(nodes + s->node_count, 0, (count - s->node_count) * sizeof *nodes);
    s->nodes = nodes;
    s->node_count = count;
    return 0;
}

void rec_replay_release(struct rec_replay_state *s) {
    for (size_t i = 0; i < s->page_count; i++) free(s->pages[i]);
    free(s->pages);
    free(s->nodes);
    free(s->threads);
    free(s->points);
}

static unsigned bucket_of(uint64_t v) { return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v); }

static struct rec_node_totals *touch(struct rec_replay_state *s, uint32_t node) {
    struct rec_replay_node *n = &s->nodes[node];
    if (n->touched <= s->totals.peak_event) {
        n->totals.peak_blocks = n->totals.live_blocks;
        n->totals.peak_bytes = n->totals.live_bytes;
    }
    n->touched = s->totals.events;
    return &n->totals;
}

static struct rec_replay_thread *this_thread(struct rec_replay_state *s, struct failure *f) {
    if (s->thread >= s->thread_count) {
        size_t count = (size_t)s->thread + 1 + s->thread_count / 2;
        struct rec_replay_thread *threads = realloc(s->threads, count * sizeof *threads);
        if (threads == NULL) {
            failure_set(f, "out of memory for %zu threads", count);
            return NULL;
        }
        for (size_t i = s->thread_count; i < count; i++) threads[i].last_birth = REC_NO_BLOCK;
        s->threads = threads;
        s->thread_count = count;
    }
    return &s->threads[s->thread];
}

static int birth(struct rec_replay_state *s, const struct rec_event *e, struct failure *f) {
    if (e->size == SIZE_DEAD) return failure_set(f, "a block is impossibly large");
    size_t page = s->next_block / PAGE_BLOCKS;
    if (page >= s->page_count) {
        size_t capacity = s->page_count;
        if (rec_table_reserve((void **)&s->pages, &capacity, s->page_count, 1, sizeof *s->pages,
                              f) < 0)
            return -1;
        for (; s->page_count < capacity; s->page_count++) s->pages[s->page_count] = NULL;
    }
    struct rec_live_page *p = s->pages[page];
    if (p == NULL) {
        p = malloc(sizeof *p);
        if (p == NULL) return failure_set(f, "out of memory for the live blocks");
        memset(p->size, 0xff, sizeof p->size);
        p->live = 0;
        s->pages[page] = p;
    }
    unsigned slot = s->next_block % PAGE_BLOCKS;
    p->size[slot] = e->size;
    p->node[slot] = e->node;
    p->live++;
    s->next_block++;
    struct rec_node_totals *n = touch(s, e->node);
    n->allocations++;
    n->allocated_bytes += e->size;
    n->live_blocks++;
    n->live_bytes += e->size;
    s->totals.allocations++;
    s->totals.allocated_bytes += e->size;
    s->live_blocks++;
    s->live_bytes += e->size;
    s->sizes.count[bucket_of(e->size)]++;
    s->sizes.bytes[bucket_of(e->size)] += e->size;
    return 0;
}

static int death(struct rec_replay_state *s, uint64_t block, int temporary, struct failure *f) {
    size_t page = block / PAGE_BLOCKS;
    unsigned slot = block % PAGE_BLOCKS;
    if (block >= s->next_block || s->pages[page] == NULL || s->pages[page]->size[slot] == SIZE_DEAD)
        return failure_set(f, "block %llu ends, but it does not live", (unsigned long long)block);
    struct rec_live_page *p = s->pages[page];
    uint64_t size = p->size[slot];
    struct rec_node_totals *n = touch(s, p->node[slot]);
    p->size[slot] = SIZE_DEAD;
    if (--p->live == 0 && page != s->next_block / PAGE_BLOCKS) {
        free(p);
        s->pages[page] = NULL;
    }
    n->live_blocks--;
    n->live_bytes -= size;
    s->totals.frees++;
    s->totals.freed_bytes += size;
    s->live_blocks--;
    s->live_bytes -= size;
    if (temporary) {
        n->temporary++;
        n->temporary_bytes += size;
        s->totals.temporary++;
        s->totals.temporary_bytes += size;
    }
    unsigned bucket = bucket_of(s->next_block - block - 1);
    s->lifetimes.count[bucket]++;
    s->lifetimes.bytes[bucket] += size;
    return 0;
}

static int one_event(struct rec_replay_state *s, const struct rec_event *e, struct failure *f) {
    struct rec_replay_thread *t = this_thread(s, f);
    if (t == NULL) return -1;
    uint64_t before = t->last_birth;
    t->last_birth = REC_NO_BLOCK;
    s->totals.events++;
    if (e->node >= s->node_count)
        return failure_set(f, "an event names call stack %u, which is not there", e->node);
    switch (e->kind) {
    case REC_FREE:
        return death(s, e->block, before == e->block, f);
    case REC_REALLOC:
        s->totals.reallocations++;
        if (e->block != REC_NO_BLOCK && death(s, e->block, before == e->block, f) < 0) return -1;
        /* fall through */
    case REC_ALLOC:
        if (birth(s, e, f) < 0) return -1;
        t->last_birth = s->next_block - 1;
        if (s->live_bytes > s->totals.peak_bytes) {
            s->totals.peak_bytes = s->live_bytes;
            s->totals.peak_blocks = s->live_blocks;
            s->totals.peak_tick = s->tick;
            s->totals.peak_event = s->totals.events;
        }
        return 0;
    case REC_FAILED:
        s->nodes[e->node].totals.failed++;
        s->totals.failed++;
        return 0;
    default:
        s->totals.unknown_frees++;
        return 0;
    }
}

/* Joins buckets two by two, when the end of the recording turns out to be farther than thought. */
static void widen_buckets(struct rec_replay_state *s) {
    size_t kept = 0;
    s->bucket_ticks *= 2;
    for (size_t i = 0; i < s->point_count; i++) {
        struct rec_time_point point = s->points[i];
        point.tick = point.tick / s->bucket_ticks * s->bucket_ticks;
        if (kept > 0 && s->points[kept - 1].tick == point.tick) {
            if (s->points[kept - 1].peak_bytes > point.peak_bytes)
                point.peak_bytes = s->points[kept - 1].peak_bytes;
            kept--;
        }
        s->points[kept++] = point;
    }
    s->point_count = kept;
}

/* Sums up the bucket that ends here. */
static int end_bucket(struct rec_replay_state *s, uint64_t peak, struct failure *f) {
    if (rec_table_reserve((void **)&s->points, &s->point_capacity, s->point_count, 1,
                          sizeof *s->points, f) < 0)
        return -1;
    s->points[s->point_count++] = (struct rec_time_point){
        .tick = s->tick / s->bucket_ticks * s->bucket_ticks, .live_bytes = s->live_bytes,
        .live_blocks = s->live_blocks, .peak_bytes = peak, .allocations = s->totals.allocations,
        .allocated_bytes = s->totals.allocated_bytes,
        .rss_bytes = s->rss_bytes};
    if (s->point_count >= TIMELINE_POINTS_MAX) widen_buckets(s);
    return 0;
}

int rec_replay_events(struct rec_replay_state *s, const struct rec_event *events, size_t count,
                      struct failure *f) {
    /* The last point is the bucket still open; it is written anew as the bucket goes on. */
    uint64_t peak = s->live_bytes;
    if (s->point_count > 0 &&
        s->points[s->point_count - 1].tick / s->bucket_ticks == s->tick / s->bucket_ticks)
        peak = s->points[--s->point_count].peak_bytes;
    for (size_t i = 0; i < count; i++) {
        const struct rec_event *e = &events[i];
        if (e->kind == REC_TICK) {
            if (e->size < s->tick || e->size > UINT32_MAX)
                return failure_set(f, "time runs backwards");
            if (e->size / s->bucket_ticks != s->tick / s->bucket_ticks) {
                if (end_bucket(s, peak, f) < 0) return -1;
                peak = s->live_bytes;
            }
            s->tick = (uint32_t)e->size;
        } else if (e->kind == REC_THREAD) {
            if (e->size > THREAD_MAX)
                return failure_set(f, "an event names thread %llu", (unsigned long long)e->size);
            s->thread = (uint32_t)e->size;
        } else {
            if (one_event(s, e, f) < 0) return -1;
            if (s->live_bytes > peak) peak = s->live_bytes;
        }
    }
    return end_bucket(s, peak, f);
}

void rec_replay_end(struct rec_replay_state *s) {
    for (size_t i = 0; i < s->node_count; i++) {
        uint64_t events = s->totals.events;
        touch(s, (uint32_t)i);
        s->nodes[i].touched = events;
    }
    s->totals.leaked_blocks = s->live_blocks;
    s->totals.leaked_bytes = s->live_bytes;
    s->totals.duration_ms = s->tick;
}

int rec_replay_nodes(const struct rec_replay_state *s, struct rec_node_totals **out, size_t *count,
                     struct failure *f) {
    size_t n = 0;
    for (size_t i = 0; i < s->node_count; i++)
        n += s->nodes[i].totals.allocations != 0 || s->nodes[i].totals.failed != 0;
    *out = malloc((n + 1) * sizeof **out);
    if (*out == NULL) return failure_set(f, "out of memory for %zu call stacks", n);
    *count = n;
    n = 0;
    for (size_t i = 0; i < s->node_count; i++) {
        if (s->nodes[i].totals.allocations == 0 && s->nodes[i].totals.failed == 0) continue;
        (*out)[n] = s->nodes[i].totals;
        (*out)[n++].node = (uint32_t)i;
    }
    return 0;
}

int rec_replay_blocks(const struct rec_replay_state *s, struct rec_live_block **out, size_t *count,
                      struct failure *f) {
    *out = malloc((s->live_blocks + 1) * sizeof **out);
    if (*out == NULL)
        return failure_set(f, "out of memory for %llu blocks", (unsigned long long)s->live_blocks);
    size_t n = 0;
    for (size_t page = 0; page < s->page_count; page++) {
        const struct rec_live_page *p = s->pages[page];
        for (unsigned slot = 0; p != NULL && slot < PAGE_BLOCKS; slot++)
            if (p->size[slot] != SIZE_DEAD)
                (*out)[n++] = (struct rec_live_block){.block = (uint64_t)page * PAGE_BLOCKS + slot,
                                                      .size = p->size[slot], .node = p->node[slot]};
    }
    *count = n;
    return 0;
}
