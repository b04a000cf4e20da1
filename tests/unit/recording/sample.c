/* SPDX-License-Identifier: MIT
 * Recordings for the tests. See sample.h. */
#include "unit/recording/sample.h"

#include <dirent.h>
#include <unistd.h>

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct maker {
    struct sample *s;
    enum sample_style style;
    uint64_t random, next_block, tick;
    uint64_t *live;
    size_t live_count;
};

static uint64_t below(struct maker *m, uint64_t limit) { return next_random(&m->random) % limit; }

static uint64_t some_size(struct maker *m, uint32_t node) {
    if (m->style == SAMPLE_EXTREME) {
        static const uint64_t sizes[] = {0, 1, 127, 128, UINT32_MAX, (uint64_t)UINT32_MAX + 1,
                                         (uint64_t)1 << 40, (uint64_t)1 << 46};
        return sizes[below(m, sizeof sizes / sizeof *sizes)];
    }
    if (m->style == SAMPLE_RANDOM) return below(m, (uint64_t)1 << below(m, 30));
    return node * 8 + (below(m, 100) == 0 ? 3 : 0);
}

static void birth(struct maker *m, struct rec_event e) {
    m->live[m->live_count++] = m->next_block;
    if (e.kind == REC_ALLOC) e.block = m->next_block;
    m->next_block++;
    e.size = some_size(m, e.node);
    m->s->events[m->s->count++] = e;
}

/* Takes the live block at `index` out of the list, keeping the order. */
static uint64_t take(struct maker *m, size_t index) {
    uint64_t block = m->live[index];
    memmove(&m->live[index], &m->live[index + 1], (--m->live_count - index) * sizeof *m->live);
    return block;
}

static size_t victim(struct maker *m) {
    switch (m->style) {
    case SAMPLE_PERIODIC: return 0;
    case SAMPLE_STACK:
    case SAMPLE_HOARD: return m->live_count - 1;
    default: return below(m, m->live_count);
    }
}

static uint32_t some_node(struct maker *m, size_t i) {
    switch (m->style) {
    case SAMPLE_PERIODIC: return 1 + (uint32_t)(i % 7);
    case SAMPLE_STACK: return 1 + (uint32_t)(i / 50) % (m->s->node_count - 1);
    default: return (uint32_t)below(m, m->s->node_count);
    }
}

static int frees_now(struct maker *m, size_t i, size_t count) {
    if (m->live_count == 0) return 0;
    switch (m->style) {
    case SAMPLE_PERIODIC: return m->live_count > 5 && i % 2 == 1;
    case SAMPLE_HOARD: return i >= count / 2;
    default: return below(m, 100) < (m->live_count > 2000 ? 60 : 45);
    }
}

void sample_make(struct sample *s, enum sample_style style, size_t count, uint64_t seed) {
    struct maker m = {.s = s, .style = style, .random = seed};
    memset(s, 0, sizeof *s);
    s->node_count = style == SAMPLE_EXTREME ? 5000 : count < 300 ? 20 : 200;
    s->thread_count = style == SAMPLE_EXTREME ? 600 : 4;
    s->events = calloc(count + 1, sizeof *s->events);
    m.live = calloc(count + 1, sizeof *m.live);
    CHECK(s->events != NULL && m.live != NULL);
    while (s->count < count) {
        size_t i = s->count;
        uint64_t dice = below(&m, 1000);
        if (style == SAMPLE_RANDOM || style == SAMPLE_EXTREME || dice < 5) {
            if (dice < 20) {
                m.tick += style == SAMPLE_EXTREME ? below(&m, 200000) : 1 + below(&m, 3);
                s->events[s->count++] = (struct rec_event){.kind = REC_TICK, .size = m.tick};
                continue;
            }
            if (dice < 60) {
                s->events[s->count++] = (struct rec_event){.kind = REC_THREAD,
                                                           .size = below(&m, s->thread_count)};
                continue;
            }
            if (dice < 70) {
                s->events[s->count++] = (struct rec_event){
                    .kind = REC_FAILED, .size = UINT64_MAX - dice, .node = some_node(&m, i)};
                continue;
            }
            if (dice < 80) {
                s->events[s->count++] = (struct rec_event){.kind = REC_UNKNOWN_FREE,
                                                           .size = next_random(&m.random)};
                continue;
            }
            if (dice < 85) {
                birth(&m, (struct rec_event){.kind = REC_REALLOC, .block = REC_NO_BLOCK,
                                             .node = some_node(&m, i)});
                continue;
            }
        }
        if (frees_now(&m, i, count)) {
            uint64_t block = take(&m, victim(&m));
            if (dice % 10 == 0 || style == SAMPLE_REALLOCS)
                birth(&m, (struct rec_event){.kind = REC_REALLOC, .block = block,
                                             .node = some_node(&m, i)});
            else
                s->events[s->count++] = (struct rec_event){.kind = REC_FREE, .block = block};
        } else {
            birth(&m, (struct rec_event){.kind = REC_ALLOC, .node = some_node(&m, i)});
        }
    }
    free(m.live);
}

void sample_free(struct sample *s) { free(s->events); }

uint64_t sample_address(uint64_t block) { return 0x550000000000u + block * 48; }

static void write_nodes(const struct sample *s, struct rec_writer *w) {
    struct rec_module m = {.path = "/usr/lib/x86_64-linux-gnu/libsample.so.1", .start = 0x7f0000000000,
                           .end = 0x7f0000100000, .bias = 0x7f0000000000, .build_id_length = 20};
    for (int i = 0; i < 20; i++) m.build_id[i] = (uint8_t)(i * 13);
    CHECK_EQ_U64(rec_writer_module(w, &m), 1);
    for (uint32_t i = 1; i < s->node_count; i++) {
        /* Two addresses alternate with ones of their own. */
        uint64_t address = i % 3 == 0 ? 0x7f0000001000 + i % 2 : 0x7f0000002000 + i * 16;
        CHECK_EQ_U64(rec_writer_node(w, i / 2, i % 5 == 0 ? 0 : 1, address, i % 11 == 0, i % 13 == 0),
                     i);
    }
    for (uint32_t i = 0; i < s->thread_count; i++) {
        char name[40];
        CHECK_EQ_U64(rec_writer_thread(w, 1000 + i), i);
        snprintf(name, sizeof name, "worker with a name %u", i);
        if (i % 2 == 0) rec_writer_thread_name(w, i, name);
    }
}

static void write_symbols(struct rec_writer *w) {
    size_t count;
    CHECK(rec_writer_addresses(w, &count) != NULL);
    uint32_t *first = calloc(count + 1, sizeof *first);
    struct rec_frame *frames = calloc(count * 3, sizeof *frames);
    char (*names)[32] = calloc(count, sizeof *names);
    CHECK(first != NULL && frames != NULL && names != NULL);
    for (size_t i = 0; i < count; i++) {
        first[i + 1] = first[i] + (uint32_t)(i % 4 == 3 ? 0 : i % 4 + 1);
        snprintf(names[i], sizeof names[i], "_Z3fun%zu", i);
        for (uint32_t k = first[i]; k < first[i + 1]; k++)
            frames[k] = (struct rec_frame){names[i], k % 3 == 0 ? NULL : "/src/sample.c",
                                           k * 7 % 500, k + 1 < first[i + 1]};
    }
    rec_writer_symbols(w, first, frames, count);
    free(first);
    free(frames);
    free(names);
}

static void state_of(const struct rec_replay_state *state, struct rec_node_totals **nodes,
                     size_t *node_count, struct rec_live_block **blocks, size_t *block_count) {
    struct failure f;
    CHECK(rec_replay_nodes(state, nodes, node_count, &f) == 0);
    CHECK(rec_replay_blocks(state, blocks, block_count, &f) == 0);
    for (size_t i = 0; i < *block_count; i++) (*blocks)[i].address = sample_address((*blocks)[i].block);
}

static void reverse(struct rec_live_block *blocks, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        struct rec_live_block b = blocks[i];
        blocks[i] = blocks[count - 1 - i];
        blocks[count - 1 - i] = b;
    }
}

void sample_write(const struct sample *s, const char *path, const struct sample_options *options) {
    struct failure f = {""};
    struct rec_encoder *e;
    struct rec_writer *w;
    const char *const command[] = {"./sample", "--with", "ärgument", "", NULL};
    const char *const names[] = {"PATH", "HOME", NULL};
    struct rec_process process = {.pid = 4711, .parent_pid = 1, .page_size = 4096,
        .start_unix_ns = 1700000000123456789u, .executable = "/bin/sample", .working_directory = "/",
        .command = command, .environment_names = names, .host = "host", .kernel = "Linux 6.1",
        .clock = "tsc"};
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, path, &process, &f) == 0);
    write_nodes(s, w);
    struct rec_event_buffer *b = rec_writer_events(w);
    struct rec_replay_state state;
    struct rec_summary summary = {0};
    CHECK(rec_replay_init(&state, s->node_count, UINT32_MAX, &f) == 0);
    for (size_t i = 0; i < s->count; i++) {
        if (options->snapshot_every != 0 && i > 0 && i % options->snapshot_every == 0) {
            struct rec_node_totals *nodes;
            struct rec_live_block *blocks;
            size_t node_count, block_count;
            state_of(&state, &nodes, &node_count, &blocks, &block_count);
            reverse(blocks, block_count);
            rec_writer_snapshot(w, nodes, node_count, blocks, block_count);
        }
        if (options->flush_every != 0 && i % options->flush_every == 0) rec_writer_flush(w);
        if (options->hold_every != 0) {
            if (i % options->hold_every == options->hold_every / 2) rec_encoder_hold(e);
            if (i % options->hold_every == 0) rec_encoder_let_go(e);
        }
        rec_event_append(w, b, s->events[i]);
        CHECK(rec_replay_events(&state, &s->events[i], 1, &f) == 0);
    }
    rec_replay_end(&state);
    rec_writer_flush(w);
    if (options->symbols) write_symbols(w);
    if (options->unfinished) {
        size_t size;
        uint8_t *data = sample_read_file(path, &size);
        char *copy = sample_path("unfinished-copy");
        sample_write_file(copy, data, size);
        free(data);
        state_of(&state, &summary.nodes, &summary.node_count, &summary.leaked, &summary.leaked_count);
        CHECK(rec_writer_close(w, &summary, NULL, &f) == 0);
        CHECK(rename(copy, path) == 0);
        free(copy);
    } else {
        uint64_t bytes;
        size_t size;
        summary.totals = state.totals;
        summary.totals.threads = s->thread_count;
        summary.totals.region_bytes = 12345;
        summary.sizes = state.sizes;
        summary.lifetimes = state.lifetimes;
        summary.timeline = state.points;
        summary.timeline_count = state.point_count;
        state_of(&state, &summary.nodes, &summary.node_count, &summary.leaked, &summary.leaked_count);
        CHECK(rec_writer_close(w, &summary, &bytes, &f) == 0);
        free(sample_read_file(path, &size));
        CHECK_EQ_U64(bytes, size);
    }
    free(summary.nodes);
    free(summary.leaked);
    rec_replay_release(&state);
    rec_encoder_stop(e);
}

size_t sample_compare(const struct sample *s, struct rec_file *r) {
    size_t chunk_count, at = 0;
    const struct rec_chunk *chunks = rec_chunks(r, &chunk_count);
    struct failure f;
    uint64_t events_before = 0, births = 0;
    for (size_t i = 0; i < chunk_count; i++) {
        struct rec_event *events = malloc((chunks[i].records + 1) * sizeof *events);
        CHECK(events != NULL);
        CHECK(rec_chunk_decode(r, i, events, &f) == 0);
        CHECK(at + chunks[i].records <= s->count);
        CHECK_EQ_U64(chunks[i].first_event, events_before);
        CHECK_EQ_U64(chunks[i].first_block, births);
        for (uint32_t k = 0; k < chunks[i].records; k++) {
            const struct rec_event *a = &events[k], *b = &s->events[at + k];
            CHECK_EQ_U64(a->kind, b->kind);
            CHECK_EQ_U64(a->size, b->size);
            CHECK_EQ_U64(a->node, b->node);
            CHECK_EQ_U64(a->block, b->block);
            events_before += a->kind < REC_THREAD;
            births += a->kind == REC_ALLOC || a->kind == REC_REALLOC;
        }
        at += chunks[i].records;
        free(events);
    }
    return at;
}

static char folder[64];

static void remove_folder(void) {
    DIR *d = opendir(folder);
    for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;)
        if (entry->d_name[0] != '.') unlinkat(dirfd(d), entry->d_name, 0);
    if (d != NULL) closedir(d);
    rmdir(folder);
}

const char *sample_folder(void) {
    if (folder[0] == 0) {
        snprintf(folder, sizeof folder, "/tmp/heapwise-test-XXXXXX");
        CHECK(mkdtemp(folder) != NULL);
        atexit(remove_folder);
    }
    return folder;
}

char *sample_path(const char *name) {
    char *path;
    CHECK(asprintf(&path, "%s/%s", sample_folder(), name) > 0);
    return path;
}

uint8_t *sample_read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *data = malloc(*size + 1);
    CHECK(data != NULL && fread(data, 1, *size, file) == *size);
    fclose(file);
    return data;
}

void sample_write_file(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(data, 1, size, file) == size);
    CHECK(fclose(file) == 0);
}
