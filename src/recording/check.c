/* SPDX-License-Identifier: MIT
 * Checks everything in a recording: every chunk, every table, and whether its summary and snapshots
 * say what its events say. */
#include <stdio.h>

#include "recording/recording_file.h"
#include "recording/replay.h"

/* What the events decide. The rest of the totals (memory, signals, time) they do not know. */
#define FOR_EACH_COUNTED_TOTAL(X) \
    X(events) X(allocations) X(frees) X(reallocations) X(failed) X(unknown_frees) \
    X(allocated_bytes) X(freed_bytes) X(temporary) X(temporary_bytes) X(leaked_blocks) \
    X(leaked_bytes) X(peak_bytes) X(peak_blocks) X(peak_event)

/* What the call stacks add up to. */
#define FOR_EACH_SUM(X) \
    X(allocations) X(allocated_bytes) X(temporary) X(temporary_bytes) X(failed) X(leaked_blocks) \
    X(leaked_bytes) X(peak_blocks) X(peak_bytes)

static int check_totals(const struct rec_totals *said, const struct rec_totals *counted,
                        struct failure *f) {
#define CHECK_ONE(field) \
    if (said->field != counted->field) \
        return failure_set(f, "its summary says %s %llu, its events say %llu", #field, \
                           (unsigned long long)said->field, (unsigned long long)counted->field);
    FOR_EACH_COUNTED_TOTAL(CHECK_ONE)
    return 0;
}

static int same_node_totals(const struct rec_node_totals *a, const struct rec_node_totals *b) {
    return a->node == b->node && a->allocations == b->allocations &&
           a->allocated_bytes == b->allocated_bytes && a->temporary == b->temporary &&
           a->temporary_bytes == b->temporary_bytes && a->failed == b->failed &&
           a->live_blocks == b->live_blocks && a->live_bytes == b->live_bytes &&
           a->peak_blocks == b->peak_blocks && a->peak_bytes == b->peak_bytes;
}

static int check_nodes(struct rec_file *r, const struct rec_replay_state *s, struct failure *f) {
    size_t said_count, counted_count;
    struct rec_node_totals *counted;
    const struct rec_node_totals *said = rec_node_totals(r, &said_count, f);
    if (said == NULL || rec_replay_nodes(s, &counted, &counted_count, f) < 0) return -1;
    int result = said_count == counted_count
                     ? 0 : failure_set(f, "its summary has %zu call stacks that allocate, its events %zu",
                                       said_count, counted_count);
    for (size_t i = 0; i < said_count && result == 0; i++)
        if (!same_node_totals(&said[i], &counted[i]))
            result = failure_set(f, "its summary and its events differ on call stack %u",
                                 counted[i].node);
    free(counted);
    return result;
}

/* `said` and `counted` are sorted by block. */
static int check_blocks(const struct rec_live_block *said, size_t said_count,
                        const struct rec_replay_state *s, const char *where, struct failure *f) {
    size_t counted_count;
    struct rec_live_block *counted;
    if (rec_replay_blocks(s, &counted, &counted_count, f) < 0) return -1;
    int result = said_count == counted_count
                     ? 0 : failure_set(f, "%s has %zu live blocks, its events leave %zu", where,
                                       said_count, counted_count);
    for (size_t i = 0; i < said_count && result == 0; i++)
        if (said[i].block != counted[i].block || said[i].size != counted[i].size ||
            said[i].node != counted[i].node)
            result = failure_set(f, "%s and its events differ on block %llu", where,
                                 (unsigned long long)counted[i].block);
    free(counted);
    return result;
}

static int check_snapshot(struct rec_file *r, size_t snapshot, const struct rec_replay_state *s,
                          struct failure *f) {
    struct rec_node_totals *nodes;
    struct rec_live_block *blocks;
    size_t node_count, block_count;
    if (r->snapshots[snapshot].event != s->totals.events ||
        r->snapshots[snapshot].first_block != s->next_block)
        return failure_set(f, "snapshot %zu is not where it says", snapshot);
    if (rec_snapshot_load(r, snapshot, &nodes, &node_count, &blocks, &block_count, f) < 0) return -1;
    char where[64];
    snprintf(where, sizeof where, "snapshot %zu", snapshot);
    int result = check_blocks(blocks, block_count, s, where, f);
    uint64_t allocations = 0, live_bytes = 0;
    for (size_t i = 0; i < node_count; i++) {
        allocations += nodes[i].allocations;
        live_bytes += nodes[i].live_bytes;
    }
    if (result == 0 && (allocations != s->totals.allocations || live_bytes != s->live_bytes))
        result = failure_set(f, "%s and its events differ on what call stacks came to", where);
    free(nodes);
    free(blocks);
    return result;
}

static int check_events(struct rec_file *r, struct rec_replay_state *s, struct failure *f) {
    struct rec_event *events = NULL;
    size_t capacity = 0, snapshot = 0;
    int result = 0;
    for (size_t i = 0; result == 0; i++) {
        for (; snapshot < r->snapshot_count && r->snapshots[snapshot].chunk == i && result == 0;
             snapshot++)
            result = check_snapshot(r, snapshot, s, f);
        if (i == r->chunk_count) break;
        if (result == 0)
            result = rec_table_reserve((void **)&events, &capacity, 0, r->chunks[i].records + 1,
                                       sizeof *events, f);
        if (result == 0) result = rec_chunk_decode(r, i, events, f);
        if (result == 0) result = rec_replay_events(s, events, r->chunks[i].records, f);
    }
    free(events);
    return result;
}

/* Every table once, as a user of the file would load it. */
static int check_tables(struct rec_file *r, struct failure *f) {
    size_t count, address_count;
    if (rec_nodes(r, &count, f) == NULL || rec_addresses(r, &address_count, f) == NULL) return -1;
    if (rec_forbidden(r, &count, f) == NULL) return -1;
    if (r->has_symbols && rec_frames(r, 0, &count, f) == NULL) return -1;
    return 0;
}

/* A recording that has no events says twice what they came to: in its totals, and by call stack. */
static int check_sums(struct rec_file *r, struct failure *f) {
    struct rec_totals sum = {0};
    size_t count;
    const struct rec_node_totals *nodes = rec_node_totals(r, &count, f);
    if (nodes == NULL) return -1;
    for (size_t i = 0; i < count; i++) {
        sum.allocations += nodes[i].allocations;
        sum.allocated_bytes += nodes[i].allocated_bytes;
        sum.temporary += nodes[i].temporary;
        sum.temporary_bytes += nodes[i].temporary_bytes;
        sum.failed += nodes[i].failed;
        sum.leaked_blocks += nodes[i].live_blocks;
        sum.leaked_bytes += nodes[i].live_bytes;
        sum.peak_blocks += nodes[i].peak_blocks;
        sum.peak_bytes += nodes[i].peak_bytes;
    }
#define CHECK_SUM(field) \
    if (r->summary.totals.field != sum.field) \
        return failure_set(f, "its summary says %s %llu, its call stacks say %llu", #field, \
                           (unsigned long long)r->summary.totals.field, \
                           (unsigned long long)sum.field);
    FOR_EACH_SUM(CHECK_SUM)
    return 0;
}

static int check_contents(struct rec_file *r, struct failure *f) {
    size_t node_count, leaked_count;
    if (check_tables(r, f) < 0 || rec_nodes(r, &node_count, f) == NULL) return -1;
    if (!rec_knows(r, REC_KNOWS_EVENTS)) return check_sums(r, f);
    struct rec_replay_state s;
    uint32_t last_tick = r->chunk_count == 0 ? 0 : r->chunks[r->chunk_count - 1].last_tick;
    if (rec_replay_init(&s, node_count, last_tick, f) < 0) return -1;
    int result = check_events(r, &s, f);
    if (result == 0) {
        rec_replay_end(&s);
        result = check_totals(&r->summary.totals, &s.totals, f);
    }
    if (result == 0) result = check_nodes(r, &s, f);
    const struct rec_live_block *leaked = result == 0 ? rec_leaked(r, &leaked_count, f) : NULL;
    if (result == 0)
        result = leaked == NULL ? -1 : check_blocks(leaked, leaked_count, &s, "its end", f);
    rec_replay_release(&s);
    return result;
}

int rec_check(const char *path, struct failure *f) {
    struct rec_file *r, *scanned;
    if (rec_open(&r, path, f) < 0) return -1;
    int result = 0;
    if (rec_damage(r) != NULL) {
        failure_set(f, "%s", rec_damage(r));
        result = 1;
    }
    if (result == 0 && rec_open_by(&scanned, path, REC_OPEN_BY_SCAN, f) == 0) {
        if (rec_damage(scanned) != NULL) {
            failure_set(f, "%s", rec_damage(scanned));
            result = 1;
        } else if (scanned->place_count != r->place_count) {
            failure_set(f, "its index names %zu chunks, but there are %zu", r->place_count,
                        scanned->place_count);
            result = 1;
        }
        rec_close(scanned);
    }
    if (result == 0 && check_contents(r, f) < 0) result = 1;
    rec_close(r);
    return result;
}
