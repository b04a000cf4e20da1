/* SPDX-License-Identifier: MIT
 * Rebuilds the summary of a recording that has none, by counting its events. */
#include "recording/recording_file.h"
#include "recording/replay.h"

/* Gives up the chunks of events from `first` on, which could not be read. */
static void give_up(struct rec_file *r, size_t first, const struct failure *why) {
    rec_file_damage(r, "%s", why->text);
    r->chunk_count = first;
}

static int replay_chunks(struct rec_file *r, struct rec_replay_state *s, struct failure *f) {
    struct rec_event *events = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < r->chunk_count; i++) {
        struct failure why;
        if (rec_table_reserve((void **)&events, &capacity, 0, r->chunks[i].records + 1,
                              sizeof *events, f) < 0) {
            free(events);
            return -1;
        }
        if (rec_chunk_decode(r, i, events, &why) < 0 ||
            rec_replay_events(s, events, r->chunks[i].records, &why) < 0) {
            give_up(r, i, &why);
            break;
        }
    }
    free(events);
    return 0;
}

int rec_replay(struct rec_file *r, struct failure *f) {
    struct rec_replay_state s;
    struct failure why;
    size_t node_count = 1;
    if (rec_nodes(r, &node_count, &why) == NULL) {
        give_up(r, 0, &why);
        node_count = 1;
    }
    uint32_t last_tick = r->chunk_count == 0 ? 0 : r->chunks[r->chunk_count - 1].last_tick;
    if (rec_replay_init(&s, node_count, last_tick, f) < 0) return -1;
    int result = replay_chunks(r, &s, f);
    if (result == 0) {
        rec_replay_end(&s);
        s.totals.threads = r->threads.count;
        r->summary.totals = s.totals;
        r->summary.sizes = s.sizes;
        r->summary.lifetimes = s.lifetimes;
        free(r->timeline.entries);
        free(r->node_totals.entries);
        free(r->leaked.entries);
        r->node_totals.entries = NULL;
        r->leaked.entries = NULL;
        r->timeline = (struct rec_timeline_table){s.points, s.point_count, s.point_capacity};
        s.points = NULL;
        result = rec_replay_nodes(&s, &r->node_totals.entries, &r->node_totals.count, f);
        if (result == 0) result = rec_replay_blocks(&s, &r->leaked.entries, &r->leaked.count, f);
        r->loaded |= REC_LOADED_NODE_TOTALS | REC_LOADED_LEAKED;
    }
    rec_replay_release(&s);
    return result;
}
