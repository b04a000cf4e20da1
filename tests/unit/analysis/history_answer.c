/* SPDX-License-Identifier: MIT
 * Answers by definition, and random histories. See history.h. */
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "history.h"

void history_tell(struct history_story *s, struct rec_file *r) {
    size_t count;
    const struct rec_event *records = history_records(r, &count);
    s->events = calloc(count + 1, sizeof *s->events);
    s->blocks = calloc(count + 1, sizeof *s->blocks);
    uint64_t tick = 0;
    uint32_t thread = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rec_event *e = &records[i];
        if (e->kind == REC_TICK) {
            tick = e->size;
            continue;
        }
        if (e->kind == REC_THREAD) {
            thread = (uint32_t)e->size;
            continue;
        }
        size_t index = s->event_count++;
        s->events[index] = (struct history_event){*e, tick, thread};
        if (e->kind == REC_FREE || e->kind == REC_REALLOC) s->blocks[e->block].end = index;
        if (e->kind == REC_ALLOC || e->kind == REC_REALLOC)
            s->blocks[s->block_count++] =
                (struct history_block){index, SIZE_MAX, e->size, e->node, thread};
    }
}

void history_story_release(struct history_story *s) {
    free(s->events);
    free(s->blocks);
}

/* Whether the block's end is the next event of its own thread; failed calls are no events here. */
int history_is_temporary(const struct history_story *s, const struct history_block *b) {
    for (size_t i = b->birth + 1; i < s->event_count; i++)
        if (s->events[i].thread == b->thread && s->events[i].e.kind != REC_FAILED) return i == b->end;
    return 0;
}

static struct rec_node_totals *node(struct history_answer *out, uint32_t n) {
    for (size_t i = 0; i < out->count; i++)
        if (out->nodes[i].node == n) return &out->nodes[i];
    CHECK(out->count < 64);
    out->nodes[out->count] = (struct rec_node_totals){.node = n};
    return &out->nodes[out->count++];
}

/* Bytes alive after the first `events` events. */
static uint64_t alive(const struct history_story *s, size_t events) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < s->block_count; i++)
        if (s->blocks[i].birth < events && s->blocks[i].end >= events) bytes += s->blocks[i].size;
    return bytes;
}

size_t history_peak(const struct history_story *s, size_t first, size_t end, uint64_t *bytes) {
    size_t at = first;
    *bytes = alive(s, first);
    for (size_t n = first + 1; n <= end; n++)
        if (alive(s, n) > *bytes) {
            *bytes = alive(s, n);
            at = n;
        }
    return at;
}

static int by_node(const void *a, const void *b) {
    return (int)((const struct rec_node_totals *)a)->node - (int)((const struct rec_node_totals *)b)->node;
}

void history_answer(struct history_answer *out, struct rec_file *r, uint64_t from, uint64_t to) {
    struct history_story s = {0};
    history_tell(&s, r);
    memset(out, 0, sizeof *out);
    size_t first = 0, end = 0;
    while (first < s.event_count && s.events[first].tick < from) first++;
    while (end < s.event_count && s.events[end].tick < to) end++;
    size_t peak_at = history_peak(&s, first, end, &out->peak_bytes);
    out->peak_tick = peak_at > first ? s.events[peak_at - 1].tick : UINT64_MAX;
    for (size_t i = 0; i < s.block_count; i++) {
        const struct history_block *b = &s.blocks[i];
        struct rec_node_totals *n = node(out, b->node);
        int born = b->birth >= first && b->birth < end;
        n->allocations += (unsigned)born;
        n->allocated_bytes += born ? b->size : 0;
        int left = born && b->end >= end;
        n->live_blocks += (unsigned)left;
        n->live_bytes += left ? b->size : 0;
        int temporary = b->end >= first && b->end < end && history_is_temporary(&s, b);
        n->temporary += (unsigned)temporary;
        n->temporary_bytes += temporary ? b->size : 0;
        int at_peak = b->birth < peak_at && b->end >= peak_at;
        n->peak_blocks += (unsigned)at_peak;
        n->peak_bytes += at_peak ? b->size : 0;
    }
    for (size_t i = first; i < end; i++) {
        const struct history_event *e = &s.events[i];
        out->events++;
        out->frees += e->e.kind == REC_FREE || e->e.kind == REC_REALLOC;
        out->reallocations += e->e.kind == REC_REALLOC;
        if (e->e.kind == REC_FAILED) node(out, e->e.node)->failed++;
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        const struct rec_node_totals *n = &out->nodes[i];
        if (n->allocations + n->failed + n->temporary + n->peak_blocks > 0)
            out->nodes[kept++] = out->nodes[i];
    }
    out->count = kept;
    qsort(out->nodes, out->count, sizeof out->nodes[0], by_node);
    history_story_release(&s);
}

static unsigned next(unsigned *state) {
    *state = *state * 1103515245u + 12345u;
    return *state >> 16 & 0x7fff;
}

char *history_random(unsigned seed, size_t events) {
    static const char stacks[] = "a=main,f,g b=main,f c=main,h,g d=main,f,g,h ";
    char *text = malloc(sizeof stacks + events * 16), *out = stpcpy(text, stacks);
    char names[52];
    int count = 0, tick = 0;
    char free_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int free_count = 52;
    for (size_t i = 0; i < events; i++) {
        unsigned what = next(&seed) % 100, size = next(&seed) % 90 + 10;
        char stack = (char)('a' + next(&seed) % 4);
        if (what < 40 && free_count > 0) {
            names[count] = free_names[--free_count];
            out += sprintf(out, "%c%c%u ", names[count++], stack, size);
        } else if (what < 68 && count > 0) {
            /* Mostly the block born last, so that there are temporaries. */
            int which = next(&seed) % 2 ? count - 1 : (int)(next(&seed) % (unsigned)count);
            out += sprintf(out, "-%c ", names[which]);
            free_names[free_count++] = names[which];
            names[which] = names[--count];
        } else if (what < 75 && count > 0) {
            int which = (int)(next(&seed) % (unsigned)count);
            out += sprintf(out, "%c>%c%c%u ", names[which], names[which], stack, size);
        } else if (what < 78) {
            out += sprintf(out, "!%c%u ", stack, size);
        } else if (what < 84) {
            out += sprintf(out, "#%u ", next(&seed) % 3);
        } else if (what < 92) {
            out += sprintf(out, "@%d ", tick += 1 + (int)(next(&seed) % 3));
        } else {
            out += sprintf(out, what < 96 ? "| " : "/ ");
        }
    }
    return text;
}
