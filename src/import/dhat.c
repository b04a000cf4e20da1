/* SPDX-License-Identifier: MIT
 * Reads DHAT's JSON, version 2, of valgrind and of the Rust crate dhat: for each call stack
 * ("program point") what it allocated in all, at the peak of the heap (t-gmax), and at the end.
 *
 *   {"dhatFileVersion":2, "mode":"heap", "bklt":true, "tu":"instrs", "cmd":…, "pid":…, "te":…,
 * "tg":…, "pps":[{"tb":bytes, "tbk":blocks, "gb":…, "gbk":…, "eb":…, "ebk":…, "fs":[frame, …]}, …],
 *    "ftbl":["[root]", "0x492C63D: malloc (vg_replace_malloc.c:381)", …]}
 *
 * Frames stand behind the stacks that name them by number, so the file is read twice. */
#include <stdlib.h>
#include <string.h>

#include "import/format.h"
#include "import/json_pull.h"
#include "import/numbers.h"
#include "import/path.h"
#include "import/valgrind_frame.h"
#include "import/words.h"

#define VERSION 2

struct facts {
    uint64_t version, pid, end, peak;
    int has_moments; /* "bklt": figures at the peak and at the end */
    char *command, *unit, *mode;
};

struct reader {
    struct im_json json;
    struct im_target *target;
    struct facts facts;
    char **frames; /* of the first pass */
    size_t frame_count, frame_capacity;
    uint32_t *locations;
    struct im_path path;
};

static int failed_json(struct reader *r, enum im_json_token token, struct failure *f) {
    if (token == IM_JSON_BAD) return failure_set(f, "%s", r->json.failure.text);
    return failure_set(f, "%s is no file of DHAT: something else than expected is at byte %llu",
                       im_input_name(r->json.in), (unsigned long long)r->json.offset);
}

static int number(struct reader *r, uint64_t *value, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    const char *at = r->json.text;
    /* Times may be fractions; the figures of blocks and bytes never are. */
    if (token != IM_JSON_NUMBER || im_take_decimal(&at, value) != 0)
        return failed_json(r, token, f);
    return 0;
}

static int text(struct reader *r, char **out, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_STRING) return failed_json(r, token, f);
    free(*out);
    *out = strdup(r->json.text);
    return *out != NULL ? 0 : failure_set(f, "out of memory");
}

static int read_frame_table(struct reader *r, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_OPEN_ARRAY) return failed_json(r, token, f);
    while ((token = im_json_next(&r->json)) == IM_JSON_STRING) {
        if (r->frame_count == r->frame_capacity) {
            size_t capacity = r->frame_capacity == 0 ? 256 : r->frame_capacity * 2;
            char **frames = realloc(r->frames, capacity * sizeof *frames);
            if (frames == NULL) return failure_set(f, "out of memory");
            r->frames = frames;
            r->frame_capacity = capacity;
        }
        r->frames[r->frame_count] = strdup(r->json.text);
        if (r->frames[r->frame_count++] == NULL) return failure_set(f, "out of memory");
    }
    return token == IM_JSON_CLOSE_ARRAY ? 0 : failed_json(r, token, f);
}

static int skip(struct reader *r, struct failure *f) {
    enum im_json_token token = im_json_skip(&r->json);
    return token == IM_JSON_BAD || token == IM_JSON_END ? failed_json(r, token, f) : 0;
}

static int read_fact(struct reader *r, struct failure *f) {
    struct facts *x = &r->facts;
    const char *key = r->json.text;
    if (strcmp(key, "dhatFileVersion") == 0) return number(r, &x->version, f);
    if (strcmp(key, "mode") == 0) return text(r, &x->mode, f);
    if (strcmp(key, "cmd") == 0) return text(r, &x->command, f);
    if (strcmp(key, "tu") == 0) return text(r, &x->unit, f);
    if (strcmp(key, "pid") == 0) return number(r, &x->pid, f);
    if (strcmp(key, "te") == 0) return number(r, &x->end, f);
    if (strcmp(key, "tg") == 0) return number(r, &x->peak, f);
    if (strcmp(key, "ftbl") == 0) return read_frame_table(r, f);
    if (strcmp(key, "bklt") != 0) return skip(r, f);
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_WORD) return failed_json(r, token, f);
    x->has_moments = strcmp(r->json.text, "true") == 0;
    return 0;
}

static int read_facts(struct reader *r, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_OPEN_OBJECT) return failed_json(r, token, f);
    while ((token = im_json_next(&r->json)) == IM_JSON_KEY)
        if (read_fact(r, f) != 0) return -1;
    if (token != IM_JSON_CLOSE_OBJECT) return failed_json(r, token, f);
    if (r->facts.version != VERSION)
        return failure_set(f, "%s has DHAT's format %llu, and this heapwise reads format %d",
                           im_input_name(r->json.in), (unsigned long long)r->facts.version,
                           VERSION);
    if (r->facts.mode != NULL && strcmp(r->facts.mode, "heap") != 0 &&
        strcmp(r->facts.mode, "rust-heap") != 0)
        return failure_set(f, "%s is of DHAT's mode '%.40s', which does not tell of the heap",
                           im_input_name(r->json.in), r->facts.mode);
    return 0;
}

static int begin(struct reader *r, const char *path, struct failure *f) {
    static const char *const none[] = {NULL};
    struct im_words command;
    int microseconds = r->facts.unit != NULL && strcmp(r->facts.unit, "\xc2\xb5s") == 0;
    struct rec_source source = {.format = "DHAT 2",
                                .generator = "",
                                .time_unit =
                                    microseconds || r->facts.unit == NULL ? "" : r->facts.unit,
                                .time_scale = 1};
    source.known = REC_KNOWS_CALLS | REC_KNOWS_ALLOCATED;
    if (r->facts.has_moments)
        source.known |=
            REC_KNOWS_PEAK | REC_KNOWS_PEAK_BLOCKS | REC_KNOWS_LEAKED | REC_KNOWS_LEAKED_BLOCKS;
    if (microseconds) source.known |= REC_KNOWS_TIME;
    if (im_words_init(&command, r->facts.command != NULL ? r->facts.command : "") != 0)
        return failure_set(f, "out of memory");
    struct rec_process process = {.pid = (uint32_t)r->facts.pid,
                                  .executable = "",
                                  .working_directory = "",
                                  .command = command.list,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    int failed = im_target_open(&r->target, path, &process, f);
    im_words_release(&command);
    if (failed) return -1;
    if (microseconds) {
        im_target_totals(r->target)->duration_ms = r->facts.end / 1000;
        im_target_totals(r->target)->peak_tick = r->facts.peak / 1000;
    }
    r->locations = calloc(r->frame_count + 1, sizeof *r->locations);
    if (r->locations == NULL) return failure_set(f, "out of memory");
    for (size_t i = 0; i < r->frame_count; i++) {
        r->locations[i] = im_valgrind_frame(r->target, r->frames[i]);
        free(r->frames[i]);
        r->frames[i] = NULL;
    }
    return 0;
}

static int read_stack(struct reader *r, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_OPEN_ARRAY) return failed_json(r, token, f);
    r->path.count = 0;
    while ((token = im_json_next(&r->json)) == IM_JSON_NUMBER) {
        const char *at = r->json.text;
        uint64_t frame;
        if (im_take_decimal(&at, &frame) != 0 || frame >= r->frame_count)
            return failure_set(f, "%s is damaged: there is no frame %.20s",
                               im_input_name(r->json.in), r->json.text);
        if (im_path_push(&r->path, r->locations[frame]) != 0)
            return failure_set(f, "out of memory");
    }
    return token == IM_JSON_CLOSE_ARRAY ? 0 : failed_json(r, token, f);
}

/* One call stack, whose bracket has been opened. */
static int read_point(struct reader *r, struct failure *f) {
    struct rec_node_totals t = {0};
    enum im_json_token token;
    r->path.count = 0;
    while ((token = im_json_next(&r->json)) == IM_JSON_KEY) {
        const char *key = r->json.text;
        uint64_t *figure = strcmp(key, "tb") == 0    ? &t.allocated_bytes
                           : strcmp(key, "tbk") == 0 ? &t.allocations
                           : strcmp(key, "gb") == 0  ? &t.peak_bytes
                           : strcmp(key, "gbk") == 0 ? &t.peak_blocks
                           : strcmp(key, "eb") == 0  ? &t.live_bytes
                           : strcmp(key, "ebk") == 0 ? &t.live_blocks
                                                     : NULL;
        int failed = figure != NULL           ? number(r, figure, f)
                     : strcmp(key, "fs") == 0 ? read_stack(r, f)
                                              : skip(r, f);
        if (failed) return -1;
    }
    if (token != IM_JSON_CLOSE_OBJECT) return failed_json(r, token, f);
    t.node = im_path_node(&r->path, r->target);
    im_target_add(r->target, &t);
    return 0;
}

static int read_points(struct reader *r, struct failure *f) {
    enum im_json_token token = im_json_next(&r->json);
    if (token != IM_JSON_OPEN_OBJECT) return failed_json(r, token, f);
    while ((token = im_json_next(&r->json)) == IM_JSON_KEY) {
        if (strcmp(r->json.text, "pps") != 0) {
            if (skip(r, f) != 0) return -1;
            continue;
        }
        token = im_json_next(&r->json);
        if (token != IM_JSON_OPEN_ARRAY) return failed_json(r, token, f);
        while ((token = im_json_next(&r->json)) == IM_JSON_OPEN_OBJECT)
            if (read_point(r, f) != 0) return -1;
        if (token != IM_JSON_CLOSE_ARRAY) return failed_json(r, token, f);
    }
    return token == IM_JSON_CLOSE_OBJECT ? 0 : failed_json(r, token, f);
}

static void release(struct reader *r) {
    im_json_release(&r->json);
    for (size_t i = 0; i < r->frame_count; i++)
        free(r->frames[i]);
    free(r->frames);
    free(r->locations);
    free(r->facts.command);
    free(r->facts.unit);
    free(r->facts.mode);
    im_path_release(&r->path);
}

static int read_dhat(struct im_input *in, const char *path, struct failure *f) {
    struct reader r = {0};
    im_json_init(&r.json, in);
    int failed = read_facts(&r, f) != 0 || im_input_rewind(in, f) != 0 || begin(&r, path, f) != 0;
    if (!failed) {
        im_json_release(&r.json);
        im_json_init(&r.json, in);
        failed = read_points(&r, f) != 0;
    }
    if (failed)
        im_target_give_up(r.target);
    else
        failed = im_target_finish(r.target, f) != 0;
    release(&r);
    return failed ? -1 : 0;
}

static int sniff(const char *start, size_t length) {
    (void)length;
    start += strspn(start, " \t\r\n");
    return start[0] == '{' && strstr(start, "\"dhatFileVersion\"") != NULL;
}

const struct im_format im_dhat = {"DHAT", sniff, read_dhat};
