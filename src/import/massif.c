/* SPDX-License-Identifier: MIT
 * Reads massif.out, of valgrind's massif and of the many tools that write its format: snapshots of
 * the heap's size, some of them with a tree of who allocated.
 *
 *   desc: …      cmd: …      time_unit: i
 *   snapshot=2   time=…      mem_heap_B=…   mem_heap_extra_B=…   mem_stacks_B=…   heap_tree=peak
 *   n2: BYTES (the allocation functions)
 *    n1: BYTES 0xADDRESS: FUNCTION (FILE:LINE)       a caller of the line above it, one blank
 * deeper n0: BYTES in 3 places, all below massif's threshold (1.00%)
 *
 * The trees of two snapshots are kept, that of the peak and that of the end. The file is read
 * twice: which snapshots those are is known only when all have been seen. A snapshot without a tree
 * counts as memory whose stack is not known. Blocks, calls and lifetimes are not in the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/format.h"
#include "import/numbers.h"
#include "import/path.h"
#include "import/valgrind_frame.h"
#include "import/words.h"

#define TICKS_MAX 100000

/* The part of a file that a snapshot is read from, again in each pass. */
struct snapshot {
    uint64_t number, time, bytes, extra;
    enum { TREE_EMPTY, TREE_DETAILED, TREE_PEAK } tree;
};

struct level {
    uint64_t left; /* bytes that no child has taken yet */
};

struct reader {
    struct im_input *in;
    struct im_target *target;
    char *command;
    char unit[8];
    uint64_t ns_a_unit;       /* 0: units are no time */
    size_t count, peak, last; /* numbers of snapshots, in the order of the file */
    uint64_t peak_bytes, last_time;
    int peak_is_marked;
    uint64_t scale;
    struct level *levels;
    size_t level_count, level_capacity;
    struct im_path path;
};

static int read_unit(struct reader *r, const char *text) {
    snprintf(r->unit, sizeof r->unit, "%.7s", text);
    r->ns_a_unit = strcmp(text, "ms") == 0 ? 1000000 : strcmp(text, "s") == 0 ? 1000000000 : 0;
    return 0;
}

/* "123" or "0.123", in thousandths where the unit is a second, so that nothing is lost. */
static uint64_t read_time(const struct reader *r, const char *text) {
    uint64_t whole = 0, part = 0;
    unsigned digits = 0;
    if (im_take_decimal(&text, &whole) != 0) return 0;
    if (*text == '.')
        for (text++; digits < 3 && *text >= '0' && *text <= '9'; digits++)
            part = part * 10 + (unsigned)(*text++ - '0');
    for (; digits < 3; digits++)
        part *= 10;
    return r->ns_a_unit == 1000000000 ? whole * 1000 + part : whole;
}

/* Reads a line of a snapshot's head. Returns 1 when the snapshot is complete: its tree is next. */
static int read_head(const struct reader *r, const char *line, struct snapshot *s) {
    if (strncmp(line, "time=", 5) == 0) s->time = read_time(r, line + 5);
    const char *at = line;
    if (im_take_text(&at, "mem_heap_B=") == 0) im_take_decimal(&at, &s->bytes);
    if (strncmp(line, "heap_tree=", 10) != 0) return 0;
    s->tree = strcmp(line + 10, "peak") == 0       ? TREE_PEAK
              : strcmp(line + 10, "detailed") == 0 ? TREE_DETAILED
                                                   : TREE_EMPTY;
    return 1;
}

static int look(struct reader *r, struct failure *f) {
    struct snapshot s = {0};
    char *line;
    size_t length;
    int more;
    while ((more = im_input_line(r->in, &line, &length, f)) == 1) {
        if (r->count == 0 && strncmp(line, "cmd: ", 5) == 0 && r->command == NULL)
            r->command = strdup(line + 5);
        if (strncmp(line, "time_unit: ", 11) == 0) read_unit(r, line + 11);
        if (strncmp(line, "snapshot=", 9) == 0) s = (struct snapshot){0};
        if (!read_head(r, line, &s)) continue;
        r->last = r->count;
        r->last_time = s.time;
        int is_peak = s.tree == TREE_PEAK || (!r->peak_is_marked && s.bytes > r->peak_bytes);
        if (is_peak) {
            r->peak = r->count;
            r->peak_bytes = s.bytes;
            r->peak_is_marked |= s.tree == TREE_PEAK;
        }
        r->count++;
    }
    if (more == 0 && r->count == 0)
        return failure_set(f, "%s has no snapshots", im_input_name(r->in));
    return more;
}

static int begin(struct reader *r, const char *path, struct failure *f) {
    static const char *const none[] = {NULL};
    struct im_words command;
    r->scale = r->ns_a_unit != 0 ? 1 : r->last_time / TICKS_MAX + 1;
    const char *unit = strcmp(r->unit, "i") == 0   ? "instructions"
                       : strcmp(r->unit, "B") == 0 ? "bytes allocated"
                                                   : r->unit;
    struct rec_source source = {.format = "massif",
                                .generator = "",
                                .time_unit = r->ns_a_unit != 0 ? "" : unit,
                                .time_scale = r->scale};
    source.known = REC_KNOWS_PEAK | REC_KNOWS_LEAKED | (r->ns_a_unit != 0 ? REC_KNOWS_TIME : 0);
    if (im_words_init(&command, r->command != NULL ? r->command : "") != 0)
        return failure_set(f, "out of memory");
    struct rec_process process = {.executable = "",
                                  .working_directory = "",
                                  .command = command.list,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    int failed = im_target_open(&r->target, path, &process, f);
    im_words_release(&command);
    return failed;
}

static void add(struct reader *r, uint32_t node, uint64_t bytes, int is_peak, int is_last) {
    struct rec_node_totals totals = {.node = node};
    if (is_peak) totals.peak_bytes = bytes;
    if (is_last) totals.live_bytes = bytes;
    if (bytes > 0) im_target_add(r->target, &totals);
}

/* Gives what no caller has taken of the levels from `depth` on to their own stacks. */
static void close_levels(struct reader *r, size_t depth, int is_peak, int is_last) {
    while (r->level_count > depth) {
        uint64_t left = r->levels[--r->level_count].left;
        if (left > 0) add(r, im_path_node(&r->path, r->target), left, is_peak, is_last);
        if (r->path.count > 0) r->path.count--;
    }
}

/* One line of a tree; its depth is the number of blanks before it. Returns 0 when it is none. */
static int read_branch(struct reader *r, char *line, int is_peak, int is_last, struct failure *f) {
    size_t depth = strspn(line, " ");
    const char *at = line + depth;
    uint64_t children, bytes;
    if (*at++ != 'n' || im_take_decimal(&at, &children) != 0 || *at++ != ':' ||
        im_take_decimal(&at, &bytes) != 0)
        return 0;
    if (depth > r->level_count)
        return im_input_bad_line(r->in, f, "it is deeper than the line above it allows");
    close_levels(r, depth, is_peak, is_last);
    if (depth > 0) {
        struct level *above = &r->levels[depth - 1];
        if (bytes > above->left) bytes = above->left;
        /* What lies below the threshold stays with the line above, whose callers are not known. */
        const char *rest = at + strspn(at, " ");
        if (strncmp(rest, "0x", 2) != 0 && strstr(rest, "massif's threshold") != NULL) return 1;
        above->left -= bytes;
    }
    if (r->level_count == r->level_capacity) {
        size_t capacity = r->level_capacity == 0 ? 64 : r->level_capacity * 2;
        struct level *levels = realloc(r->levels, capacity * sizeof *levels);
        if (levels == NULL) return failure_set(f, "out of memory");
        r->levels = levels;
        r->level_capacity = capacity;
    }
    r->levels[r->level_count++].left = bytes;
    while (*at == ' ')
        at++;
    if (depth > 0 && im_path_push(&r->path, im_valgrind_frame(r->target, (char *)at)) != 0)
        return failure_set(f, "out of memory");
    return 1;
}

static void point(struct reader *r, const struct snapshot *s) {
    uint64_t tick = s->time / r->scale;
    im_target_point(
        r->target, &(struct rec_time_point){.tick = tick < UINT32_MAX ? (uint32_t)tick : UINT32_MAX,
                                            .live_bytes = s->bytes,
                                            .peak_bytes = s->bytes});
    struct rec_totals *t = im_target_totals(r->target);
    if (tick > t->duration_ms) t->duration_ms = tick;
}

static int read_snapshots(struct reader *r, struct failure *f) {
    struct snapshot s = {0};
    size_t number = 0;
    char *line;
    size_t length;
    int more, in_tree = 0, is_peak = 0, is_last = 0;
    while ((more = im_input_line(r->in, &line, &length, f)) == 1) {
        if (in_tree) {
            int result = read_branch(r, line, is_peak, is_last, f);
            if (result < 0) return -1;
            if (result > 0) continue;
            close_levels(r, 0, is_peak, is_last);
            in_tree = 0;
        }
        if (strncmp(line, "snapshot=", 9) == 0) s = (struct snapshot){0};
        if (!read_head(r, line, &s)) continue;
        point(r, &s);
        is_peak = number == r->peak;
        is_last = number == r->last;
        number++;
        if (is_peak) im_target_totals(r->target)->peak_tick = s.time / r->scale;
        in_tree = (is_peak || is_last) && s.tree != TREE_EMPTY;
        if ((is_peak || is_last) && s.tree == TREE_EMPTY) add(r, 0, s.bytes, is_peak, is_last);
    }
    if (in_tree) close_levels(r, 0, is_peak, is_last);
    return more;
}

static int read_massif(struct im_input *in, const char *path, struct failure *f) {
    struct reader r = {.in = in};
    int failed = look(&r, f) != 0 || im_input_rewind(in, f) != 0 || begin(&r, path, f) != 0;
    if (!failed) {
        failed = read_snapshots(&r, f) != 0;
        if (failed)
            im_target_give_up(r.target);
        else
            failed = im_target_finish(r.target, f) != 0;
    }
    free(r.command);
    free(r.levels);
    im_path_release(&r.path);
    return failed ? -1 : 0;
}

static int sniff(const char *start, size_t length) {
    (void)length;
    return strncmp(start, "desc: ", 6) == 0 && strstr(start, "time_unit: ") != NULL;
}

const struct im_format im_massif = {"massif", sniff, read_massif};
