/* SPDX-License-Identifier: MIT
 * Makes the table of all blocks: the events are read once, in order, and each is put where it
 * belongs at once, so that nothing is needed beside the table. Workers decode ahead. See
 * life_table.h. */
#include <stdlib.h>
#include <string.h>

#include "analysis/life_digest.h"
#include "analysis/life_table.h"

#define PIECE 50000

struct maker {
    struct an_life_table *table;
    size_t ticks_max, turns_max, odd_max, large_max;
    uint64_t *last_of; /* by thread: the block that its last event bore, or REC_NO_BLOCK */
    size_t thread_count;
    uint32_t thread, tick, event;
    size_t born;
    uint64_t bytes, blocks; /* alive */
    struct failure *f;
};

static size_t odd_events(const struct rec_totals *t) {
    return (size_t)(t->failed + t->unknown_frees);
}

/* So often the tick, or the thread, may change. */
static size_t most_changes(const struct rec_file *r) {
    size_t count, changes = 1;
    const struct rec_chunk *chunks = rec_chunks(r, &count);
    for (size_t i = 0; i < count; i++)
        changes +=
            1 + (chunks[i].records > chunks[i].events ? (size_t)chunks[i].records - chunks[i].events
                                                      : 0);
    return changes;
}

static size_t most_ticks(const struct rec_file *r) {
    size_t changes = most_changes(r);
    return rec_totals(r)->duration_ms < changes ? (size_t)rec_totals(r)->duration_ms + 1 : changes;
}

/* Blocks of 64 KiB and more: whoever has more of them than this decodes. */
static size_t most_large(const struct rec_totals *t) {
    return 65536 + (size_t)t->allocations / 128;
}

size_t an_life_table_bytes(const struct rec_file *r) {
    const struct rec_totals *t = rec_totals(r);
    if (!rec_knows(r, REC_KNOWS_EVENTS) || t->events >= AN_TABLE_NO_END - 64 ||
        t->allocations > t->events || odd_events(t) > t->events)
        return SIZE_MAX;
    size_t blocks = (size_t)t->allocations, events = (size_t)t->events;
    return blocks * (2 * sizeof(uint32_t) + sizeof(uint16_t)) + events / 8 +
           (blocks >> AN_TABLE_BIRTH_SHIFT) * sizeof(uint32_t) +
           2 * (events >> AN_TABLE_EVENT_SHIFT) * sizeof(uint32_t) +
           most_large(t) * sizeof(struct an_table_large) +
           odd_events(t) * sizeof(struct an_odd_event) +
           most_ticks(r) * sizeof(struct an_table_tick) +
           most_changes(r) * sizeof(struct an_table_turn);
}

static int contradicts(struct failure *f) {
    return failure_set(f, "the recording contradicts itself: its events are not those that it "
                          "counts; `heapwise fsck` tells what is damaged");
}

static int begin_tick(struct maker *m) {
    struct an_life_table *t = m->table;
    if (t->tick_count == m->ticks_max ||
        (t->tick_count > 0 && t->ticks[t->tick_count - 1].tick > m->tick))
        return contradicts(m->f);
    t->ticks[t->tick_count++] = (struct an_table_tick){.tick = m->tick,
                                                       .first_event = m->event,
                                                       .first_block = (uint32_t)m->born,
                                                       .peak_event = m->event,
                                                       .start_bytes = m->bytes,
                                                       .start_blocks = m->blocks};
    return 0;
}

static int begin_turn(struct maker *m) {
    struct an_life_table *t = m->table;
    if (t->turn_count == m->turns_max || m->thread >= m->thread_count) return contradicts(m->f);
    t->turns[t->turn_count++] = (struct an_table_turn){m->event, m->thread};
    return 0;
}

static int begin_event(struct maker *m) {
    struct an_life_table *t = m->table;
    if (m->event == t->event_count) return contradicts(m->f);
    m->event++;
    if ((t->tick_count == 0 || t->ticks[t->tick_count - 1].tick != m->tick) && begin_tick(m) != 0)
        return -1;
    if ((t->turn_count == 0 || t->turns[t->turn_count - 1].thread != m->thread) &&
        begin_turn(m) != 0)
        return -1;
    if ((m->event & ((1u << AN_TABLE_EVENT_SHIFT) - 1)) == 0) {
        t->tick_hints[m->event >> AN_TABLE_EVENT_SHIFT] = (uint32_t)t->tick_count - 1;
        t->turn_hints[m->event >> AN_TABLE_EVENT_SHIFT] = (uint32_t)t->turn_count - 1;
    }
    return 0;
}

static int end(struct maker *m, uint64_t block, uint32_t flags) {
    struct an_life_table *t = m->table;
    if (block >= m->born || t->ends[block] != AN_TABLE_NO_END) return contradicts(m->f);
    if (m->last_of[m->thread] == block) flags |= AN_TABLE_TEMPORARY;
    t->ends[block] = m->event;
    t->nodes[block] |= flags;
    m->bytes -= an_table_size(t, block);
    m->blocks--;
    return 0;
}

static int bear(struct maker *m, const struct rec_event *e) {
    struct an_life_table *t = m->table;
    size_t block = m->born;
    if (block == t->block_count || e->node > AN_TABLE_NODE) return contradicts(m->f);
    t->ends[block] = AN_TABLE_NO_END;
    t->nodes[block] = e->node;
    t->sizes[block] = e->size < AN_TABLE_LARGE ? (uint16_t)e->size : AN_TABLE_LARGE;
    if (e->size >= AN_TABLE_LARGE) {
        if (t->large_count == m->large_max)
            return failure_set(m->f, "cannot keep so many large blocks");
        t->large[t->large_count++] = (struct an_table_large){block, e->size};
    }
    t->born[m->event / 64] |= (uint64_t)1 << m->event % 64;
    if ((block & (((size_t)1 << AN_TABLE_BIRTH_SHIFT) - 1)) == 0)
        t->birth_hints[block >> AN_TABLE_BIRTH_SHIFT] = m->event;
    m->last_of[m->thread] = block;
    m->born++;
    m->bytes += e->size;
    m->blocks++;
    return 0;
}

static int put_odd(struct maker *m, const struct rec_event *e) {
    struct an_life_table *t = m->table;
    if (t->odd_count == m->odd_max) return contradicts(m->f);
    t->odd[t->odd_count++] = (struct an_odd_event){.size = e->size,
                                                   .event = m->event,
                                                   .node = e->node,
                                                   .thread = m->thread,
                                                   .tick = m->tick,
                                                   .kind = e->kind};
    return 0;
}

static int take_event(struct maker *m, const struct rec_event *e) {
    if (begin_event(m) != 0) return -1;
    switch (e->kind) {
    case REC_ALLOC:
        return bear(m, e);
    case REC_REALLOC:
        if (e->block != REC_NO_BLOCK && end(m, e->block, AN_TABLE_MOVED) != 0) return -1;
        return bear(m, e);
    case REC_FREE:
        if (end(m, e->block, 0) != 0) return -1;
        m->last_of[m->thread] = REC_NO_BLOCK;
        return 0;
    case REC_FAILED:
        return put_odd(m, e);
    default:
        m->last_of[m->thread] = REC_NO_BLOCK;
        return put_odd(m, e);
    }
}

static void note_peak(struct maker *m) {
    struct an_table_tick *now = &m->table->ticks[m->table->tick_count - 1];
    if (m->bytes <= now->peak_bytes) return;
    now->peak_bytes = m->bytes;
    now->peak_blocks = m->blocks;
    now->peak_event = m->event;
}

static int take_chunk(struct maker *m, const struct rec_chunk *chunk,
                      const struct rec_event *records) {
    if (chunk->first_event != m->event || chunk->first_block != m->born) return contradicts(m->f);
    m->thread = chunk->first_thread;
    m->tick = an_life_tick(chunk->first_tick);
    for (size_t i = 0; i < chunk->records; i++) {
        const struct rec_event *e = &records[i];
        if (e->kind == REC_THREAD) {
            if (e->size >= m->thread_count) return contradicts(m->f);
            m->thread = (uint32_t)e->size;
        } else if (e->kind == REC_TICK) {
            m->tick = an_life_tick(e->size);
        } else {
            if (take_event(m, e) != 0) return -1;
            note_peak(m);
        }
    }
    return 0;
}

static int take_chunks(struct maker *m, struct rec_file *r, const struct an_watch *watch) {
    struct an_stream *s;
    const struct rec_chunk *chunk;
    const struct rec_event *records;
    size_t count, done = 0;
    int more = 0, failed = 0;
    rec_chunks(r, &count);
    if (an_stream_open(&s, r, 0, count, watch, m->f) != 0) return -1;
    while (!failed && (more = an_stream_next(s, &chunk, &records, m->f)) > 0) {
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->progress_context, done, count);
        done++;
        failed = take_chunk(m, chunk, records);
    }
    an_stream_close(s);
    return failed || more < 0 ? -1 : 0;
}

/* What stands beyond the last event. */
static int finish(struct maker *m) {
    struct an_life_table *t = m->table;
    size_t groups = (t->event_count >> AN_TABLE_EVENT_SHIFT) + 1;
    if (m->event != t->event_count || m->born != t->block_count) return contradicts(m->f);
    t->ticks[t->tick_count] = (struct an_table_tick){.tick = AN_NO_TICK,
                                                     .first_event = m->event + 1,
                                                     .first_block = (uint32_t)m->born,
                                                     .start_bytes = m->bytes,
                                                     .start_blocks = m->blocks};
    t->tick_hints[groups] = t->tick_count > 0 ? (uint32_t)t->tick_count - 1 : 0;
    t->turn_hints[groups] = t->turn_count > 0 ? (uint32_t)t->turn_count - 1 : 0;
    return 0;
}

static int reserve(struct maker *m) {
    struct an_life_table *t = m->table;
    size_t groups = (t->event_count >> AN_TABLE_EVENT_SHIFT) + 2;
    t->ends = malloc((t->block_count + 1) * sizeof *t->ends);
    t->nodes = malloc((t->block_count + 1) * sizeof *t->nodes);
    t->sizes = malloc((t->block_count + 1) * sizeof *t->sizes);
    t->born = calloc(t->event_count / 64 + 1, sizeof *t->born);
    t->birth_hints =
        malloc(((t->block_count >> AN_TABLE_BIRTH_SHIFT) + 1) * sizeof *t->birth_hints);
    t->large = malloc((m->large_max + 1) * sizeof *t->large);
    t->odd = malloc((m->odd_max + 1) * sizeof *t->odd);
    t->ticks = malloc((m->ticks_max + 1) * sizeof *t->ticks);
    t->turns = malloc((m->turns_max + 1) * sizeof *t->turns);
    t->tick_hints = calloc(groups, sizeof *t->tick_hints);
    t->turn_hints = calloc(groups, sizeof *t->turn_hints);
    m->last_of = malloc(m->thread_count * sizeof *m->last_of);
    if (t->ends == NULL || t->nodes == NULL || t->sizes == NULL || t->born == NULL ||
        t->birth_hints == NULL || t->large == NULL || t->odd == NULL || t->ticks == NULL ||
        t->turns == NULL || t->tick_hints == NULL || t->turn_hints == NULL || m->last_of == NULL)
        return failure_set(m->f, "cannot keep %zu blocks: out of memory", t->block_count);
    for (size_t i = 0; i < m->thread_count; i++)
        m->last_of[i] = REC_NO_BLOCK;
    return 0;
}

int an_life_table_make(struct an_life_table *t, struct rec_file *r, const struct an_watch *watch,
                       struct failure *f) {
    const struct rec_totals *totals = rec_totals(r);
    *t = (struct an_life_table){0};
    if (an_life_table_bytes(r) == SIZE_MAX)
        return failure_set(f, "cannot keep the blocks of this recording");
    t->block_count = (size_t)totals->allocations;
    t->event_count = (size_t)totals->events;
    t->piece = PIECE;
    struct maker m = {.table = t,
                      .ticks_max = most_ticks(r),
                      .turns_max = most_changes(r),
                      .odd_max = odd_events(totals),
                      .large_max = most_large(totals),
                      .f = f};
    rec_threads(r, &m.thread_count);
    if (m.thread_count == 0) m.thread_count = 1;
    int failed = reserve(&m) || take_chunks(&m, r, watch) || finish(&m);
    free(m.last_of);
    if (failed) an_life_table_release(t);
    return failed ? -1 : 0;
}
