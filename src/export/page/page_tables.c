/* SPDX-License-Identifier: MIT
 * The tables of a page: names, functions, frames, rows. */
#include "export/page/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "analysis/plumbing.h"

#define SHORT_NAME_COLUMNS 60
#define FLAG_CALLERS_UNKNOWN 4 /* AN_PLUMBING_WRAPPER and _RUNTIME are 1 and 2 */
#define FLAG_NAMELESS 8
#define FLAG_PRUNED 16

_Static_assert(AN_PLUMBING_WRAPPER == 1 && AN_PLUMBING_RUNTIME == 2, "these are sent as flags");

/* The strings that go into one section, each kept once when it comes again right after; offset 0 is
 * the empty string. */
struct string_pool {
    FILE *out;
    char *bytes;
    size_t size;
    uint32_t used;
};

static int pool_init(struct string_pool *s) {
    *s = (struct string_pool){0};
    s->out = open_memstream(&s->bytes, &s->size);
    if (s->out == NULL) return -1;
    fputc('\0', s->out);
    s->used = 1;
    return 0;
}

static uint32_t pool_add(struct string_pool *s, const char *text) {
    if (text == NULL || text[0] == '\0') return 0;
    size_t length = strlen(text) + 1;
    if (length > UINT32_MAX - s->used) return 0;
    uint32_t at = s->used;
    fwrite(text, 1, length, s->out);
    s->used += (uint32_t)length;
    return at;
}

static void pool_finish(struct string_pool *s, struct container *c) {
    int failed = ferror(s->out);
    if (fclose(s->out) != 0 || failed) {
        free(s->bytes);
        s->bytes = NULL;
    }
    container_add(c, "strings", CONTAINER_UTF8, s->bytes, s->size);
}

static void add_modules(const struct page *p, struct container *c, struct string_pool *s) {
    size_t count;
    const struct rec_module *modules = rec_modules(p->file, &count);
    uint32_t *path = malloc((count + 1) * sizeof *path);
    for (size_t i = 0; path != NULL && i < count; i++)
        path[i] = i == 0 ? 0 : pool_add(s, modules[i].path);
    container_add(c, "modules.path", CONTAINER_U32, path, count);
}

struct function_columns {
    uint32_t *name, *brief, *file, *module;
    uint8_t *flags;
};

/* Functions of one file mostly follow each other, so that its name is kept once for all of them. */
static void fill_functions(const struct page *p, struct function_columns *to,
                           const uint8_t *plumbing, struct string_pool *s) {
    struct an_frames *frames = (struct an_frames *)&p->frames; /* all names are made */
    const char *last_file = NULL;
    uint32_t last_file_at = 0;
    for (size_t i = 0; i < frames->function_count; i++) {
        const struct an_function *n = &frames->functions[i];
        const char *full = an_name_full(frames, (uint32_t)i);
        char *brief = an_name_short(frames, (uint32_t)i, SHORT_NAME_COLUMNS);
        uint32_t brief_at;
        to->name[i] = pool_add(s, full != NULL ? full : brief);
        brief_at = brief == NULL || full == NULL || strcmp(brief, full) == 0 ? to->name[i]
                                                                             : pool_add(s, brief);
        free(brief);
        to->brief[i] = brief_at;
        if (n->file != last_file &&
            (n->file == NULL || last_file == NULL || strcmp(n->file, last_file) != 0))
            last_file_at = pool_add(s, n->file);
        last_file = n->file;
        to->file[i] = last_file_at;
        to->module[i] = n->module;
        to->flags[i] = (uint8_t)(plumbing[i] | (n->stopped ? FLAG_CALLERS_UNKNOWN : 0) |
                                 (n->name == NULL ? FLAG_NAMELESS : 0) |
                                 (i == p->pruned_function ? FLAG_PRUNED : 0));
    }
}

static void add_functions(const struct page *p, struct container *c, struct string_pool *s) {
    size_t count = p->frames.function_count;
    uint8_t *plumbing = an_plumbing_build((struct an_frames *)&p->frames);
    struct function_columns to = {malloc((count + 1) * 4), malloc((count + 1) * 4),
                                  malloc((count + 1) * 4), malloc((count + 1) * 4),
                                  malloc(count + 1)};
    if (plumbing != NULL && to.name != NULL && to.brief != NULL && to.file != NULL &&
        to.module != NULL && to.flags != NULL)
        fill_functions(p, &to, plumbing, s);
    else
        c->out_of_memory = 1;
    free(plumbing);
    container_add(c, "functions.name", CONTAINER_U32, to.name, count);
    container_add(c, "functions.short", CONTAINER_U32, to.brief, count);
    container_add(c, "functions.file", CONTAINER_U32, to.file, count);
    container_add(c, "functions.module", CONTAINER_U32, to.module, count);
    container_add(c, "functions.flags", CONTAINER_U8, to.flags, count);
}

static void add_frames(const struct page *p, struct container *c) {
    size_t count = p->frames.frame_count;
    uint32_t *function = malloc((count + 1) * sizeof *function);
    uint32_t *line = malloc((count + 1) * sizeof *line);
    uint8_t *flags = malloc(count + 1);
    for (size_t i = 0; function != NULL && line != NULL && flags != NULL && i < count; i++) {
        function[i] = p->frames.frames[i].function;
        line[i] = p->frames.frames[i].line;
        flags[i] = p->frames.frames[i].inlined;
    }
    container_add(c, "frames.function", CONTAINER_U32, function, count);
    container_add(c, "frames.line", CONTAINER_U32, line, count);
    container_add(c, "frames.flags", CONTAINER_U8, flags, count);
}

static uint32_t *copy_of(const uint32_t *from, size_t count) {
    uint32_t *copy = malloc((count + 1) * sizeof *copy);
    if (copy != NULL) memcpy(copy, from, count * sizeof *copy);
    return copy;
}

int page_tables(const struct page *p, struct payload *out, struct failure *f) {
    struct container c;
    struct string_pool strings;
    container_init(&c, p->style);
    if (pool_init(&strings) != 0) {
        container_release(&c);
        return failure_set(f, "cannot list the names: out of memory");
    }
    add_modules(p, &c, &strings);
    add_functions(p, &c, &strings);
    pool_finish(&strings, &c);
    add_frames(p, &c);
    container_add_distances(&c, "rows.parent", copy_of(p->row_parent, p->row_count), p->row_count);
    container_add(&c, "rows.frame", CONTAINER_U32, copy_of(p->row_frame, p->row_count),
                  p->row_count);
    return container_finish(&c, out, f);
}
