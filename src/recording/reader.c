/* SPDX-License-Identifier: MIT
 * Opens recordings and gives out what was read at opening. See reader.h. */
#include "recording/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording/checksum.h"
#include "recording/recording_file.h"

/* More columns than any kind of chunk has: for chunks whose own readers ask for what they know. */
#define SMALL_TABLE_COLUMNS 16

static int read_file_header(struct rec_file *r, const char *path, struct failure *f) {
    uint8_t raw[REC_FILE_HEADER_SIZE];
    ssize_t n = pread(r->fd, raw, sizeof raw, 0);
    if (n < 0) return failure_set_errno(f, errno, "cannot read %s", path);
    if (n < REC_FILE_MAGIC_SIZE || memcmp(raw, REC_FILE_MAGIC, REC_FILE_MAGIC_SIZE) != 0)
        return failure_set(f, "%s is not a recording of heapwise", path);
    if ((size_t)n < sizeof raw)
        return failure_set(f, "%s ends inside its first 16 bytes: it holds nothing", path);
    struct rec_cursor c = {raw + REC_FILE_MAGIC_SIZE, raw + sizeof raw, 0};
    uint16_t major = rec_cursor_u16(&c), minor = rec_cursor_u16(&c);
    if (rec_cursor_u32(&c) != rec_checksum(raw, sizeof raw - 4)) {
        rec_file_damage(r, "the file header is damaged (its checksum differs)");
        return 0;
    }
    if (major != REC_VERSION_MAJOR)
        return failure_set(f, "%s has format version %u.%u, and this heapwise reads version %u: use a "
                           "newer heapwise", path, major, minor, REC_VERSION_MAJOR);
    return 0;
}

static int add_snapshot(struct rec_file *r, size_t place, const struct rec_payload *payload,
                        struct failure *f) {
    struct rec_snapshot_facts facts;
    if (rec_snapshot_read(&facts, payload, f) < 0) return -1;
    size_t chunk = 0;
    while (chunk < r->chunk_count && r->chunk_places[chunk] < place) chunk++;
    if (facts.ordinal != r->snapshot_count)
        return failure_set(f, "a snapshot is missing before it");
    if (rec_table_reserve((void **)&r->snapshots, &r->snapshot_capacity, r->snapshot_count, 1,
                          sizeof *r->snapshots, f) < 0 ||
        rec_table_reserve((void **)&r->snapshot_places, &r->snapshot_place_capacity,
                          r->snapshot_count, 1, sizeof *r->snapshot_places, f) < 0)
        return -1;
    r->snapshot_places[r->snapshot_count] = place;
    r->snapshots[r->snapshot_count++] = (struct rec_snapshot){
        .event = facts.event, .first_block = facts.first_block, .tick = facts.tick,
        .chunk = (uint32_t)chunk};
    return 0;
}

static int load_small_table(struct rec_file *r, size_t place, int *has_summary, struct failure *f) {
    uint8_t *data;
    struct rec_payload payload;
    if (rec_place_load(r, &r->places[place], SMALL_TABLE_COLUMNS, &data, &payload, f) < 0) return -1;
    int result = 0;
    switch (r->places[place].kind) {
    case REC_CHUNK_PROCESS:
        if (r->process.version == NULL) result = rec_process_read(&r->process, &payload, f);
        break;
    case REC_CHUNK_MARKS: result = rec_marks_read(&r->marks, &payload, f); break;
    case REC_CHUNK_SOURCE:
        if (r->source.storage == NULL) result = rec_source_read(&r->source, &payload, f);
        break;
    case REC_CHUNK_MODULES: result = rec_modules_read(&r->modules, &payload, f); break;
    case REC_CHUNK_THREADS: result = rec_threads_read(&r->threads, &payload, f); break;
    case REC_CHUNK_TIMELINE: result = rec_timeline_read(&r->timeline, &payload, f); break;
    case REC_CHUNK_SNAPSHOT: result = add_snapshot(r, place, &payload, f); break;
    default:
        result = rec_summary_read(&r->summary, &payload, f);
        *has_summary = result == 0;
        break;
    }
    free(data);
    return result;
}

/* What a recording without (readable) process facts says of the process. */
static void fill_process(struct rec_file *r) {
    static const char *const none[] = {NULL};
    struct rec_process *p = &r->process.process;
    const char **strings[] = {&p->executable, &p->working_directory, &p->host, &p->kernel, &p->clock,
                              &r->process.version};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        if (*strings[i] == NULL) *strings[i] = "";
    if (r->source.source.format != NULL) p->source = &r->source.source;
    if (p->command == NULL) p->command = none;
    if (p->environment_names == NULL) p->environment_names = none;
}

static int load_small_tables(struct rec_file *r, struct failure *f) {
    static const struct rec_module no_file = {.path = ""};
    if (rec_module_add(&r->modules, &no_file) < 0) return failure_set(f, "out of memory");
    int has_summary = 0;
    for (size_t i = 0; i < r->place_count; i++) {
        struct failure why;
        switch (r->places[i].kind) {
        case REC_CHUNK_PROCESS:
        case REC_CHUNK_SOURCE:
        case REC_CHUNK_MARKS:
        case REC_CHUNK_MODULES:
        case REC_CHUNK_THREADS:
        case REC_CHUNK_SNAPSHOT:
        case REC_CHUNK_TIMELINE:
        case REC_CHUNK_SUMMARY:
            if (load_small_table(r, i, &has_summary, &why) < 0) rec_file_damage(r, "%s", why.text);
            break;
        case REC_CHUNK_SYMBOLS:
            r->has_symbols = 1;
            break;
        default:
            break;
        }
    }
    fill_process(r);
    if (has_summary) return 0;
    rec_file_damage(r, "it has no summary; the totals were counted from its events");
    return rec_replay(r, f);
}

/* Addresses that stand for pools have frames of their own. */
static int make_pool_frames(struct rec_file *r) {
    size_t count = r->marks.pool_count;
    if (count == 0) return 0;
    r->pool_frames = calloc(count, sizeof *r->pool_frames);
    r->pool_names = calloc(count, sizeof *r->pool_names);
    if (r->pool_frames == NULL || r->pool_names == NULL) return -1;
    for (size_t i = 0; i < count; i++) {
        if (asprintf(&r->pool_names[i], "[pool %s]", r->marks.pools[i].name) < 0) {
            r->pool_names[i] = NULL;
            return -1;
        }
        r->pool_frames[i].function = r->pool_names[i];
    }
    return 0;
}

int rec_open_by(struct rec_file **out, const char *path, enum rec_open_way way, struct failure *f) {
    struct rec_file *r = calloc(1, sizeof *r);
    if (r == NULL) return failure_set(f, "cannot open %s: out of memory", path);
    struct stat status;
    struct failure why = {""};
    pthread_mutex_init(&r->decoders_lock, NULL);
    pthread_mutex_init(&r->loading, NULL);
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &status) < 0) {
        failure_set_errno(f, errno, "cannot open %s", path);
        goto fail;
    }
    if (!S_ISREG(status.st_mode)) {
        failure_set(f, "cannot open %s: it is not a regular file", path);
        goto fail;
    }
    r->length = (uint64_t)status.st_size;
    if (read_file_header(r, path, f) < 0) goto fail;
    if (way == REC_OPEN_BY_SCAN) {
        if (rec_index_scan(r, &why) < 0) goto fail_why;
        if (why.text[0] != 0) rec_file_damage(r, "%s", why.text);
    } else if (rec_index_load(r, &why) < 0) {
        struct failure stopped = {""};
        if (rec_index_scan(r, &stopped) < 0) goto fail_why;
        rec_file_damage(r, "%s%s%s", why.text, stopped.text[0] != 0 ? "; read up to where " : "",
                        stopped.text);
    }
    if (rec_nodes_init(&r->nodes) < 0 || rec_strings_init(&r->strings) < 0 ||
        rec_symbols_init(&r->symbols) < 0) {
        failure_set(&why, "out of memory");
        goto fail_why;
    }
    if (load_small_tables(r, &why) < 0) goto fail_why;
    if (make_pool_frames(r) < 0) {
        failure_set(&why, "out of memory");
        goto fail_why;
    }
    *out = r;
    return 0;
fail_why:
    failure_set(f, "cannot read %s: %s", path, why.text);
fail:
    rec_close(r);
    return -1;
}

int rec_open(struct rec_file **out, const char *path, struct failure *f) {
    return rec_open_by(out, path, REC_OPEN_BY_INDEX, f);
}

void rec_close(struct rec_file *r) {
    if (r == NULL) return;
    if (r->fd >= 0) close(r->fd);
    for (struct rec_event_decoder *next, *x = r->decoders; x != NULL; x = next) {
        next = x->next;
        rec_event_decoder_release(x);
        free(x);
    }
    pthread_mutex_destroy(&r->decoders_lock);
    pthread_mutex_destroy(&r->loading);
    free(r->places);
    free(r->chunks);
    free(r->chunk_places);
    free(r->snapshots);
    free(r->snapshot_places);
    rec_process_release(&r->process);
    rec_source_release(&r->source);
    for (size_t i = 0; r->pool_names != NULL && i < r->marks.pool_count; i++)
        free(r->pool_names[i]);
    free(r->pool_names);
    free(r->pool_frames);
    rec_marks_release(&r->marks);
    rec_modules_release(&r->modules);
    rec_threads_release(&r->threads);
    free(r->timeline.entries);
    rec_nodes_release(&r->nodes);
    free(r->node_totals.entries);
    free(r->leaked.entries);
    rec_strings_release(&r->strings);
    rec_symbols_release(&r->symbols);
    free(r);
}

const char *rec_damage(const struct rec_file *r) { return r->damage[0] == 0 ? NULL : r->damage; }
void rec_note_damage(struct rec_file *r, const char *sentence) { rec_file_damage(r, "%s", sentence); }
const struct rec_process *rec_process(const struct rec_file *r) { return &r->process.process; }
const struct rec_totals *rec_totals(const struct rec_file *r) { return &r->summary.totals; }
const struct rec_histogram *rec_sizes(const struct rec_file *r) { return &r->summary.sizes; }
const struct rec_histogram *rec_lifetimes(const struct rec_file *r) { return &r->summary.lifetimes; }
const struct rec_source *rec_source(const struct rec_file *r) { return r->process.process.source; }
int rec_knows(const struct rec_file *r, uint32_t what) {
    const struct rec_source *source = rec_source(r);
    return source == NULL || (source->known & what) == what;
}
const char *rec_version(const struct rec_file *r) { return r->process.version; }
int rec_has_symbols(const struct rec_file *r) { return r->has_symbols; }

const struct rec_module *rec_modules(const struct rec_file *r, size_t *count) {
    *count = r->modules.count;
    return r->modules.entries;
}

const struct rec_thread *rec_threads(const struct rec_file *r, size_t *count) {
    *count = r->threads.count;
    return r->threads.entries;
}

const struct rec_time_point *rec_timeline(const struct rec_file *r, size_t *count) {
    *count = r->timeline.count;
    return r->timeline.entries;
}

const struct rec_chunk *rec_chunks(const struct rec_file *r, size_t *count) {
    *count = r->chunk_count;
    return r->chunks;
}

const struct rec_snapshot *rec_snapshots(const struct rec_file *r, size_t *count) {
    *count = r->snapshot_count;
    return r->snapshots;
}

const struct rec_mark *rec_marks(const struct rec_file *r, size_t *count) {
    *count = r->marks.mark_count;
    return r->marks.marks;
}

const struct rec_pool *rec_pools(const struct rec_file *r, size_t *count) {
    *count = r->marks.pool_count;
    return r->marks.pools;
}

const char *rec_suppressions(const struct rec_file *r, const char **from) {
    *from = r->marks.suppressions_from;
    return r->marks.suppressions;
}
