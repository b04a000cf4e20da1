/* SPDX-License-Identifier: MIT
 * Reads heaptrack's files, of format 0 to 3, as heaptrack's library writes them (raw) and as its
 * interpreter leaves them: lines of a letter and hexadecimal numbers.
 *
 *   v VERSION FORMAT     X COMMAND       I PAGE-SIZE PAGES     c MILLISECONDS     R RSS-PAGES
 *   s TEXT               a string; from format 3 on its length stands before it
 *   S LINE               a line of the program's list of leaks to suppress, likewise
 *   t WHERE PARENT       a call stack; WHERE is an address (raw) or the number of an i line
 *   raw:          x EXECUTABLE, m FILE BIAS (START SIZE)…, + SIZE STACK ADDRESS, - ADDRESS
 *   interpreted:  i ADDRESS MODULE (FUNCTION FILE LINE)…, a SIZE STACK, + A, - A
 *
 * Numbers of lines of one letter begin at 1, but those of a lines at 0; 0 is none. Of a free, an
 * interpreted file tells only the size and the stack of its block: the newest such block is taken,
 * which leaves the state of every stack right at every moment, and lifetimes unknown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/format.h"
#include "import/heaptrack_reader.h"
#include "import/numbers.h"

#define FORMAT_NEWEST 3
#define INLINED_MAX 256

int im_heaptrack_out_of_memory(const struct im_heaptrack_reader *r, struct failure *f) {
    return failure_set(f, "cannot read %s: out of memory", im_input_name(r->in));
}

static int grow(void **array, size_t *capacity, size_t count, size_t entry) {
    if (count < *capacity) return 0;
    size_t wanted = *capacity == 0 ? 1024 : *capacity * 2;
    void *grown = realloc(*array, wanted * entry);
    if (grown == NULL) return -1;
    *array = grown;
    *capacity = wanted;
    return 0;
}

static int begin(struct im_heaptrack_reader *r, struct failure *f) {
    char format[64], generator[64];
    r->has_pointers = r->is_raw || r->format == 0;
    snprintf(format, sizeof format, "heaptrack %llu%s", (unsigned long long)r->format,
             r->is_raw ? ", raw" : "");
    snprintf(generator, sizeof generator, "heaptrack %u.%u.%u", (unsigned)(r->version >> 16) & 255,
             (unsigned)(r->version >> 8) & 255, (unsigned)r->version & 255);
    struct rec_source source = {
        .format = format, .generator = generator, .time_unit = "", .time_scale = 1};
    source.known = REC_KNOWS_TIME | REC_KNOWS_EVENTS | REC_KNOWS_FREES | REC_KNOWS_CALLS |
                   REC_KNOWS_ALLOCATED | REC_KNOWS_PEAK | REC_KNOWS_PEAK_BLOCKS | REC_KNOWS_LEAKED |
                   REC_KNOWS_LEAKED_BLOCKS | REC_KNOWS_SIZES | REC_KNOWS_RSS;
    if (r->has_pointers) source.known |= REC_KNOWS_LIFETIMES;
    static const char *const none[] = {NULL};
    struct rec_process process = {.page_size = (uint32_t)r->page_size,
                                  .executable = r->executable != NULL ? r->executable : "",
                                  .working_directory = "",
                                  .command = r->command.list,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    return im_target_open(&r->target, r->path, &process, f);
}

/* The text at `at`, up to the length that format 3 gives, and past it. */
static int take_string(const struct im_heaptrack_reader *r, const char **at, const char *end,
                       char **out, struct failure *f) {
    uint64_t length = (uint64_t)(end - *at);
    if (r->format >= 3) {
        if (im_take_hex(at, &length) != 0 || **at != ' ' || length > (uint64_t)(end - *at - 1))
            return im_input_bad_line(r->in, f, "the length of its text is wrong");
        (*at)++;
    }
    *out = strndup(*at, length);
    *at += length;
    return *out != NULL ? 0 : im_heaptrack_out_of_memory(r, f);
}

static int read_version(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    if (im_take_hex(&at, &r->version) != 0)
        return im_input_bad_line(r->in, f, "it names no version of heaptrack");
    /* The first release that counted formats wrote its own version alone. */
    if (im_take_hex(&at, &r->format) != 0) r->format = r->version == 0x010200 ? 1 : 0;
    if (r->format > FORMAT_NEWEST)
        return failure_set(
            f,
            "%s has heaptrack's format %llu, and this heapwise reads up to %d: use a "
            "newer heapwise",
            im_input_name(r->in), (unsigned long long)r->format, FORMAT_NEWEST);
    return 0;
}

static int read_executable(struct im_heaptrack_reader *r, const char *at, const char *end,
                           struct failure *f) {
    r->is_raw = 1;
    free(r->executable);
    r->executable = NULL;
    return take_string(r, &at, end, &r->executable, f);
}

/* "-" forgets all modules, "x" is the executable. */
static int read_module(struct im_heaptrack_reader *r, const char *at, const char *end,
                       struct failure *f) {
    char *name = NULL;
    uint64_t bias, start, size;
    if (r->format >= 3) {
        if (at[0] == '-' && at + 1 == end) {
            im_ranges_clear(&r->modules);
            return 0;
        }
        if (take_string(r, &at, end, &name, f) != 0) return -1;
    } else {
        const char *blank = strchr(at, ' ');
        name = strndup(at, blank != NULL ? (size_t)(blank - at) : (size_t)(end - at));
        if (name == NULL) return im_heaptrack_out_of_memory(r, f);
        at += strlen(name);
    }
    if (strcmp(name, "-") == 0) {
        im_ranges_clear(&r->modules);
        free(name);
        return 0;
    }
    int result = 0;
    if (im_take_hex(&at, &bias) != 0) {
        result = im_input_bad_line(r->in, f, "the module has no address");
    } else {
        int is_executable = strcmp(name, "x") == 0 && r->executable != NULL;
        uint32_t module = im_target_module(r->target, is_executable ? r->executable : name, bias);
        while (result == 0 && im_take_hex(&at, &start) == 0 && im_take_hex(&at, &size) == 0)
            if (im_ranges_add(&r->modules, bias + start, size, module) != 0)
                result = im_heaptrack_out_of_memory(r, f);
    }
    free(name);
    return result;
}

static int read_string(struct im_heaptrack_reader *r, const char *at, const char *end,
                       struct failure *f) {
    if (grow((void **)&r->strings, &r->string_capacity, r->string_count, sizeof *r->strings) != 0)
        return im_heaptrack_out_of_memory(r, f);
    if (take_string(r, &at, end, &r->strings[r->string_count], f) != 0) return -1;
    r->string_count++;
    return 0;
}

static int string_at(const struct im_heaptrack_reader *r, uint64_t number, const char **out,
                     struct failure *f) {
    *out = NULL;
    if (number == 0) return 0;
    if (number > r->string_count)
        return im_input_bad_line(r->in, f, "there is no text %llu", (unsigned long long)number);
    *out = r->strings[number - 1];
    return 0;
}

static int read_instruction(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    struct rec_frame frames[INLINED_MAX];
    uint64_t address, number, function;
    const char *module;
    size_t count = 0;
    if (im_take_hex(&at, &address) != 0 || im_take_hex(&at, &number) != 0)
        return im_input_bad_line(r->in, f, "the code address is incomplete");
    if (string_at(r, number, &module, f) != 0) return -1;
    while (count < INLINED_MAX && im_take_hex(&at, &function) == 0) {
        uint64_t file = 0, line = 0;
        struct rec_frame *frame = &frames[count++];
        if (im_take_hex(&at, &file) == 0 && im_take_hex(&at, &line) != 0) line = 0;
        if (string_at(r, function, &frame->function, f) != 0 ||
            string_at(r, file, &frame->file, f) != 0)
            return -1;
        frame->line = line < UINT32_MAX ? (uint32_t)line : 0;
        frame->inlined = 1;
    }
    if (count > 0) frames[count - 1].inlined = 0;
    if (grow((void **)&r->locations, &r->location_capacity, r->location_count,
             sizeof *r->locations) != 0)
        return im_heaptrack_out_of_memory(r, f);
    r->locations[r->location_count++] = im_target_location(
        r->target, im_target_module(r->target, module, 0), address, frames, count);
    return 0;
}

static int read_trace(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t where, parent;
    uint32_t location;
    if (im_take_hex(&at, &where) != 0 || im_take_hex(&at, &parent) != 0)
        return im_input_bad_line(r->in, f, "the call stack is incomplete");
    if (parent > r->traces)
        return im_input_bad_line(r->in, f, "there is no call stack %llu",
                                 (unsigned long long)parent);
    if (r->is_raw) {
        location = im_target_address(r->target, im_ranges_find(&r->modules, where), where, 0);
    } else {
        if (where == 0 || where > r->location_count)
            return im_input_bad_line(r->in, f, "there is no code address %llu",
                                     (unsigned long long)where);
        location = r->locations[where - 1];
    }
    if (im_target_node(r->target, (uint32_t)parent, location) == 0)
        return im_heaptrack_out_of_memory(r, f);
    r->traces++;
    return 0;
}

/* heaptrack 1.4 writes a length before the line in format 3, and its own reader looks for none. */
static int read_suppression(struct im_heaptrack_reader *r, const char *at, const char *end,
                            struct failure *f) {
    char *line = NULL;
    uint64_t length;
    const char *digits = at;
    int is_sized = r->format >= 3 && im_take_hex(&digits, &length) == 0 && *digits == ' ';
    if (is_sized && take_string(r, &at, end, &line, f) != 0) return -1;
    const char *text = is_sized ? line : at;
    size_t used = r->suppression_bytes, size = strlen(text) + 1;
    int failed = 0;
    while (!failed && used + size + 1 > r->suppression_capacity)
        failed = grow((void **)&r->suppressions, &r->suppression_capacity, r->suppression_capacity,
                      1) != 0;
    if (!failed) {
        memcpy(r->suppressions + used, text, size - 1);
        memcpy(r->suppressions + used + size - 1, "\n", 2);
        r->suppression_bytes += size;
    }
    free(line);
    return failed ? im_heaptrack_out_of_memory(r, f) : 0;
}

/* Facts of the process come before everything else. Returns 1 when the line is one. */
static int read_fact(struct im_heaptrack_reader *r, const char *line, const char *end,
                     struct failure *f) {
    const char *at = line[0] != '\0' && line[1] == ' ' ? line + 2 : end;
    switch (line[0]) {
    case '\0':
    case '#':
    case 'A': /* the tool was attached */
        return 1;
    case 'S':
        return read_suppression(r, at, end, f) == 0 ? 1 : -1;
    case 'v':
        return read_version(r, at, f) == 0 ? 1 : -1;
    case 'x':
        return read_executable(r, at, end, f) == 0 ? 1 : -1;
    case 'X':
        im_words_release(&r->command);
        return im_words_init(&r->command, at) == 0 ? 1 : im_heaptrack_out_of_memory(r, f);
    case 'I':
        if (im_take_hex(&at, &r->page_size) != 0 || r->page_size > 1u << 30) r->page_size = 0;
        return 1;
    default:
        return 0;
    }
}

static int read_line(struct im_heaptrack_reader *r, const char *line, size_t length,
                     struct failure *f) {
    const char *end = line + length;
    int fact = read_fact(r, line, end, f);
    if (fact != 0) return fact < 0 ? -1 : 0;
    const char *at = line[1] == ' ' ? line + 2 : end;
    if (r->target == NULL) {
        r->is_raw |= line[0] == 'm';
        if (begin(r, f) != 0) return -1;
    }
    switch (line[0]) {
    case 's':
        return read_string(r, at, end, f);
    case 'm':
        return read_module(r, at, end, f);
    case 'i':
        return read_instruction(r, at, f);
    case 't':
        return read_trace(r, at, f);
    case 'a':
    case '+':
    case '-':
    case 'c':
    case 'R':
        return im_heaptrack_event(r, line[0], at, f);
    default:
        return im_input_bad_line(r->in, f, "heaptrack has no lines that begin so");
    }
}

static void release(struct im_heaptrack_reader *r) {
    for (size_t i = 0; i < r->string_count; i++)
        free(r->strings[i]);
    free(r->strings);
    free(r->locations);
    free(r->executable);
    free(r->suppressions);
    im_words_release(&r->command);
    im_ranges_release(&r->modules);
    im_block_map_release(&r->pointers);
    im_heaptrack_live_release(&r->live);
}

static int read_heaptrack(struct im_input *in, const char *path, struct failure *f) {
    struct im_heaptrack_reader r = {.in = in, .path = path};
    char *line;
    size_t length;
    int more, failed = 0;
    while (!failed && (more = im_input_line(in, &line, &length, f)) != 0) {
        /* A program that was killed leaves half a line, whose numbers are not those that were
         * meant. */
        if (more > 0 && !im_input_line_is_whole(in)) {
            im_input_note_cut(in);
            break;
        }
        failed = more < 0 || read_line(&r, line, length, f) != 0;
    }
    if (!failed && r.target == NULL) failed = begin(&r, f) != 0;
    if (!failed && r.suppressions != NULL)
        im_target_suppressions(r.target, r.suppressions, im_input_name(in));
    if (failed)
        im_target_give_up(r.target);
    else
        failed = im_target_finish(r.target, f) != 0;
    release(&r);
    return failed ? -1 : 0;
}

static int sniff(const char *start, size_t length) {
    uint64_t version;
    const char *at = start + 1;
    return length > 3 && start[0] == 'v' && start[1] == ' ' && im_take_hex(&at, &version) == 0 &&
           (*at == ' ' || *at == '\n');
}

const struct im_format im_heaptrack = {"heaptrack", sniff, read_heaptrack};
