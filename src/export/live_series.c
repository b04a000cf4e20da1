/* SPDX-License-Identifier: MIT
 * Lists what was alive over time. See live_series.h. */
#include "export/live_series.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/history.h"
#include "analysis/passing.h"
#include "recording/reader.h"

int ex_asks_of_all(const struct ex_export *e) {
    const struct an_question *q = e->question;
    return !an_asks_of_blocks(q) && q->filter_count == 0 && q->group == AN_GROUP_ANY;
}

static int reserve(struct ex_live_series *s, size_t count, struct failure *f) {
    s->points = calloc(count + 1, sizeof *s->points);
    return s->points != NULL ? 0 : failure_set(f, "cannot list the timeline: out of memory");
}

/* A point of the timeline tells what held at the end of its bucket, which is where the next begins.
 */
static int from_timeline(struct ex_live_series *s, struct ex_export *e, size_t most,
                         struct failure *f) {
    size_t count;
    const struct rec_time_point *points = rec_timeline(e->file, &count);
    uint64_t from = e->profile->from_tick, to = e->profile->to_tick;
    uint64_t duration = rec_totals(e->file)->duration_ms;
    size_t step = count / most + 1;
    if (reserve(s, count / step + 1, f) != 0) return -1;
    for (size_t i = 0; i < count; i++) {
        uint64_t tick = i + 1 < count ? points[i + 1].tick : duration + 1;
        if ((i + 1) % step != 0 && i + 1 < count) continue;
        if (tick < from || tick > to) continue;
        s->points[s->count++] = (struct ex_live_point){tick, points[i].live_bytes};
    }
    return 0;
}

static int from_events(struct ex_live_series *s, struct ex_export *e, size_t most,
                       struct failure *f) {
    size_t node_count;
    if (rec_nodes(e->file, &node_count, f) == NULL) return -1;
    uint32_t *group_of = calloc(node_count + 1, sizeof *group_of);
    if (group_of == NULL) return failure_set(f, "cannot list the timeline: out of memory");
    struct an_history_wish wish = {.points = most, .group_of = group_of, .group_count = 1};
    struct an_history history;
    int failed = an_history_ask(&history, e->file, e->question, &wish, e->frames, f);
    free(group_of);
    if (failed) return -1;
    failed = reserve(s, history.point_count, f);
    for (size_t i = 0; !failed && i < history.point_count; i++)
        s->points[s->count++] = (struct ex_live_point){
            history.ticks[i], history.rest[i] + (history.group_count > 0 ? history.bytes[i] : 0)};
    an_history_release(&history);
    return failed;
}

int ex_live_series(struct ex_live_series *s, struct ex_export *e, size_t most, struct failure *f) {
    memset(s, 0, sizeof *s);
    if (ex_asks_of_all(e)) return from_timeline(s, e, most, f);
    return from_events(s, e, most, f);
}

void ex_live_series_release(struct ex_live_series *s) {
    free(s->points);
    memset(s, 0, sizeof *s);
}
