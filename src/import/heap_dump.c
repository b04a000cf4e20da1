/* SPDX-License-Identifier: MIT
 * Reads the heap dumps of jemalloc (prof) and of gperftools' tcmalloc: for each call stack what
 * lives now and what was allocated in all, and then the process's memory map.
 *
 *   jemalloc     heap_v2/524288                           gperftools   heap profile: LIVE: BYTES
 * [ALL: BYTES] @ heapprofile t*: LIVE: BYTES [ALL: BYTES]                        LIVE: BYTES [ALL:
 * BYTES] @ 0x… 0x…
 *                @ 0x… 0x…
 *                  t*: LIVE: BYTES [ALL: BYTES]
 *   MAPPED_LIBRARIES:
 *   55d0a000-55d0b000 r--p 00000000 fe:00 1234 /usr/bin/app
 *
 * Stacks are of return addresses, innermost first; names are looked up by whoever reads the
 * recording. A dump of sampled allocations (a number of bytes behind the slash, and it is more than
 * 1) is scaled up as those tools' own viewers do. The map stands at the end, so the file is read
 * twice. */
#include <elf.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import/format.h"
#include "import/numbers.h"
#include "import/path.h"
#include "import/ranges.h"

struct figures {
    uint64_t live, live_bytes, all, all_bytes;
};

struct mapping {
    uint64_t start, size, offset;
    char *path;
};

struct reader {
    struct im_input *in;
    struct im_target *target;
    int is_jemalloc;
    uint64_t interval; /* of sampling, in bytes; 0 or 1: everything was seen */
    struct figures sum;
    struct mapping *maps;
    size_t map_count, map_capacity;
    struct im_ranges ranges;
    struct im_path path;
};

/* "LIVE: BYTES [ALL: BYTES]" */
static int take_figures(const char **at, struct figures *x) {
    const char *s = *at;
    if (im_take_decimal(&s, &x->live) != 0 || im_take_text(&s, ":") != 0 ||
        im_take_decimal(&s, &x->live_bytes) != 0 || im_take_text(&s, "[") != 0 ||
        im_take_decimal(&s, &x->all) != 0 || im_take_text(&s, ":") != 0 ||
        im_take_decimal(&s, &x->all_bytes) != 0 || im_take_text(&s, "]") != 0)
        return -1;
    *at = s;
    return 0;
}

static int read_head(struct reader *r, const char *line, struct failure *f) {
    const char *at = line;
    if (im_take_text(&at, "heap_v2/") == 0) {
        r->is_jemalloc = 1;
        return im_take_decimal(&at, &r->interval) == 0
                   ? 0
                   : im_input_bad_line(r->in, f, "the interval of sampling is missing");
    }
    if (im_take_text(&at, "heap profile:") != 0 || take_figures(&at, &r->sum) != 0 ||
        im_take_text(&at, "@") != 0)
        return im_input_bad_line(r->in, f, "the sums of the dump are missing");
    const char *slash = strchr(at, '/');
    if (slash != NULL && (slash++, im_take_decimal(&slash, &r->interval) != 0)) r->interval = 0;
    return 0;
}

/* "START-END FLAGS OFFSET DEVICE INODE PATH" */
static int read_mapping(struct reader *r, const char *line, struct failure *f) {
    uint64_t start, end, offset;
    const char *at = line;
    const char *path = strchr(line, '/');
    if (im_take_hex(&at, &start) != 0 || *at++ != '-' || im_take_hex(&at, &end) != 0 ||
        end <= start || path == NULL)
        return 0;
    at += strspn(at, " ");
    at += strcspn(at, " ");
    if (im_take_hex(&at, &offset) != 0) return 0;
    if (r->map_count == r->map_capacity) {
        size_t capacity = r->map_capacity == 0 ? 64 : r->map_capacity * 2;
        struct mapping *maps = realloc(r->maps, capacity * sizeof *maps);
        if (maps == NULL) return failure_set(f, "out of memory");
        r->maps = maps;
        r->map_capacity = capacity;
    }
    char *copy = strdup(path);
    if (copy == NULL) return failure_set(f, "out of memory");
    copy[strcspn(copy, "\r")] = '\0';
    r->maps[r->map_count++] = (struct mapping){start, end - start, offset, copy};
    return 0;
}

static int look(struct reader *r, struct failure *f) {
    char *line;
    size_t length;
    int more, in_maps = 0, is_first = 1;
    while ((more = im_input_line(r->in, &line, &length, f)) == 1) {
        const char *at = line;
        if (is_first && read_head(r, line, f) != 0) return -1;
        is_first = 0;
        if (strncmp(line, "MAPPED_LIBRARIES:", 17) == 0)
            in_maps = 1;
        else if (in_maps && read_mapping(r, line, f) != 0)
            return -1;
        else if (!in_maps && r->is_jemalloc && r->sum.live + r->sum.all == 0 &&
                 im_take_text(&at, "t*:") == 0)
            take_figures(&at, &r->sum);
    }
    if (more == 0 && is_first) return failure_set(f, "%s is empty", im_input_name(r->in));
    return more;
}

/* A program that is not position independent lies where its file says; no other module does. */
static int is_fixed(const char *path) {
    unsigned char head[EI_NIDENT + 2];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return 0;
    ssize_t n = pread(fd, head, sizeof head, 0);
    close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, ELFMAG, SELFMAG) == 0 &&
           head[EI_NIDENT] == ET_EXEC;
}

static int make_modules(struct reader *r) {
    for (size_t i = 0; i < r->map_count; i++) {
        const struct mapping *m = &r->maps[i], *first = m;
        for (size_t k = i; k-- > 0 && strcmp(r->maps[k].path, m->path) == 0;)
            first = &r->maps[k];
        uint64_t bias = first->start - first->offset;
        if (first->offset == 0 && is_fixed(m->path)) bias = 0;
        uint32_t module = im_target_module(r->target, m->path, bias);
        if (im_ranges_add(&r->ranges, m->start, m->size, module) != 0) return -1;
    }
    return 0;
}

static int begin(struct reader *r, const char *path, struct failure *f) {
    static const char *const none[] = {NULL};
    struct rec_source source = {.format =
                                    r->is_jemalloc ? "jemalloc heap_v2" : "gperftools heap profile",
                                .generator = "",
                                .time_unit = "",
                                .time_scale = 1,
                                .is_sampled = r->interval > 1};
    source.known = REC_KNOWS_LEAKED | REC_KNOWS_LEAKED_BLOCKS;
    /* jemalloc counts what was allocated only when told to (prof_accum). */
    if (r->sum.all > 0 || r->sum.live == 0) source.known |= REC_KNOWS_CALLS | REC_KNOWS_ALLOCATED;
    struct rec_process process = {.executable = "",
                                  .working_directory = "",
                                  .command = none,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    if (im_target_open(&r->target, path, &process, f) != 0) return -1;
    return make_modules(r) == 0 ? 0 : failure_set(f, "out of memory");
}

static int read_path(struct reader *r, const char *at, struct failure *f) {
    uint64_t address;
    r->path.count = 0;
    while (im_take_text(&at, "0x") == 0 && im_take_hex(&at, &address) == 0) {
        uint32_t module = im_ranges_find(&r->ranges, address);
        if (im_path_push(&r->path, im_target_address(r->target, module, address, 0)) != 0)
            return failure_set(f, "out of memory");
    }
    return 0;
}

/* An allocation of s bytes is sampled with probability 1 - exp(-s / interval). */
static void scale(const struct reader *r, uint64_t *count, uint64_t *bytes) {
    if (r->interval <= 1 || *count == 0 || *bytes == 0) return;
    double size = (double)*bytes / (double)*count;
    double factor = 1 / (1 - exp(-size / (double)r->interval));
    double n = (double)*count * factor, b = (double)*bytes * factor;
    if (n < 9e18) *count = (uint64_t)n;
    if (b < 9e18) *bytes = (uint64_t)b;
}

static void add(struct reader *r, struct figures x) {
    scale(r, &x.live, &x.live_bytes);
    scale(r, &x.all, &x.all_bytes);
    struct rec_node_totals t = {.node = im_path_node(&r->path, r->target),
                                .allocations = x.all,
                                .allocated_bytes = x.all_bytes,
                                .live_blocks = x.live,
                                .live_bytes = x.live_bytes};
    im_target_add(r->target, &t);
}

static int read_stacks(struct reader *r, struct failure *f) {
    struct figures x;
    char *line;
    size_t length;
    int more, has_path = 0, is_first = 1;
    while ((more = im_input_line(r->in, &line, &length, f)) == 1) {
        const char *at = line;
        if (strncmp(line, "MAPPED_LIBRARIES:", 17) == 0) break;
        if (is_first) {
            is_first = 0;
        } else if (im_take_text(&at, "@") == 0) {
            if (read_path(r, at, f) != 0) return -1;
            has_path = 1;
        } else if (r->is_jemalloc) {
            if (!has_path || im_take_text(&at, "t*:") != 0) continue;
            if (take_figures(&at, &x) != 0)
                return im_input_bad_line(r->in, f, "the figures of a call stack are incomplete");
            add(r, x);
            has_path = 0;
        } else if (line[strspn(line, " \r")] != '\0') {
            if (take_figures(&at, &x) != 0 || im_take_text(&at, "@") != 0)
                return im_input_bad_line(r->in, f, "the figures of a call stack are incomplete");
            if (read_path(r, at, f) != 0) return -1;
            add(r, x);
        }
    }
    return more < 0 ? -1 : 0;
}

static int read_heap_dump(struct im_input *in, const char *path, struct failure *f) {
    struct reader r = {.in = in};
    int failed = look(&r, f) != 0 || im_input_rewind(in, f) != 0 || begin(&r, path, f) != 0 ||
                 read_stacks(&r, f) != 0;
    if (failed)
        im_target_give_up(r.target);
    else
        failed = im_target_finish(r.target, f) != 0;
    for (size_t i = 0; i < r.map_count; i++)
        free(r.maps[i].path);
    free(r.maps);
    im_ranges_release(&r.ranges);
    im_path_release(&r.path);
    return failed ? -1 : 0;
}

static int sniff(const char *start, size_t length) {
    (void)length;
    return strncmp(start, "heap_v2/", 8) == 0 || strncmp(start, "heap profile:", 13) == 0;
}

const struct im_format im_heap_dump = {"jemalloc or gperftools", sniff, read_heap_dump};
