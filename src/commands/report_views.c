/* SPDX-License-Identifier: MIT
 * Asks for the views of a report. See report_views.h. */
#include "commands/report_views.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/plumbing.h"
#include "analysis/site_frames.h"
#include "commands/progress.h"

#define GROWTH_POINTS 64

/* Blocks that are known never to be freed are no hint: they belong to no line. */
static void leave_out_suppressed(uint32_t *sites, struct rec_file *r, const uint32_t *suppressed,
                                 const struct an_frames *frames) {
    size_t count;
    if (suppressed == NULL || rec_nodes(r, &count, NULL) == NULL) return;
    for (size_t n = 0; n < count; n++)
        if (suppressed[n] != 0) sites[n] = (uint32_t)frames->frame_count;
}

/* What grows is told by the line of the program that allocates. */
static int get_growth(struct report_views *v, struct rec_file *r, const struct an_question *q,
                      struct recording_answer *a, struct failure *f) {
    struct an_frames *frames = &a->frames;
    uint8_t *plumbing = an_plumbing_build(frames), *never_freed = NULL;
    struct an_history history = {0};
    struct an_history_wish wish = {.points = GROWTH_POINTS, .group_count = frames->frame_count};
    if (plumbing == NULL) return failure_set(f, "cannot tell what grows: out of memory");
    uint32_t *sites = an_site_frames(r, frames, plumbing, f);
    free(plumbing);
    if (sites == NULL) return -1;
    leave_out_suppressed(sites, r, a->suppressed, frames);
    wish.group_of = sites;
    int failed = an_history_ask(&history, r, q, &wish, frames, f);
    if (!failed) {
        never_freed = an_never_freed(r, &wish, f);
        failed = never_freed == NULL ||
                 an_growth_find(&v->growth, &v->views.growth_count, &history, never_freed, f);
    }
    v->views.growth = v->growth;
    an_history_release(&history);
    free(never_freed);
    free(sites);
    return failed ? -1 : 0;
}

static int get(struct report_views *v, struct rec_file *r, const struct report_options *o,
               const struct an_question *q, struct recording_answer *a, struct failure *f) {
    struct an_frames *frames = &a->frames;
    size_t count;
    if (o->threads) {
        if (an_thread_table_ask(&v->threads, &count, r, q, a->suppressed, frames, f) != 0)
            return -1;
        v->views.threads = v->threads;
    }
    if (o->histogram) {
        if (an_histogram_ask(&v->histogram, r, q, frames, f) != 0) return -1;
        v->views.histogram = &v->histogram;
    }
    return o->growth ? get_growth(v, r, q, a, f) : 0;
}

int report_views_get(struct report_views *v, struct rec_file *r, const struct report_options *o,
                     struct recording_answer *a, struct failure *f) {
    struct progress progress;
    struct an_question q = a->question.question;
    q.progress = progress_tell;
    q.progress_context = &progress;
    progress_start(&progress, "reading events");
    int failed = get(v, r, o, &q, a, f);
    progress_end(&progress);
    return failed;
}

void report_views_release(struct report_views *v) {
    free(v->threads);
    free(v->growth);
    memset(v, 0, sizeof *v);
}
