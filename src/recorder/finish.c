/* SPDX-License-Identifier: MIT
 * The end of a recording: the last records, snapshot lists, symbols, the summary. */
#include <pthread.h>
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

/* Symbols are looked for, and written, while the lists are put together: neither needs the other. */
struct symbol_search {
    pthread_t thread;
    bool has_thread;
    struct rec_writer *writer;
    pthread_mutex_t writing; /* the writer is for one thread at a time */
    const struct rec_module *modules;
    const struct rec_address *addresses;
    size_t module_count, address_count;
    struct sym_options options;
    struct sym_result result;
    int outcome;
    struct failure failure;
};

static void *search(void *argument) {
    struct symbol_search *s = argument;
    s->outcome = sym_resolve(&s->result, s->modules, s->module_count, s->addresses,
                             s->address_count, &s->options, &s->failure);
    if (s->outcome < 0) return NULL;
    pthread_mutex_lock(&s->writing);
    rec_writer_symbols(s->writer, s->result.first, s->result.frames, s->result.address_count);
    pthread_mutex_unlock(&s->writing);
    return NULL;
}

static void symbols_begin(struct symbol_search *s, struct tracee *t,
                          const struct finish_options *o) {
    *s = (struct symbol_search){.writer = t->writer,
                                .writing = PTHREAD_MUTEX_INITIALIZER,
                                .options = {.debug_directories = o->debug_directories,
                                            .use_debuginfod = o->use_debuginfod,
                                            .c_library_lines = o->c_library_lines,
                                            .pid = (uint32_t)t->pid,
                                            .progress = symbols_progress,
                                            .progress_context = (void *)(uintptr_t)o}};
    if (!o->resolve_symbols || t->out_of_memory) return;
    s->addresses = rec_writer_addresses(t->writer, &s->address_count);
    s->modules = rec_writer_modules(t->writer, &s->module_count);
    s->has_thread = pthread_create(&s->thread, NULL, search, s) == 0;
    if (!s->has_thread) search(s);
}

static void symbols_end(struct symbol_search *s, struct tracee *t) {
    if (s->has_thread) pthread_join(s->thread, NULL);
    const char *broken = s->outcome == 0 ? s->result.broken_module : NULL;
    if (t->failure.text[0] == '\0' && s->outcome < 0)
        failure_set(&t->failure, "the symbols could not be resolved: %s", s->failure.text);
    if (t->failure.text[0] == '\0' && broken != NULL)
        failure_set(&t->failure, SYM_BROKEN_MODULE, broken);
    if (s->outcome == 0) sym_result_release(&s->result);
}

struct tracee_memory tracee_end(struct tracee *t) {
    store_release(&t->region->state, WIRE_CLOSED);
    tracee_drain(t, DRAIN_FINAL);
    account_early_ends(t, UINT64_MAX);
    told_flush(t);
    rec_writer_send(t->writer); /* is encoded while the rest is put together */
    t->totals.stacks_guessed = t->region->unwind.captures_guessed;
    t->totals.stacks_truncated = t->region->unwind.captures_truncated;
    t->totals.lost_events += t->region->events_unrecorded;
    t->ended = true;
    struct tracee_memory shared = {t->region, t->layout, t->memory_fd};
    t->region = NULL;
    t->memory_fd = -1;
    return shared;
}

void tracee_ended(struct tracee *t, enum rec_end how, uint64_t status) {
    t->totals.ended_how = how;
    if (how == REC_END_SIGNAL) t->totals.ended_by_signal = status;
    if (how == REC_END_EXIT) t->totals.exit_status = status;
}

void tracee_memory_release(const struct tracee_memory *shared) {
    region_release(shared->region, &shared->layout);
    close(shared->fd);
}

static void blocks_make(struct tracee *t, struct rec_summary *s) {
    if (t->stats.out_of_memory || blocks_list(t, &s->leaked, &s->leaked_count) < 0)
        tracee_out_of_memory(t);
    live_heap_destroy(t->heap); /* before the next list takes memory */
    t->heap = NULL;
    if (t->live_blocks > 0) tracee_learn_suppressions(t);
}

static void nodes_make(struct tracee *t, struct rec_summary *s, pthread_mutex_t *writing) {
    int failed = node_stats_collect(&t->stats, COLLECT_AND_RELEASE, &s->nodes, &s->node_count);
    node_stats_release(&t->stats);
    pthread_mutex_lock(writing);
    if (failed) tracee_out_of_memory(t);
    pthread_mutex_unlock(writing);
}

static void part_write(struct tracee *t, const struct rec_summary *s, enum rec_summary_part part,
                       pthread_mutex_t *writing) {
    pthread_mutex_lock(writing);
    if (!t->out_of_memory) rec_writer_summary(t->writer, s, part);
    pthread_mutex_unlock(writing);
}

void tracee_sum_up(struct tracee *t, const struct finish_options *options, struct rec_summary *s) {
    struct symbol_search symbols;
    struct rec_time_point now = tracee_now(t);
    timeline_finish(&t->timeline, &now);
    t->totals.leaked_blocks = t->live_blocks;
    t->totals.leaked_bytes = t->live_bytes;
    t->totals.duration_ms = t->tick;
    *s = (struct rec_summary){.timeline = t->timeline.points,
                              .timeline_count = t->timeline.count,
                              .sizes = t->sizes,
                              .lifetimes = t->lifetimes};
    blocks_make(t, s);
    symbols_begin(&symbols, t, options);
    part_write(t, s, REC_SUMMARY_BLOCKS, &symbols.writing);
    nodes_make(t, s, &symbols.writing);
    part_write(t, s, REC_SUMMARY_NODES, &symbols.writing);
    symbols_end(&symbols, t);
}

void tracee_finish(struct tracee *t, struct rec_summary *s) {
    struct failure f;
    s->totals = t->totals;
    if (rec_writer_close(t->writer, t->out_of_memory ? NULL : s, &t->file_bytes, &f) < 0 &&
        t->failure.text[0] == '\0')
        t->failure = f;
    t->writer = NULL;
    free(s->nodes);
    free(s->leaked);
}
