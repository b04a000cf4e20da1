/* SPDX-License-Identifier: MIT
 * heaptrack's interpreted format, version 3, which heaptrack_print and heaptrack_gui read.
 *
 * A line for each thing, numbers in hexadecimal; things are numbered in the order of their lines:
 *   s LENGTH TEXT                            a text; 0 stands for none, so the first is 1
 *   i ADDRESS MODULE [FUNCTION FILE LINE]…   an address with its frames, innermost first; from 1
 *   t ADDRESS CALLER                         a call stack; from 1, and 0 is the one without frames
 *   a SIZE STACK                             a kind of allocation; from 0
 *   + KIND, - KIND                           one of that kind began, ended
 *   c MILLISECONDS, R PAGES                  time, and the resident set
 * Things are written when they are first needed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"
#include "export/event_walk.h"
#include "export/pair_table.h"
#include "recording/reader.h"

#define HEAPTRACK_VERSION 0x10400 /* that of the program whose files look like this */
#define FORMAT_VERSION 3

struct heaptrack {
    FILE *out;
    struct ex_export *e;
    const struct rec_node *nodes;
    const struct rec_address *addresses;
    size_t node_count, address_count, module_count;
    uint32_t *trace_of;                  /* by node; 0: not written yet */
    uint32_t *ip_of;                     /* by address; 0: likewise */
    uint32_t *function_text, *file_text; /* by function; 0: likewise */
    uint32_t *module_text;               /* by module */
    uint32_t texts, ips, traces;
    struct ex_pair_table kinds; /* (size, node) */
    uint32_t *path;             /* of nodes that are to be written */
    size_t path_capacity;
    const struct rec_time_point *points;
    size_t point_count, next_point;
    uint64_t tick;
    uint32_t page_size;
};

static uint32_t put_text(struct heaptrack *h, const char *text) {
    size_t length = text != NULL ? strlen(text) : 0;
    if (length == 0) return 0;
    fprintf(h->out, "s %zx ", length);
    /* A line break would end the line for readers that go by lines. */
    for (const char *c = text; *c != '\0'; c++)
        putc_unlocked(*c == '\n' || *c == '\r' ? ' ' : *c, h->out);
    putc_unlocked('\n', h->out);
    return ++h->texts;
}

static uint32_t text_once(struct heaptrack *h, uint32_t *known, const char *text) {
    if (*known == 0) *known = put_text(h, text);
    return *known;
}

static uint32_t put_ip(struct heaptrack *h, uint32_t address) {
    const struct rec_address *a = &h->addresses[address];
    const struct an_frames *t = h->e->frames;
    size_t count;
    const uint32_t *frames = an_frames_of(t, address, &count);
    uint32_t module = a->module < h->module_count ? a->module : 0;
    uint32_t module_text = text_once(h, &h->module_text[module], an_name_module(t, module));
    for (size_t i = 0; i < count; i++) {
        uint32_t n = t->frames[frames[i]].function;
        if (t->functions[n].name == NULL && !t->functions[n].stopped) continue;
        text_once(h, &h->function_text[n], ex_function_label(h->e, n));
        text_once(h, &h->file_text[n], t->functions[n].file);
    }
    fprintf(h->out, "i %" PRIx64 " %" PRIx32, a->address, module_text);
    for (size_t i = 0; i < count; i++) {
        const struct an_frame *frame = &t->frames[frames[i]];
        uint32_t function = h->function_text[frame->function];
        if (function != 0)
            fprintf(h->out, " %" PRIx32 " %" PRIx32 " %" PRIx32, function,
                    h->file_text[frame->function], frame->line);
    }
    putc_unlocked('\n', h->out);
    return ++h->ips;
}

/* Writes a node's stack, callers first; what is written already is not written again. */
static int put_trace(struct heaptrack *h, uint32_t node, struct failure *f) {
    size_t depth = 0;
    for (uint32_t n = node; n != 0 && h->trace_of[n] == 0; n = h->nodes[n].parent) {
        if (h->nodes[n].parent >= n || h->nodes[n].address >= h->address_count)
            return failure_set(f,
                               "the recording's call stack %" PRIu32 " cannot be true; "
                               "`heapwise fsck` tells what is damaged",
                               n);
        if (depth == h->path_capacity) {
            size_t capacity = h->path_capacity ? h->path_capacity * 2 : 256;
            uint32_t *grown = realloc(h->path, capacity * sizeof *grown);
            if (grown == NULL) return failure_set(f, "cannot write a call stack: out of memory");
            h->path = grown;
            h->path_capacity = capacity;
        }
        h->path[depth++] = n;
    }
    while (depth-- > 0) {
        const struct rec_node *n = &h->nodes[h->path[depth]];
        if (h->ip_of[n->address] == 0) h->ip_of[n->address] = put_ip(h, n->address);
        fprintf(h->out, "t %" PRIx32 " %" PRIx32 "\n", h->ip_of[n->address],
                h->trace_of[n->parent]);
        h->trace_of[h->path[depth]] = ++h->traces;
    }
    return 0;
}

/* Time has come to `tick`; what the process had resident before is told on the way. */
static void put_time(struct heaptrack *h, uint64_t tick) {
    while (h->next_point < h->point_count && h->points[h->next_point].tick < tick) {
        const struct rec_time_point *p = &h->points[h->next_point++];
        if (p->tick < h->e->profile->from_tick || p->rss_bytes == 0) continue;
        fprintf(h->out, "R %" PRIx64 "\n", p->rss_bytes / h->page_size);
    }
    if (tick == h->tick) return;
    h->tick = tick;
    fprintf(h->out, "c %" PRIx64 "\n", tick - h->e->profile->from_tick);
}

static int birth(void *context, const struct ex_event *x, uint32_t *tag, struct failure *f) {
    struct heaptrack *h = context;
    put_time(h, x->tick);
    size_t known = h->kinds.count;
    uint32_t kind = ex_pair_number(&h->kinds, x->size, x->node);
    if (kind == EX_NO_PAIR) return failure_set(f, "cannot number allocations: out of memory");
    if (kind == known) {
        if (put_trace(h, x->node, f) != 0) return -1;
        fprintf(h->out, "a %" PRIx64 " %" PRIx32 "\n", x->size, h->trace_of[x->node]);
    }
    fprintf(h->out, "+ %" PRIx32 "\n", kind);
    *tag = kind;
    return 0;
}

static int end(void *context, const struct ex_event *x, struct failure *f) {
    struct heaptrack *h = context;
    (void)f;
    put_time(h, x->tick);
    fprintf(h->out, "- %" PRIx32 "\n", x->tag);
    return 0;
}

static void put_head(struct heaptrack *h) {
    const struct rec_process *p = rec_process(h->e->file);
    fprintf(h->out, "v %x %x\nX", HEAPTRACK_VERSION, FORMAT_VERSION);
    for (const char *const *word = p->command; word != NULL && *word != NULL; word++) {
        putc_unlocked(' ', h->out);
        for (const char *c = *word; *c != '\0'; c++)
            putc_unlocked((unsigned char)*c < ' ' ? ' ' : *c, h->out);
    }
    /* How much memory the machine had is not recorded: 0 pages. */
    fprintf(h->out, "\nI %" PRIx32 " 0\n", h->page_size);
    /* Of all texts these have no length before them: so heaptrack's readers take them. */
    const struct an_suppressions *s = h->e->suppressions;
    for (size_t i = 0; s != NULL && i < s->count; i++)
        fprintf(h->out, "S leak:%s\n", s->list[i].pattern);
}

static int init(struct heaptrack *h, struct failure *f) {
    struct rec_file *r = h->e->file;
    size_t functions = h->e->frames->function_count;
    h->nodes = rec_nodes(r, &h->node_count, f);
    h->addresses = rec_addresses(r, &h->address_count, f);
    rec_modules(r, &h->module_count);
    h->points = rec_timeline(r, &h->point_count);
    h->page_size = rec_process(r)->page_size != 0 ? rec_process(r)->page_size : 4096;
    h->tick = h->e->profile->from_tick;
    if (h->nodes == NULL || (h->addresses == NULL && h->address_count > 0)) return -1;
    h->trace_of = calloc(h->node_count + 1, sizeof *h->trace_of);
    h->ip_of = calloc(h->address_count + 1, sizeof *h->ip_of);
    h->function_text = calloc(functions + 1, sizeof *h->function_text);
    h->file_text = calloc(functions + 1, sizeof *h->file_text);
    h->module_text = calloc(h->module_count + 1, sizeof *h->module_text);
    if (h->trace_of == NULL || h->ip_of == NULL || h->function_text == NULL ||
        h->file_text == NULL || h->module_text == NULL)
        return failure_set(f, "cannot number call stacks: out of memory");
    return 0;
}

int ex_heaptrack(FILE *out, struct ex_export *e, struct failure *f) {
    struct heaptrack h = {.out = out, .e = e};
    struct ex_event_walk walk = {&h, REC_KNOWS_EVENTS, birth, end};
    int failed = init(&h, f);
    if (!failed) {
        put_head(&h);
        failed = ex_event_walk(e, &walk, f);
        uint64_t last = e->profile->to_tick, duration = rec_totals(e->file)->duration_ms;
        put_time(&h, last < duration ? last : duration);
    }
    free(h.trace_of);
    free(h.ip_of);
    free(h.function_text);
    free(h.file_text);
    free(h.module_text);
    free(h.path);
    ex_pair_table_release(&h.kinds);
    return failed ? -1 : 0;
}
