/* SPDX-License-Identifier: MIT
 * The caller's half of a writer: fills buffers and hands them to the encoder. See writer.h. */
#include "recording/writer.h"

#include <time.h>

#include "recording/encoder.h"

enum { SPARE_JOBS = 4 };

struct rec_writer {
    struct rec_event_buffer buffer;
    struct rec_event *events; /* where the buffer starts */
    size_t events_capacity;
    struct rec_raw_node *nodes; /* not yet handed over */
    size_t nodes_pending, nodes_capacity;
    uint32_t node_count;
    struct rec_module_table modules;
    struct rec_thread_table threads;
    uint64_t oldest_ms; /* since when something waits to be written; 0: nothing known to wait */
    unsigned parts_given; /* of the summary: a bit for each */
    int dirty;          /* something was handed over since the last cut */
    int failed;         /* memory ran out here, or the caller gave it up: nothing is taken any more */
    struct rec_event spare; /* where events go when there is no buffer */
    /* Made while there was memory, so that what is here can still be handed over and written. */
    struct rec_job *spare_jobs[SPARE_JOBS], *last_cut;
    unsigned spare_job_count;
    struct rec_encoder *encoder;
    unsigned waiting[REC_QUEUES]; /* jobs not yet done; under the encoder's lock */
    struct rec_stream stream; /* the encoder's, but for open and close */
};

/* Large enough that a program with a few frames never grows it. */
#define NODES_FIRST_CAPACITY 256
/* Handed over early, so that a burst of new nodes is not kept twice for long. */
#define NODES_PENDING_MAX (1u << 14)

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 + 1;
}

static struct rec_job *new_job(struct rec_writer *w, enum rec_job_kind kind) {
    struct rec_job *job = w->failed ? NULL : calloc(1, sizeof *job);
    if (job == NULL && !w->failed && w->spare_job_count > 0)
        job = w->spare_jobs[--w->spare_job_count];
    if (job == NULL) {
        w->failed = 1;
        return NULL;
    }
    job->stream = &w->stream;
    job->waiting = w->waiting;
    job->kind = kind;
    return job;
}

static void wait_for(struct rec_writer *w, enum rec_queue queue, unsigned most) {
    rec_encoder_wait(w->encoder, &w->waiting[queue], most);
}

static void wait_for_all(struct rec_writer *w) {
    wait_for(w, REC_QUEUE_TABLES, 0);
    wait_for(w, REC_QUEUE_OTHERS, 0);
}

static void give(struct rec_writer *w, struct rec_job *job) {
    w->dirty = 1;
    rec_encoder_give(w->encoder, job);
}

static void new_buffer(struct rec_writer *w) {
    w->events = rec_encoder_take_buffer(w->encoder, w->events_capacity);
    if (w->events != NULL) {
        w->buffer.next = w->events;
        w->buffer.end = w->events + w->events_capacity;
    } else {
        w->failed = 1;
        w->buffer.next = &w->spare;
        w->buffer.end = &w->spare + 1;
    }
}

int rec_writer_open(struct rec_writer **out, struct rec_encoder *e, const char *path,
                    const struct rec_process *process, struct failure *f) {
    struct rec_writer *w = calloc(1, sizeof *w);
    static const struct rec_module no_file = {.path = ""};
    if (w == NULL || rec_module_add(&w->modules, &no_file) < 0) {
        free(w);
        return failure_set(f, "cannot create %s: out of memory", path);
    }
    if (rec_stream_open(&w->stream, path, process, f) < 0) {
        rec_modules_release(&w->modules);
        free(w);
        return -1;
    }
    w->encoder = e;
    w->last_cut = new_job(w, REC_JOB_CUT);
    for (unsigned i = 0; i < SPARE_JOBS; i++) {
        struct rec_job *spare = calloc(1, sizeof *spare);
        if (spare != NULL) w->spare_jobs[w->spare_job_count++] = spare;
    }
    w->node_count = 1;
    w->events_capacity = REC_BUFFER_EVENTS_MIN;
    new_buffer(w);
    *out = w;
    return 0;
}

struct rec_event_buffer *rec_writer_events(struct rec_writer *w) { return &w->buffer; }

static void hand_over_nodes(struct rec_writer *w) {
    if (w->nodes_pending == 0) return;
    struct rec_job *job = new_job(w, REC_JOB_NODES);
    if (job == NULL) return;
    job->first = w->nodes;
    job->first_count = w->nodes_pending;
    give(w, job);
    w->nodes = NULL;
    w->nodes_pending = w->nodes_capacity = 0;
}

/* Nodes go first: an event never comes before a node that it names. */
static void hand_over(struct rec_writer *w) {
    hand_over_nodes(w);
    if (w->events == NULL) {
        w->buffer.next = &w->spare;
        return;
    }
    size_t count = (size_t)(w->buffer.next - w->events);
    if (count == 0) return;
    struct rec_job *job = new_job(w, REC_JOB_EVENTS);
    if (job == NULL) {
        w->buffer.next = w->events;
        return;
    }
    job->first = w->events;
    job->first_count = count;
    job->index = (uint32_t)w->events_capacity;
    give(w, job);
    if (count == w->events_capacity && w->events_capacity < REC_BUFFER_EVENTS_MAX)
        w->events_capacity *= 4;
    new_buffer(w);
}
_Static_assert(REC_BUFFER_EVENTS_MIN * 64 == REC_BUFFER_EVENTS_MAX,
               "growing four times at a step meets the largest size");

void rec_writer_turn(struct rec_writer *w) {
    wait_for(w, REC_QUEUE_OTHERS, REC_BUFFERS_WAITING_MAX - 1);
    hand_over(w);
}

uint32_t rec_writer_node(struct rec_writer *w, uint32_t parent, uint32_t module, uint64_t address,
                         int exact, int guessed) {
    if (w->failed) return w->node_count++;
    if (w->nodes_pending == w->nodes_capacity) {
        if (w->nodes_pending >= NODES_PENDING_MAX) hand_over_nodes(w);
        size_t capacity = w->nodes_capacity == 0 ? NODES_FIRST_CAPACITY : w->nodes_capacity * 2;
        struct rec_raw_node *nodes = realloc(w->nodes, capacity * sizeof *nodes);
        if (nodes == NULL) {
            w->failed = 1;
            return w->node_count++;
        }
        w->nodes = nodes;
        w->nodes_capacity = capacity;
    }
    w->nodes[w->nodes_pending++] = (struct rec_raw_node){
        .address = address, .parent = parent, .module = module, .exact = exact != 0,
        .guessed = guessed != 0};
    return w->node_count++;
}

uint32_t rec_writer_module(struct rec_writer *w, const struct rec_module *m) {
    uint32_t index = (uint32_t)w->modules.count;
    struct rec_job *job = new_job(w, REC_JOB_MODULE);
    if (job == NULL || rec_module_add(&w->modules, m) < 0) {
        w->failed = 1;
        free(job);
        return 0;
    }
    job->module = w->modules.entries[index];
    job->module.path = strdup(job->module.path);
    if (job->module.path == NULL) w->failed = 1;
    give(w, job);
    return index;
}

static void give_thread(struct rec_writer *w, uint32_t index) {
    struct rec_job *job = new_job(w, REC_JOB_THREAD);
    if (job == NULL) return;
    job->index = index;
    job->thread = w->threads.entries[index];
    give(w, job);
}

uint32_t rec_writer_thread(struct rec_writer *w, uint32_t tid) {
    uint32_t index = (uint32_t)w->threads.count;
    struct rec_thread thread = {.tid = tid};
    if (rec_thread_set(&w->threads, index, &thread) < 0)
        w->failed = 1;
    else
        give_thread(w, index);
    return index;
}

void rec_writer_thread_name(struct rec_writer *w, uint32_t thread, const char *name) {
    if (thread >= w->threads.count) return;
    struct rec_thread *t = &w->threads.entries[thread];
    if (strncmp(t->name, name, sizeof t->name - 1) == 0) return;
    memset(t->name, 0, sizeof t->name);
    memcpy(t->name, name, strnlen(name, sizeof t->name - 1));
    give_thread(w, thread);
}

/* Empty tables of what was told, to be filled and given. NULL when memory is out. */
static struct rec_marks_table *new_marks(struct rec_writer *w) {
    struct rec_marks_table *t = calloc(1, sizeof *t);
    if (t == NULL) w->failed = 1;
    return t;
}

static void give_marks(struct rec_writer *w, struct rec_marks_table *t, int failed) {
    enum { WAITING_MAX = 4096 }; /* a program may tell much at once */
    struct rec_job *job = failed ? NULL : new_job(w, REC_JOB_MARKS);
    if (job == NULL) {
        w->failed = 1;
        rec_marks_release(t);
        free(t);
        return;
    }
    wait_for(w, REC_QUEUE_OTHERS, WAITING_MAX);
    hand_over_nodes(w);
    job->first = t;
    give(w, job);
}

void rec_writer_mark(struct rec_writer *w, const struct rec_mark *m) {
    struct rec_marks_table *t = new_marks(w);
    if (t != NULL) give_marks(w, t, rec_marks_add_mark(t, m));
}

void rec_writer_pool(struct rec_writer *w, uint32_t number, const char *name) {
    struct rec_marks_table *t = new_marks(w);
    if (t != NULL) give_marks(w, t, rec_marks_add_pool(t, number, name));
}

void rec_writer_forbidden(struct rec_writer *w, const struct rec_forbidden *f) {
    struct rec_marks_table *t = new_marks(w);
    if (t != NULL) give_marks(w, t, rec_marks_add_forbidden(t, f));
}

void rec_writer_suppressions(struct rec_writer *w, const char *text, const char *from) {
    struct rec_marks_table *t = new_marks(w);
    if (t != NULL) give_marks(w, t, rec_marks_set_suppressions(t, text, from));
}

void rec_writer_snapshot(struct rec_writer *w, struct rec_node_totals *nodes, size_t node_count,
                         struct rec_live_block *blocks, size_t block_count) {
    hand_over(w);
    struct rec_job *job = new_job(w, REC_JOB_SNAPSHOT);
    if (job == NULL) {
        free(nodes);
        free(blocks);
        return;
    }
    job->first = nodes;
    job->first_count = node_count;
    job->second = blocks;
    job->second_count = block_count;
    give(w, job);
}

int rec_snapshot_is_due(uint64_t all, uint64_t since, uint64_t listed) {
    if (since >= 1 << 20 && since / 128 >= listed) return 1;
    return since >= 4 << 20 && since / (all < 32 << 20 ? 16 : 8) >= listed;
}

static void cut(struct rec_writer *w) {
    hand_over(w);
    if (!w->dirty) return;
    struct rec_job *job = new_job(w, REC_JOB_CUT);
    if (job == NULL) return;
    give(w, job);
    w->dirty = 0;
    w->oldest_ms = 0;
}

void rec_writer_tick(struct rec_writer *w) {
    int waits = w->dirty || w->nodes_pending > 0 || (w->events != NULL && w->buffer.next != w->events);
    if (!waits) return;
    uint64_t now = now_ms();
    if (w->oldest_ms == 0)
        w->oldest_ms = now;
    else if (now - w->oldest_ms >= 900) /* a call 100 ms later would be too late */
        cut(w);
}

void rec_writer_flush(struct rec_writer *w) {
    cut(w);
    wait_for_all(w);
}

void rec_writer_send(struct rec_writer *w) { cut(w); }

void rec_writer_abandon(struct rec_writer *w) {
    hand_over(w);
    w->failed = 1;
}

int rec_writer_has_failed(const struct rec_writer *w) { return w->failed; }

const struct rec_address *rec_writer_addresses(struct rec_writer *w, size_t *count) {
    hand_over_nodes(w);
    wait_for(w, REC_QUEUE_TABLES, 0);
    *count = w->stream.nodes.address_count;
    return w->stream.nodes.addresses;
}

const struct rec_module *rec_writer_modules(struct rec_writer *w, size_t *count) {
    *count = w->modules.count;
    return w->modules.entries;
}

void rec_writer_symbols(struct rec_writer *w, const uint32_t *first, const struct rec_frame *frames,
                        size_t address_count) {
    hand_over(w);
    struct rec_job *job = new_job(w, REC_JOB_SYMBOLS);
    if (job == NULL) return;
    job->first = (void *)first;
    job->second = (void *)frames;
    job->first_count = address_count;
    give(w, job);
    wait_for_all(w);
}

void rec_writer_summary(struct rec_writer *w, const struct rec_summary *s,
                        enum rec_summary_part part) {
    hand_over(w);
    /* Without its end the file says that something is missing; with one it would look whole. */
    if (w->failed || w->parts_given & 1u << part) return;
    struct rec_job *job = new_job(w, REC_JOB_SUMMARY);
    if (job == NULL) return;
    job->first = (void *)s;
    job->index = part;
    give(w, job);
    w->parts_given |= 1u << part;
}

int rec_writer_close(struct rec_writer *w, const struct rec_summary *s, uint64_t *bytes,
                     struct failure *f) {
    for (int part = 0; s != NULL && part < REC_SUMMARY_PARTS; part++)
        rec_writer_summary(w, s, (enum rec_summary_part)part);
    struct rec_job *job = new_job(w, REC_JOB_FINISH);
    if (job != NULL) {
        give(w, job);
        free(w->last_cut);
    } else if (w->last_cut != NULL) {
        give(w, w->last_cut);
    }
    wait_for_all(w);
    if (bytes != NULL) *bytes = w->stream.file.length;
    rec_chunk_file_close(&w->stream.file);
    int result = 0;
    if (w->stream.file.failed) {
        if (f != NULL) *f = w->stream.file.failure;
        result = -1;
    } else if (w->failed) {
        result = failure_set(f, "cannot write the recording: out of memory");
    }
    while (w->spare_job_count > 0) free(w->spare_jobs[--w->spare_job_count]);
    rec_stream_release(&w->stream);
    rec_modules_release(&w->modules);
    rec_threads_release(&w->threads);
    free(w->nodes);
    free(w->events);
    free(w);
    return result;
}
