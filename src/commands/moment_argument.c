/* SPDX-License-Identifier: MIT
 * Reads moments of the command line. See moment_argument.h. */
#include "commands/moment_argument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/time_argument.h"
#include "export/quantity.h"

#define PREFIX "mark:"
#define LISTED 8 /* names or times in a message */

/* The things that a message lists. */
struct list {
    const char *names[LISTED];
    size_t count;
    char text[LISTED * 70];
};

static void add(struct list *l, const char *name) {
    size_t used = strlen(l->text);
    snprintf(l->text + used, sizeof l->text - used, "%s%.60s", used > 0 ? ", " : "", name);
    l->names[l->count++] = name;
}

/* The `number`th mark of a name (0: the only one), and how many there are. */
static const struct rec_mark *find(const struct rec_file *r, const char *name, size_t length,
                                   size_t number, size_t *found) {
    size_t count;
    const struct rec_mark *marks = rec_marks(r, &count), *which = NULL;
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        if (strlen(marks[i].name) != length || memcmp(marks[i].name, name, length) != 0) continue;
        if (++*found == number || number == 0) which = &marks[i];
    }
    return which;
}

static int unknown(const struct rec_file *r, const char *option, const char *text, int is_name,
                   struct failure *f) {
    struct list list = {.count = 0};
    size_t count;
    const struct rec_mark *marks = rec_marks(r, &count);
    const char *neither =
        is_name ? "no mark of the recording"
                : "not a time, as 1.5s, 200ms, 2m or 30%, nor a mark of the recording";
    if (count == 0)
        return failure_set(f, "%s %s: %s, which has none (heapwise_mark of the C API makes them)",
                           option, text, neither);
    int more = 0;
    for (size_t i = 0; i < count && !more; i++) {
        size_t k = 0;
        while (k < list.count && strcmp(list.names[k], marks[i].name) != 0)
            k++;
        if (k < list.count) continue;
        more = list.count == LISTED;
        if (!more) add(&list, marks[i].name);
    }
    return failure_set(f, "%s %s: %s; its marks are %s%s", option, text, neither, list.text,
                       more ? ", and more" : "");
}

static int ambiguous(const struct rec_file *r, const char *option, const char *name, size_t found,
                     struct failure *f) {
    struct list list = {.count = 0};
    for (size_t i = 1, all; i <= found && i <= LISTED; i++)
        add(&list, ex_duration(find(r, name, strlen(name), i, &all)->tick).text);
    return failure_set(f,
                       "%s %s: the recording has %zu marks of this name, at %s%s: write '%s#1' for "
                       "the first, and so on",
                       option, name, found, list.text, found > LISTED ? ", …" : "", name);
}

/* NAME, or NAME#NUMBER where no mark is called so. 1: there is none of the name. */
static int find_mark(struct moment_argument *out, const struct rec_file *r, const char *option,
                     const char *name, struct failure *f) {
    size_t found;
    out->mark = find(r, name, strlen(name), 0, &found);
    if (found > 1) return ambiguous(r, option, name, found, f);
    if (found == 1) return 0;
    const char *hash = strrchr(name, '#');
    if (hash == NULL || hash[1] < '1' || hash[1] > '9') return 1;
    char *end;
    unsigned long number = strtoul(hash + 1, &end, 10);
    out->mark = find(r, name, (size_t)(hash - name), number, &found);
    if (*end != '\0' || found == 0) return 1;
    if (out->mark != NULL) return 0;
    return failure_set(f, "%s %s: the recording has only %zu mark%s called %.*s", option, name,
                       found, found == 1 ? "" : "s", (int)(hash - name), name);
}

int moment_argument_read(struct moment_argument *out, const struct rec_file *r, const char *option,
                         const char *text, struct failure *f) {
    int is_name = strncmp(text, PREFIX, strlen(PREFIX)) == 0;
    int is_time =
        !is_name && time_argument_parse(text, rec_totals(r)->duration_ms, &out->tick) == 0;
    const char *name = is_name ? text + strlen(PREFIX) : text;
    int result = find_mark(out, r, option, name, f);
    if (is_time && result != 1)
        return failure_set(
            f,
            "%s %s: this is a time, and a mark is called so, too: write %s%s for the "
            "mark, or the time in another unit",
            option, text, PREFIX, text);
    if (result < 0) return -1;
    if (!is_time && result == 1) return unknown(r, option, text, is_name, f);
    if (is_time) {
        out->mark = NULL;
        snprintf(out->words, sizeof out->words, "%s", ex_duration(out->tick).text);
        return 0;
    }
    out->tick = out->mark->tick;
    snprintf(out->words, sizeof out->words, "'%.100s' (%s)", name, ex_duration(out->tick).text);
    return 0;
}
