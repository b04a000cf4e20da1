/* SPDX-License-Identifier: MIT
 * Writes a whole recording from what is readable of a damaged one. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/recording_file.h"
#include "recording/writer.h"

static int copy_nodes(struct rec_file *r, struct rec_writer *w, struct failure *f) {
    size_t node_count, address_count;
    const struct rec_node *nodes = rec_nodes(r, &node_count, f);
    const struct rec_address *addresses = nodes == NULL ? NULL : rec_addresses(r, &address_count, f);
    if (addresses == NULL) return -1;
    for (size_t i = 1; i < node_count; i++) {
        const struct rec_address *a = &addresses[nodes[i].address];
        rec_writer_node(w, nodes[i].parent, a->module, a->address, a->exact, a->guessed);
    }
    return 0;
}

static void copy_small_tables(struct rec_file *r, struct rec_writer *w) {
    for (size_t i = 1; i < r->modules.count; i++) rec_writer_module(w, &r->modules.entries[i]);
    for (size_t i = 0; i < r->threads.count; i++) {
        uint32_t thread = rec_writer_thread(w, r->threads.entries[i].tid);
        rec_writer_thread_name(w, thread, r->threads.entries[i].name);
    }
}

static void copy_marks(struct rec_file *r, struct rec_writer *w) {
    const struct rec_marks_table *t = &r->marks;
    for (size_t i = 0; i < t->mark_count; i++)
        rec_writer_mark(w, &t->marks[i]);
    for (size_t i = 0; i < t->pool_count; i++)
        rec_writer_pool(w, t->pools[i].number, t->pools[i].name);
    for (size_t i = 0; i < t->forbidden_count; i++)
        rec_writer_forbidden(w, &t->forbidden[i]);
    if (t->suppressions != NULL)
        rec_writer_suppressions(w, t->suppressions, t->suppressions_from);
}

static int copy_snapshot(struct rec_file *r, struct rec_writer *w, size_t snapshot,
                         struct failure *f) {
    struct rec_node_totals *nodes;
    struct rec_live_block *blocks;
    size_t node_count, block_count;
    if (rec_snapshot_load(r, snapshot, &nodes, &node_count, &blocks, &block_count, f) < 0) return -1;
    rec_writer_snapshot(w, nodes, node_count, blocks, block_count);
    return 0;
}

/* Events, with the snapshots where they stood. A snapshot that is cut is left out, and so are those
 * after it, which would get its number. */
static int copy_events(struct rec_file *r, struct rec_writer *w, struct failure *f) {
    struct rec_event *events = NULL;
    size_t capacity = 0, snapshot = 0;
    int result = 0;
    struct rec_event_buffer *b = rec_writer_events(w);
    for (size_t i = 0; i < r->chunk_count && result == 0; i++) {
        for (; snapshot < r->snapshot_count && r->snapshots[snapshot].chunk == i; snapshot++)
            if (copy_snapshot(r, w, snapshot, NULL) < 0) snapshot = r->snapshot_count;
        size_t records = r->chunks[i].records;
        result = rec_table_reserve((void **)&events, &capacity, 0, records + 1, sizeof *events, f);
        if (result == 0) result = rec_chunk_decode(r, i, events, f);
        for (size_t k = 0; k < records && result == 0; k++) rec_event_append(w, b, events[k]);
    }
    free(events);
    return result;
}

/* The symbols are copied as they are; a file without them is resolved by whoever reads it. */
static int copy_symbols(struct rec_file *r, struct rec_writer *w, struct failure *f) {
    size_t count;
    if (!r->has_symbols) return 0;
    if (rec_frames(r, 0, &count, f) == NULL) return -1;
    rec_writer_flush(w);
    rec_writer_symbols(w, r->symbols.first, r->symbols.frames, r->symbols.address_count);
    return 0;
}

static int copy_all(struct rec_file *r, struct rec_writer *w, struct rec_summary *s,
                    struct failure *f) {
    copy_small_tables(r, w);
    if (copy_nodes(r, w, f) < 0) return -1;
    copy_marks(r, w);
    if (copy_events(r, w, f) < 0 || copy_symbols(r, w, f) < 0) return -1;
    s->totals = r->summary.totals;
    s->sizes = r->summary.sizes;
    s->lifetimes = r->summary.lifetimes;
    s->timeline = r->timeline.entries;
    s->timeline_count = r->timeline.count;
    s->nodes = (struct rec_node_totals *)rec_node_totals(r, &s->node_count, f);
    if (s->nodes == NULL) return -1;
    s->leaked = (struct rec_live_block *)rec_leaked(r, &s->leaked_count, f);
    return s->leaked == NULL ? -1 : 0;
}

static int same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int rec_repair(const char *path, const char *out_path, struct failure *f) {
    struct rec_file *r;
    struct rec_encoder *e;
    struct rec_writer *w;
    if (same_file(path, out_path))
        return failure_set(f, "cannot repair %s into itself: name another file", path);
    if (rec_open_by(&r, path, REC_OPEN_BY_SCAN, f) < 0) return -1;
    if (rec_encoder_start(&e, f) < 0) {
        rec_close(r);
        return -1;
    }
    int result = rec_writer_open(&w, e, out_path, &r->process.process, f);
    if (result == 0) {
        struct rec_summary summary = {0};
        struct failure closing;
        result = copy_all(r, w, &summary, f);
        if (rec_writer_close(w, &summary, NULL, &closing) < 0 && result == 0)
            result = failure_set(f, "%s", closing.text);
        if (result < 0 && unlink(out_path) != 0 && errno != ENOENT)
            result = failure_set_errno(f, errno, "cannot remove %s", out_path);
    }
    rec_encoder_stop(e);
    rec_close(r);
    return result;
}
