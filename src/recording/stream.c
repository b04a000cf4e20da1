/* SPDX-License-Identifier: MIT
 * Turns what was appended into chunks. See stream.h. */
#include "recording/stream.h"

int rec_stream_open(struct rec_stream *s, const char *path, const struct rec_process *process,
                    struct failure *f) {
    memset(s, 0, sizeof *s);
    s->file.fd = -1;
    struct rec_payload_writer p;
    static const struct rec_module no_file = {.path = ""};
    if (rec_nodes_init(&s->nodes) < 0 || rec_module_add(&s->modules, &no_file) < 0 ||
        rec_payload_writer_init(&p) < 0) {
        rec_stream_release(s);
        return failure_set(f, "cannot create %s: out of memory", path);
    }
    s->nodes_written = s->addresses_written = s->modules_written = 1;
    int result = rec_chunk_file_create(&s->file, path, f);
    if (result == 0) {
        rec_payload_begin(&p);
        rec_process_write(&p, process);
        rec_chunk_file_add(&s->file, REC_CHUNK_PROCESS, rec_payload_end(&p), NULL);
        if (process->source != NULL) {
            rec_payload_begin(&p);
            rec_source_write(&p, process->source);
            rec_chunk_file_add(&s->file, REC_CHUNK_SOURCE, rec_payload_end(&p), NULL);
        }
        if (s->file.failed) {
            if (f != NULL) *f = s->file.failure;
            result = -1;
        }
    }
    rec_payload_writer_release(&p);
    if (result < 0) rec_stream_release(s);
    return result;
}

void rec_stream_release(struct rec_stream *s) {
    rec_chunk_file_close(&s->file);
    for (size_t i = 0; i < s->segment_count; i++) free(s->segments[i].events);
    free(s->segments);
    rec_nodes_release(&s->nodes);
    rec_modules_release(&s->modules);
    rec_threads_release(&s->threads);
    free(s->address_slots);
    free(s->changed_threads);
    rec_marks_release(&s->marks);
}

static uint64_t address_hash(const struct rec_address *a) {
    uint64_t h = (a->address ^ ((uint64_t)a->module << 48) ^ ((uint64_t)a->exact << 46) ^
                  ((uint64_t)a->guessed << 47)) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

static int same_address(const struct rec_address *a, const struct rec_address *b) {
    return a->address == b->address && a->module == b->module && a->exact == b->exact &&
           a->guessed == b->guessed;
}

static int grow_address_slots(struct rec_stream *s) {
    size_t count = s->address_slot_count == 0 ? 256 : s->address_slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 1; i < s->nodes.address_count; i++) {
        size_t at = address_hash(&s->nodes.addresses[i]) & (count - 1);
        while (slots[at] != 0) at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)i;
    }
    free(s->address_slots);
    s->address_slots = slots;
    s->address_slot_count = count;
    return 0;
}

/* The index of an address, new or known; REC_NONE when memory ran out. */
static uint32_t intern_address(struct rec_stream *s, const struct rec_address *a) {
    struct rec_node_table *t = &s->nodes;
    if (t->address_count * 2 >= s->address_slot_count && grow_address_slots(s) < 0) return REC_NONE;
    size_t mask = s->address_slot_count - 1;
    size_t at = address_hash(a) & mask;
    for (; s->address_slots[at] != 0; at = (at + 1) & mask)
        if (same_address(&t->addresses[s->address_slots[at]], a)) return s->address_slots[at];
    if (rec_table_reserve((void **)&t->addresses, &t->address_capacity, t->address_count, 1,
                          sizeof *t->addresses, NULL) < 0)
        return REC_NONE;
    t->addresses[t->address_count] = *a;
    s->address_slots[at] = (uint32_t)t->address_count;
    return (uint32_t)t->address_count++;
}

void rec_stream_add_nodes(struct rec_stream *s, const struct rec_raw_node *nodes, size_t count) {
    struct rec_node_table *t = &s->nodes;
    if (rec_table_reserve((void **)&t->nodes, &t->node_capacity, t->node_count, count,
                          sizeof *t->nodes, NULL) < 0) {
        rec_chunk_file_fail(&s->file, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct rec_address a = {.address = nodes[i].address, .module = nodes[i].module,
                                .exact = nodes[i].exact, .guessed = nodes[i].guessed};
        uint32_t address = intern_address(s, &a);
        if (address == REC_NONE) {
            rec_chunk_file_fail(&s->file, "out of memory");
            return;
        }
        t->nodes[t->node_count++] = (struct rec_node){nodes[i].parent, address};
    }
}

void rec_stream_add_module(struct rec_stream *s, const struct rec_module *m) {
    if (rec_module_add(&s->modules, m) < 0) rec_chunk_file_fail(&s->file, "out of memory");
}

void rec_stream_set_thread(struct rec_stream *s, uint32_t index, const struct rec_thread *thread) {
    if (rec_thread_set(&s->threads, index, thread) < 0 ||
        rec_table_reserve((void **)&s->changed_threads, &s->changed_capacity, s->changed_count, 1,
                          sizeof *s->changed_threads, NULL) < 0) {
        rec_chunk_file_fail(&s->file, "out of memory");
        return;
    }
    s->changed_threads[s->changed_count++] = index;
}

/* Nodes are written in parts of at most REC_CHUNK_ENTRIES_MAX; each part's new addresses are those
 * that appear in it first. */
static void write_nodes(struct rec_stream *s, struct rec_payload_writer *p) {
    struct rec_node_table *all = &s->nodes;
    while (s->nodes_written < all->node_count) {
        struct rec_node_table part = *all;
        if (part.node_count - s->nodes_written > REC_CHUNK_ENTRIES_MAX) {
            part.node_count = s->nodes_written + REC_CHUNK_ENTRIES_MAX;
            part.address_count = s->addresses_written;
            for (size_t i = s->nodes_written; i < part.node_count; i++)
                if (part.nodes[i].address >= part.address_count)
                    part.address_count = part.nodes[i].address + 1;
        }
        rec_payload_begin(p);
        rec_nodes_write(p, &part, s->nodes_written, s->addresses_written);
        all->model = part.model;
        rec_chunk_file_add(&s->file, REC_CHUNK_NODES, rec_payload_end(p), NULL);
        s->nodes_written = part.node_count;
        s->addresses_written = part.address_count;
    }
}

static void write_small_tables(struct rec_stream *s, struct rec_payload_writer *p) {
    if (s->modules_written < s->modules.count) {
        rec_payload_begin(p);
        rec_modules_write(p, s->modules.entries + s->modules_written,
                          s->modules.count - s->modules_written);
        rec_chunk_file_add(&s->file, REC_CHUNK_MODULES, rec_payload_end(p), NULL);
        s->modules_written = s->modules.count;
    }
    if (s->changed_count > 0) {
        rec_payload_begin(p);
        rec_threads_write(p, s->threads.entries, s->changed_threads, s->changed_count);
        rec_chunk_file_add(&s->file, REC_CHUNK_THREADS, rec_payload_end(p), NULL);
        s->changed_count = 0;
    }
}

void rec_stream_add_marks(struct rec_stream *s, const struct rec_marks_table *marks) {
    int failed = 0;
    for (size_t i = 0; i < marks->mark_count; i++)
        failed |= rec_marks_add_mark(&s->marks, &marks->marks[i]);
    for (size_t i = 0; i < marks->pool_count; i++)
        failed |= rec_marks_add_pool(&s->marks, marks->pools[i].number, marks->pools[i].name);
    for (size_t i = 0; i < marks->forbidden_count; i++)
        failed |= rec_marks_add_forbidden(&s->marks, &marks->forbidden[i]);
    if (marks->suppressions != NULL)
        failed |= rec_marks_set_suppressions(&s->marks, marks->suppressions,
                                             marks->suppressions_from);
    if (failed) rec_chunk_file_fail(&s->file, "out of memory");
}

/* After the nodes, which it names. */
static void write_marks(struct rec_stream *s, struct rec_payload_writer *p) {
    if (rec_marks_is_empty(&s->marks)) return;
    rec_payload_begin(p);
    rec_marks_write(p, &s->marks);
    rec_chunk_file_add(&s->file, REC_CHUNK_MARKS, rec_payload_end(p), NULL);
    rec_marks_release(&s->marks);
}

#define EVENTS_WITHOUT_REST 2048 /* a tenth of a millisecond, or two */

static void put_segments(struct rec_stream *s, struct rec_press *press,
                         struct rec_event_encoder *x) {
    for (size_t i = 0; i < s->segment_count; i++) {
        struct rec_event_segment part = s->segments[i];
        for (uint32_t left = part.count; left > 0; left -= part.count, part.events += part.count) {
            part.count = left < EVENTS_WITHOUT_REST ? left : EVENTS_WITHOUT_REST;
            rec_events_put(x, part);
            press->rest(press->owner);
        }
        press->drop(press->owner, s->segments[i]);
    }
    s->segment_count = 0;
}

/* Encodes what waits, if a chunk of so much can be encoded before its length is known. */
static void encode_ahead(struct rec_stream *s, struct rec_press *press) {
    if (s->records < REC_EVENT_FULL_TABLES) return;
    if (press->ahead_of == NULL) {
        press->ahead_of = s;
        rec_events_begin(&press->ahead, &s->next, REC_EVENT_FULL_TABLES);
    }
    if (press->ahead_of == s) put_segments(s, press, &press->ahead);
}

static void write_events(struct rec_stream *s, struct rec_press *press) {
    if (s->records == 0) return;
    int is_ahead = press->ahead_of == s;
    struct rec_event_encoder *x = is_ahead ? &press->ahead : &press->events;
    struct rec_event_facts facts = s->next;
    if (!is_ahead) rec_events_begin(x, &s->next, s->records);
    put_segments(s, press, x);
    rec_payload_begin(&press->payload);
    int failed = rec_events_end(x, &facts, &s->next, &press->payload);
    rec_chunk_file_add(&s->file, REC_CHUNK_EVENTS, failed ? NULL : rec_payload_end(&press->payload),
                       &facts);
}

static void drop_events(struct rec_stream *s, struct rec_press *press) {
    for (size_t i = 0; i < s->segment_count; i++) press->drop(press->owner, s->segments[i]);
    s->segment_count = s->records = 0;
    if (press->ahead_of == s) press->ahead_of = NULL;
}

void rec_stream_cut(struct rec_stream *s, struct rec_press *press) {
    if (!s->file.failed) {
        write_small_tables(s, &press->payload);
        write_nodes(s, &press->payload);
        write_marks(s, &press->payload);
        write_events(s, press);
    }
    drop_events(s, press);
}

void rec_stream_add_events(struct rec_stream *s, struct rec_press *press,
                           struct rec_event_segment segment) {
    if (s->records + segment.count > REC_EVENT_CHUNK_RECORDS) rec_stream_cut(s, press);
    if (rec_table_reserve((void **)&s->segments, &s->segment_capacity, s->segment_count, 1,
                          sizeof *s->segments, NULL) < 0)
        rec_chunk_file_fail(&s->file, "out of memory");
    if (s->file.failed) {
        press->drop(press->owner, segment);
        return;
    }
    s->segments[s->segment_count++] = segment;
    s->records += segment.count;
    encode_ahead(s, press);
}
