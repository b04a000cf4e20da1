/* SPDX-License-Identifier: MIT
 * Asks all kinds of questions of any bytes as a recording (libFuzzer): whatever a file claims, an answer
 * or a failure must come of it. The first bytes choose the ends of ranges, so that these are tried too. */
#include "analysis/growth.h"
#include "analysis/histogram.h"
#include "analysis/history.h"
#include "analysis/life_table.h"
#include "analysis/question.h"
#include "analysis/stack_tree.h"
#include "analysis/thread_table.h"
#include "recording_input.h"

#define TABLE_BYTES_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_profile(struct rec_file *r, const struct an_question *q, struct an_frames *frames) {
    struct an_profile p;
    struct an_stack_tree stacks;
    struct failure f;
    if (an_ask(&p, r, q, frames, &f) != 0) return;
    if (an_stack_tree_build(&stacks, r, frames, &p, AN_RECURSION_COLLAPSE, &f) == 0)
        an_stack_tree_release(&stacks);
    an_profile_release(&p);
}

static void ask_views(struct rec_file *r, const struct an_question *q, struct an_frames *frames) {
    struct an_history_wish wish = {.points = 20};
    struct an_thread_row *rows;
    struct an_histogram histogram;
    struct an_history history;
    struct an_growth *growth;
    struct failure f;
    size_t count;
    if (an_thread_table_ask(&rows, &count, r, q, NULL, frames, &f) == 0) free(rows);
    an_histogram_ask(&histogram, r, q, frames, &f);
    if (an_history_ask(&history, r, q, &wish, frames, &f) != 0) return;
    uint8_t *never_freed = an_never_freed(r, &wish, &f);
    if (an_growth_find(&growth, &count, &history, never_freed, &f) == 0) free(growth);
    free(never_freed);
    an_history_release(&history);
}

static void ask_all(struct rec_file *r, struct an_frames *frames, const struct an_life_table *lives,
                    unsigned from, unsigned length) {
    static const struct an_bounds size = {8, 4096}, open = {2, AN_NO_BOUND}, closed = {0, 3};
    static uint8_t threads[1 << 16] = {1};
    struct an_question q = {.lives = lives};
    size_t thread_count;
    ask_profile(r, &q, frames);
    q.group = AN_GROUP_LEAKED;
    ask_profile(r, &q, frames);
    q = (struct an_question){.from_tick = from, .to_tick = from + length + 1, .times = AN_TIMES_FIND,
                             .lives = lives};
    ask_profile(r, &q, frames);
    q.alive_tick = length + 1;
    q.size = &size;
    ask_profile(r, &q, frames);
    q.from_event = from * 7 + 1;
    q.to_event = q.from_event + length * 11;
    q.alive_event = length + 1;
    ask_profile(r, &q, frames);
    q.lifetime = &open;
    ask_profile(r, &q, frames);
    q.lifetime = &closed;
    ask_profile(r, &q, frames);
    ask_views(r, &q, frames);
    rec_threads(r, &thread_count);
    q = (struct an_question){.from_tick = from, .lives = lives,
                             .threads = thread_count <= sizeof threads ? threads : NULL};
    ask_profile(r, &q, frames);
    q = (struct an_question){.lives = lives};
    ask_views(r, &q, frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    struct rec_file *r;
    struct an_frames frames;
    struct failure f;
    if (rec_open(&r, recording_input(data + 2, size - 2, RECORDING_REPAIRED), &f) != 0) return 0;
    if (an_frames_build(&frames, r, &f) == 0) {
        ask_all(r, &frames, NULL, data[0], data[1]);
        struct an_life_table lives;
        if (an_life_table_bytes(r) <= TABLE_BYTES_MAX && an_life_table_make(&lives, r, NULL, &f) == 0) {
            ask_all(r, &frames, &lives, data[0], data[1]);
            an_life_table_release(&lives);
        }
        an_frames_release(&frames);
    }
    rec_close(r);
    return 0;
}
