/* SPDX-License-Identifier: MIT
 * The timeline: one point for each bucket in which time moved, the peak within each, and merging
 * that loses no peak when a run grows long. */
#include "recorder/timeline.h"
#include "unit/check.h"

static struct rec_time_point holding(uint64_t live) {
    return (struct rec_time_point){.live_bytes = live, .live_blocks = live / 10};
}

static void high(struct timeline *t, uint64_t live) {
    if (timeline_is_high(t, live)) t->open.peak_bytes = live;
}

static void short_run(void) {
    struct timeline t;
    struct rec_time_point now = holding(50);
    CHECK_EQ_I64(timeline_init(&t), 0);
    high(&t, 500);
    timeline_advance(&t, 0, &now);
    CHECK_EQ_U64(t.count, 0);
    timeline_advance(&t, 3, &now);
    CHECK_EQ_U64(t.count, 1);
    now = holding(70);
    timeline_finish(&t, &now);
    CHECK_EQ_U64(t.count, 2);
    CHECK_EQ_U64(t.points[0].tick, 0);
    CHECK_EQ_U64(t.points[0].peak_bytes, 500);
    CHECK_EQ_U64(t.points[0].live_bytes, 50);
    CHECK_EQ_U64(t.points[1].tick, 3);
    CHECK_EQ_U64(t.points[1].peak_bytes, 70);
    timeline_release(&t);
}

static void long_run(void) {
    enum { TICKS = 1000000 };
    struct timeline t;
    CHECK_EQ_I64(timeline_init(&t), 0);
    for (uint32_t tick = 0; tick < TICKS; tick++) {
        struct rec_time_point now = holding(tick);
        timeline_advance(&t, tick, &now);
        if (tick == 123456) high(&t, 99999999);
    }
    struct rec_time_point now = holding(7);
    timeline_finish(&t, &now);
    CHECK(t.count > TIMELINE_POINTS / 4 && t.count <= TIMELINE_POINTS);
    uint64_t peaks = 0;
    for (size_t i = 0; i < t.count; i++) {
        if (i > 0) CHECK(t.points[i].tick > t.points[i - 1].tick);
        if (t.points[i].peak_bytes != 99999999) continue;
        peaks++;
        CHECK(t.points[i].tick <= 123456 && 123456 - t.points[i].tick < 1u << t.width_log2);
    }
    CHECK_EQ_U64(peaks, 1);
    CHECK_EQ_U64(t.points[t.count - 1].live_bytes, 7);
    timeline_release(&t);
}

int main(void) {
    short_run();
    long_run();
    return 0;
}
