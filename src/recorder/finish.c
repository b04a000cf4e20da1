/* SPDX-License-Identifier: MIT
 * The end of a recording: the last records, snapshot lists, symbols, the summary. */
#include <stdlib.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/told.h"
#include "recorder/tracee.h"
#include "symbols/symbols.h"

struct block_list {
    struct tracee *tracee;
    struct rec_live_block *blocks;
    size_t count, capacity;
};

static void list_block(void *context, uint64_t address, const struct live_block *b) {
    struct block_list *l = context;
    if (l->count == l->capacity) return;
    l->blocks[l->count++] =
        (struct rec_live_block){.block = b->number,
                                .address = address,
                                .size = b->size,
                                .node = l->tracee->stats.nodes[b->node].file_node};
}

static int blocks_list(struct tracee *t, struct rec_live_block **out, size_t *count) {
    struct block_list l = {.tracee = t, .capacity = live_heap_count(t->heap)};
    l.blocks = malloc((l.capacity == 0 ? 1 : l.capacity) * sizeof *l.blocks);
    if (l.blocks == NULL) return -1;
    live_heap_visit(t->heap, list_block, &l);
    *out = l.blocks;
    *count = l.count;
    return 0;
}

bool tracee_snapshot(struct tracee *t) {
    /* The list of blocks must stay small beside the heap that it lists. */
    if (t->live_blocks * sizeof(struct rec_live_block) > (32u << 20) + t->live_bytes / 5)
        return false;
    struct rec_node_totals *nodes;
    struct rec_live_block *blocks;
    size_t node_count, block_count;
    t->events_at_snapshot = t->totals.events;
    if (node_stats_collect(&t->stats, COLLECT_AND_KEEP, &nodes, &node_count) < 0) return false;
    if (blocks_list(t, &blocks, &block_count) < 0) {
        free(nodes);
        return false;
    }
    rec_writer_snapshot(t->writer, nodes, node_count, blocks, block_count);
    return true;
}

void tracee_snapshot_if_due(struct tracee *t) {
    uint64_t since = t->totals.events - t->events_at_snapshot;
    uint64_t listed = t->live_blocks + t->stats.touched;
    if (rec_snapshot_is_due(t->totals.events, since, listed)) (void)tracee_snapshot(t);
}

static void symbols_progress(void *context, size_t done, size_t total) {
    const struct finish_options *o = context;
    if (o->progress != NULL) o->progress(o->progress_context, "resolving symbols", done, total);
}

static void resolve_symbols(struct tracee *t, const struct finish_options *o) {
    size_t addresses, modules;
    const struct rec_address *a = rec_writer_addresses(t->writer, &addresses);
    const struct rec_module *m = rec_writer_modules(t->writer, &modules);
    struct sym_options options = {.debug_directories = o->debug_directories,
                                  .use_debuginfod = o->use_debuginfod,
                                  .c_library_lines = o->c_library_lines,
                                  .pid = (uint32_t)t->pid,
                                  .progress = symbols_progress,
                                  .progress_context = (void *)(uintptr_t)o};
    struct sym_result result;
    struct failure f;
    if (sym_resolve(&result, m, modules, a, addresses, &options, &f) < 0) {
        if (t->failure.text[0] == '\0')
            failure_set(&t->failure, "the symbols could not be resolved: %s", f.text);
        return;
    }
    if (result.broken_module != NULL && t->failure.text[0] == '\0')
        failure_set(&t->failure, SYM_BROKEN_MODULE, result.broken_module);
    rec_writer_symbols(t->writer, result.first, result.frames, result.address_count);
    sym_result_release(&result);
}

struct tracee_memory tracee_end(struct tracee *t, enum rec_end how, uint64_t status) {
    store_release(&t->region->state, WIRE_CLOSED);
    tracee_drain(t, DRAIN_FINAL);
    account_early_ends(t, UINT64_MAX);
    told_flush(t);
    rec_writer_send(t->writer); /* is encoded while the rest is put together */
    t->totals.stacks_guessed = t->region->unwind.captures_guessed;
    t->totals.stacks_truncated = t->region->unwind.captures_truncated;
    t->totals.lost_events += t->region->events_unrecorded;
    t->totals.ended_how = how;
    t->ended = true;
    struct tracee_memory shared = {t->region, t->layout, t->memory_fd};
    t->region = NULL;
    t->memory_fd = -1;
    if (how == REC_END_SIGNAL) t->totals.ended_by_signal = status;
    if (how == REC_END_EXIT) t->totals.exit_status = status;
    return shared;
}

void tracee_memory_release(const struct tracee_memory *shared) {
    region_release(shared->region, &shared->layout);
    close(shared->fd);
}

void tracee_finish(struct tracee *t, const struct finish_options *options) {
    t->totals.leaked_blocks = t->live_blocks;
    t->totals.leaked_bytes = t->live_bytes;
    t->totals.duration_ms = t->tick;

    struct rec_time_point now = tracee_now(t);
    timeline_finish(&t->timeline, &now);
    struct rec_summary s = {.totals = t->totals,
                            .timeline = t->timeline.points,
                            .timeline_count = t->timeline.count,
                            .sizes = t->sizes,
                            .lifetimes = t->lifetimes};
    /* Each is given back before the next one takes memory. */
    if (t->stats.out_of_memory || blocks_list(t, &s.leaked, &s.leaked_count) < 0)
        tracee_out_of_memory(t);
    live_heap_destroy(t->heap);
    t->heap = NULL;
    if (node_stats_collect(&t->stats, COLLECT_AND_RELEASE, &s.nodes, &s.node_count) < 0)
        tracee_out_of_memory(t);
    node_stats_release(&t->stats);
    if (t->live_blocks > 0) tracee_learn_suppressions(t);
    if (!t->out_of_memory) {
        rec_writer_summary(t->writer, &s); /* is written while the symbols are resolved */
        if (options->resolve_symbols) resolve_symbols(t, options);
    }
    struct failure f;
    if (rec_writer_close(t->writer, NULL, &t->file_bytes, &f) < 0 && t->failure.text[0] == '\0')
        t->failure = f;
    t->writer = NULL;
    free(s.nodes);
    free(s.leaked);
}
