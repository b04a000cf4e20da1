/* SPDX-License-Identifier: MIT
 * Reads collapsed stacks, the input of flame graphs: a line for each call stack, outermost function
 * first, semicolons between, a blank and a whole number.
 *
 *   main;parse;malloc 4096
 *
 * The file does not say what it counts. It is taken for bytes at the peak, which is what heapwise
 * itself exports unless told otherwise. */
#include <string.h>

#include "import/format.h"
#include "import/numbers.h"

struct reader {
    struct im_input *in;
    struct im_target *target;
};

/* The blank before the number that ends the line; NULL when there is none. */
static char *find_number(char *line, size_t length, uint64_t *number) {
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\r'))
        line[--length] = '\0';
    char *blank = strrchr(line, ' ');
    if (blank == NULL || blank == line) return NULL;
    const char *at = blank + 1;
    return im_take_decimal(&at, number) == 0 && *at == '\0' ? blank : NULL;
}

static int read_line(struct reader *r, char *line, size_t length, struct failure *f) {
    uint64_t bytes;
    if (length == 0 || line[0] == '#') return 0;
    char *blank = find_number(line, length, &bytes);
    if (blank == NULL) return im_input_bad_line(r->in, f, "it does not end with a whole number");
    *blank = '\0';
    uint32_t node = 0;
    for (char *name = line, *end; name != NULL; name = end) {
        end = strchr(name, ';');
        if (end != NULL) *end++ = '\0';
        if (name[0] != '\0') {
            struct rec_frame frame = {.function = name};
            node = im_target_child(r->target, node, im_target_location(r->target, 0, 0, &frame, 1));
        }
    }
    im_target_add(r->target, &(struct rec_node_totals){.node = node, .peak_bytes = bytes});
    return 0;
}

static int read_collapsed(struct im_input *in, const char *path, struct failure *f) {
    static const char *const none[] = {NULL};
    struct rec_source source = {.format = "collapsed stacks",
                                .generator = "",
                                .time_unit = "",
                                .time_scale = 1,
                                .known = REC_KNOWS_PEAK};
    struct rec_process process = {.executable = "",
                                  .working_directory = "",
                                  .command = none,
                                  .environment_names = none,
                                  .host = "",
                                  .kernel = "",
                                  .clock = "",
                                  .source = &source};
    struct reader r = {.in = in};
    char *line;
    size_t length;
    int more, failed = im_target_open(&r.target, path, &process, f) != 0;
    while (!failed && (more = im_input_line(in, &line, &length, f)) != 0)
        failed = more < 0 || read_line(&r, line, length, f) != 0;
    if (failed)
        im_target_give_up(r.target);
    else
        failed = im_target_finish(r.target, f) != 0;
    return failed ? -1 : 0;
}

/* The first line that is no remark must be a stack, of printable characters alone. */
static int sniff(const char *start, size_t length) {
    while (start[0] == '#') {
        const char *end = strchr(start, '\n');
        if (end == NULL) return 0;
        length -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    const char *end = memchr(start, '\n', length);
    size_t line = end != NULL ? (size_t)(end - start) : length;
    size_t digits = 0;
    while (digits < line && start[line - 1 - digits] >= '0' && start[line - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || digits + 2 > line || start[line - 1 - digits] != ' ') return 0;
    for (size_t i = 0; i < line; i++)
        if ((unsigned char)start[i] < ' ' && start[i] != '\t') return 0;
    return 1;
}

const struct im_format im_collapsed = {"collapsed stacks", sniff, read_collapsed};
