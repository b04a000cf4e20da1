/* SPDX-License-Identifier: MIT
 * massif's format, for ms_print and massif-visualizer: snapshots of the heap over time. Some have a
 * tree of who holds it, among them the peak, at its very moment, and the end.
 *
 * In a tree every line is a function that allocates, with its callers below it, as massif does it:
 *   n3: 4000 0x1234: grow (app.c:12)
 * says that grow holds 4000 bytes, and that three lines below it divide them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/known.h"
#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "analysis/tree.h"
#include "export/export.h"
#include "export/live_series.h"
#include "recording/reader.h"

#define SNAPSHOTS 100
#define DETAILED_EVERY 10
#define THRESHOLD 0.01 /* of a snapshot, as massif has it when not told otherwise */
#define DEPTH_MAX 30   /* likewise */

enum detail { DETAIL_EMPTY, DETAIL_TREE, DETAIL_PEAK };

struct massif {
    FILE *out;
    struct ex_export *e;
    const struct rec_address *addresses;
    uint32_t *address_of; /* by frame: an address that shows it */
    uint8_t *is_alloc_fn; /* by function, as an_tree_init takes plumbing */
    size_t number;        /* of the next snapshot */
};

/* The tree of one snapshot. */
struct heap_tree {
    struct massif *m;
    struct an_tree tree;
    uint64_t least;
};

static void put_place(struct massif *m, const struct heap_tree *t, const struct an_branch *b) {
    struct an_frames *frames = m->e->frames;
    if (b->function == REC_NONE) {
        fputs("0x0: ???", m->out);
        return;
    }
    const struct an_function *n = &frames->functions[b->function];
    uint32_t frame = t->tree.stacks->rows[b->members[0].cursor].frame;
    size_t others;
    uint32_t line = an_branch_line(&t->tree, b, &others);
    fprintf(m->out, "0x%" PRIX64 ": ", m->addresses[m->address_of[frame]].address);
    for (const char *c = ex_function_label(m->e, b->function); *c != '\0'; c++)
        putc_unlocked((unsigned char)*c < ' ' ? ' ' : *c, m->out);
    const char *module = an_name_module(frames, n->module);
    if (n->file != NULL)
        fprintf(m->out, " (%s:%" PRIu32 ")", an_name_base(n->file), line);
    else if (module != NULL)
        fprintf(m->out, " (in %s)", module);
}

static void put_indent(FILE *out, size_t depth) {
    for (size_t i = 0; i < depth; i++)
        putc_unlocked(' ', out);
}

static int put_branches(struct heap_tree *t, struct an_branches *list, size_t depth,
                        struct failure *f);

/* How many lines a list of branches takes: those that are large enough, and one for all others. */
static size_t count_lines(const struct heap_tree *t, const struct an_branches *list) {
    size_t large = 0;
    while (large < list->count && list->list[large].amount.main >= t->least)
        large++;
    return large < list->count ? large + 1 : large;
}

static int put_branch(struct heap_tree *t, const struct an_branch *b, size_t depth,
                      struct failure *f) {
    struct an_branches callers = {0};
    if (depth < DEPTH_MAX && an_tree_expand(&t->tree, b, &callers, f) != 0) return -1;
    put_indent(t->m->out, depth);
    fprintf(t->m->out, "n%zu: %" PRIu64 " ", count_lines(t, &callers), b->amount.main);
    put_place(t->m, t, b);
    putc_unlocked('\n', t->m->out);
    int failed = put_branches(t, &callers, depth + 1, f);
    an_branches_release(&callers);
    return failed;
}

static int put_branches(struct heap_tree *t, struct an_branches *list, size_t depth,
                        struct failure *f) {
    uint64_t rest = 0;
    size_t i = 0;
    for (; i < list->count && list->list[i].amount.main >= t->least; i++)
        if (put_branch(t, &list->list[i], depth, f) != 0) return -1;
    if (i == list->count) return 0;
    size_t places = list->count - i;
    for (; i < list->count; i++)
        rest += list->list[i].amount.main;
    put_indent(t->m->out, depth);
    fprintf(t->m->out, "n0: %" PRIu64 " in %zu place%s, %sbelow massif's threshold (%.2f%%)\n",
            rest, places, places == 1 ? "" : "s", places == 1 ? "" : "all ", THRESHOLD * 100);
    return 0;
}

static int put_tree(struct massif *m, const struct an_stack_tree *stacks,
                    const struct an_profile *profile, enum an_cost cost, struct failure *f) {
    struct heap_tree t = {.m = m};
    struct an_branches roots;
    uint64_t total = an_cost_of(&profile->sum, cost).main;
    t.least = (uint64_t)(THRESHOLD * (double)total) + 1;
    if (an_tree_init(&t.tree, stacks, m->e->frames, profile, cost, AN_BOTTOM_UP, m->is_alloc_fn,
                     f) != 0)
        return -1;
    int failed = an_tree_roots(&t.tree, &roots, f);
    if (!failed) {
        fprintf(m->out,
                "n%zu: %" PRIu64 " (heap allocation functions) malloc/new/new[], --alloc-fns, "
                "etc.\n",
                count_lines(&t, &roots), total);
        failed = put_branches(&t, &roots, 1, f);
        an_branches_release(&roots);
    }
    an_tree_release(&t.tree);
    return failed;
}

static void put_snapshot(struct massif *m, uint64_t tick, uint64_t bytes, enum detail detail) {
    static const char *const words[] = {"empty", "detailed", "peak"};
    uint64_t from = m->e->profile->from_tick;
    fprintf(m->out,
            "#-----------\nsnapshot=%zu\n#-----------\ntime=%" PRIu64 "\nmem_heap_B=%" PRIu64
            "\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n",
            m->number++, tick > from ? tick - from : 0, bytes, words[detail]);
}

/* A snapshot with a tree of what was alive at a moment in the middle of the range: before the
 * events of `tick`, and after `event` events, where that is not 0. */
static int put_detailed(struct massif *m, uint64_t tick, uint64_t event, struct failure *f) {
    struct an_question q = *m->e->question;
    struct an_profile profile;
    struct ex_sites sites;
    /* What is alive does not depend on where a range begins, and a short one is answered soon. */
    q.from_tick = tick - 1;
    q.from_event = 0;
    q.to_tick = q.alive_tick = tick;
    q.to_event = q.alive_event = event;
    q.peak = AN_PEAK_SKIP;
    if (an_ask(&profile, m->e->file, &q, m->e->frames, f) != 0) return -1;
    int failed = ex_sites_build(&sites, m->e->file, m->e->frames, &profile, f);
    if (!failed) {
        put_snapshot(m, tick, profile.sum.alive_bytes, DETAIL_TREE);
        failed = put_tree(m, &sites.stacks, &profile, AN_ALIVE, f);
        ex_sites_release(&sites);
    }
    an_profile_release(&profile);
    return failed;
}

static int put_peak(struct massif *m, struct failure *f) {
    const struct an_profile *p = m->e->profile;
    if (!an_cost_known(m->e->file, AN_PEAK)) return 0;
    put_snapshot(m, p->peak_tick, p->sum.peak_bytes, DETAIL_PEAK);
    return put_tree(m, &m->e->sites.stacks, p, AN_PEAK, f);
}

static int put_end(struct massif *m, struct failure *f) {
    const struct an_profile *p = m->e->profile;
    uint64_t duration = rec_totals(m->e->file)->duration_ms;
    if (!an_cost_known(m->e->file, AN_ALIVE)) return 0;
    /* Another moment has been asked about than the end of the range. */
    if (p->alive_elsewhere)
        return put_detailed(m, p->to_tick < duration ? p->to_tick : duration + 1,
                            m->e->question->to_event, f);
    put_snapshot(m, p->to_tick < duration ? p->to_tick : duration, p->sum.alive_bytes, DETAIL_TREE);
    return put_tree(m, &m->e->sites.stacks, p, AN_ALIVE, f);
}

static int put_snapshots(struct massif *m, const struct ex_live_series *series, struct failure *f) {
    const struct an_profile *p = m->e->profile;
    uint64_t end = rec_totals(m->e->file)->duration_ms;
    int knows_events = rec_knows(m->e->file, REC_KNOWS_EVENTS), peak_is_out = 0;
    if (p->to_tick < end) end = p->to_tick;
    for (size_t i = 0; i < series->count && series->points[i].tick < end; i++) {
        const struct ex_live_point *x = &series->points[i];
        if (!peak_is_out && p->peak_tick < x->tick) {
            if (put_peak(m, f) != 0) return -1;
            peak_is_out = 1;
        }
        int detailed =
            knows_events && i % DETAILED_EVERY == DETAILED_EVERY - 1 && x->tick > p->from_tick;
        if (!detailed)
            put_snapshot(m, x->tick, x->bytes, DETAIL_EMPTY);
        else if (put_detailed(m, x->tick, 0, f) != 0)
            return -1;
    }
    if (!peak_is_out && put_peak(m, f) != 0) return -1;
    return put_end(m, f);
}

static void put_head(struct massif *m) {
    const char *const *word = rec_process(m->e->file)->command;
    fputs("desc: heapwise " HEAPWISE_VERSION, m->out);
    if (m->e->range_words != NULL) fprintf(m->out, ", %s", m->e->range_words);
    if (m->e->filter_words != NULL) fprintf(m->out, ", %s", m->e->filter_words);
    fputs("\ncmd:", m->out);
    for (; word != NULL && *word != NULL; word++) {
        fputc(' ', m->out);
        for (const char *c = *word; *c != '\0'; c++)
            fputc((unsigned char)*c < ' ' ? ' ' : *c, m->out);
    }
    fprintf(m->out, "\ntime_unit: %s\n", rec_knows(m->e->file, REC_KNOWS_TIME) ? "ms" : "i");
}

/* Some address for each frame; an address of every frame of the tables shows it. */
static int find_addresses(struct massif *m, struct failure *f) {
    const struct an_frames *t = m->e->frames;
    size_t count;
    m->addresses = rec_addresses(m->e->file, &count, f);
    m->address_of = calloc(t->frame_count + 1, sizeof *m->address_of);
    if (m->address_of == NULL) return failure_set(f, "cannot name call stacks: out of memory");
    for (size_t a = t->address_count; a-- > 0;)
        for (uint32_t i = t->first[a]; i < t->first[a + 1]; i++)
            m->address_of[t->ids[i]] = (uint32_t)a;
    return 0;
}

/* massif counts what operator new allocates for its callers. */
static int find_alloc_fns(struct massif *m, struct failure *f) {
    const struct an_frames *t = m->e->frames;
    m->is_alloc_fn = calloc(t->function_count + 1, sizeof *m->is_alloc_fn);
    if (m->is_alloc_fn == NULL) return failure_set(f, "cannot name call stacks: out of memory");
    for (size_t i = 0; i < t->function_count; i++) {
        const char *name = t->functions[i].name;
        if (name != NULL && (strncmp(name, "_Znw", 4) == 0 || strncmp(name, "_Zna", 4) == 0))
            m->is_alloc_fn[i] = AN_PLUMBING_WRAPPER;
    }
    return 0;
}

int ex_massif(FILE *out, struct ex_export *e, struct failure *f) {
    struct massif m = {.out = out, .e = e};
    struct ex_live_series series;
    if (!an_cost_known(e->file, AN_PEAK) && !an_cost_known(e->file, AN_ALIVE))
        return failure_set(f, "a file of %s does not tell what was alive: choose another format",
                           rec_source(e->file)->format);
    int failed = find_addresses(&m, f) || find_alloc_fns(&m, f);
    if (!failed) failed = ex_live_series(&series, e, SNAPSHOTS, f);
    if (!failed) {
        put_head(&m);
        failed = put_snapshots(&m, &series, f);
        ex_live_series_release(&series);
    }
    free(m.address_of);
    free(m.is_alloc_fn);
    return failed ? -1 : 0;
}
