/* SPDX-License-Identifier: MIT
 * Questions about histories: each cost by hand, and random histories in every range against the
 * answers by definition, from the events and from a table of all blocks. */
#include <inttypes.h>

#include "../check.h"
#include "analysis/cost.h"
#include "analysis/life_table.h"
#include "history.h"

/* What stack `letter` came to in a range. */
static struct an_costs ask(const char *text, char letter, uint64_t from, uint64_t to) {
    struct rec_file *r = history_open(text, 4);
    struct failure f = {""};
    struct an_profile p;
    struct an_costs found = {0};
    struct an_question q = {.from_tick = from, .to_tick = to};
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    for (size_t i = 0; i < p.count; i++)
        if (p.entries[i].node == history_node(r, letter)) found = p.entries[i];
    an_profile_release(&p);
    history_close(r);
    return found;
}

static void test_costs(void) {
    const char *text = "a=main,f b=main,g  xa100 yb30 -x za5";
    struct an_costs a = ask(text, 'a', 0, 0), b = ask(text, 'b', 0, 0);
    CHECK_EQ_U64(a.allocations, 2);
    CHECK_EQ_U64(a.allocated_bytes, 105);
    CHECK_EQ_U64(a.leaked_bytes, 5);
    CHECK_EQ_U64(a.peak_bytes, 100);
    CHECK_EQ_U64(a.temporary, 0);
    CHECK_EQ_U64(b.peak_bytes, 30);
    CHECK_EQ_U64(b.peak_blocks, 1);
    CHECK_EQ_U64(b.leaked_blocks, 1);
}

static void test_temporary(void) {
    CHECK_EQ_U64(ask("a=f xa10 -x", 'a', 0, 0).temporary, 1);
    CHECK_EQ_U64(ask("a=f xa10 ya10 -x -y", 'a', 0, 0).temporary, 0);
    CHECK_EQ_U64(ask("a=f xa10 !a99 -x", 'a', 0, 0).temporary, 1);       /* a failure is no event */
    CHECK_EQ_U64(ask("a=f xa10 #1 ya10 #0 -x", 'a', 0, 0).temporary, 1); /* nor another thread's */
    CHECK_EQ_U64(ask("a=f xa10 #1 -x", 'a', 0, 0).temporary, 0);     /* ended by another thread */
    CHECK_EQ_U64(ask("a=f xa10 x>ya20 -y", 'a', 0, 0).temporary, 2); /* a rolling buffer */
    CHECK_EQ_U64(ask("a=f xa10 x>ya20 -y", 'a', 0, 0).temporary_bytes, 30);
    /* Across a snapshot, also when the thread was idle for chunks. */
    CHECK_EQ_U64(ask("a=f @1 xa10 / @9 -x @20", 'a', 5, 10).temporary, 1);
    CHECK_EQ_U64(ask("a=f @1 xa10 | #1 yb9 | zb9 / @9 #0 -x @20", 'a', 5, 10).temporary, 1);
    CHECK_EQ_U64(ask("a=f @1 xa10 yb9 | #1 zb9 / @9 #0 -x @20", 'a', 5, 10).temporary, 0);
    CHECK_EQ_U64(ask("a=f @1 #1 xa10 | #1 zb9 / @9 #0 -x @20", 'a', 5, 10).temporary, 0);
}

static void test_range(void) {
    const char *text = "a=main,f b=main,g @1 xa100 @2 yb50 @3 -x @4 za10 @5 -y @6 wb7 @7";
    CHECK_EQ_U64(ask(text, 'a', 2, 4).allocations, 0);
    CHECK_EQ_U64(ask(text, 'a', 2, 4).peak_bytes, 100); /* older than the range, but there */
    CHECK_EQ_U64(ask(text, 'b', 2, 4).peak_bytes, 50);
    CHECK_EQ_U64(ask(text, 'b', 2, 4).leaked_bytes, 50);
    CHECK_EQ_U64(ask(text, 'b', 2, 6).leaked_bytes, 0);
    CHECK_EQ_U64(ask(text, 'a', 4, 6).leaked_bytes, 10);
    CHECK_EQ_U64(ask(text, 'a', 1, 4).leaked_bytes, 0); /* freed within it */
    CHECK_EQ_U64(ask(text, 'b', 6, 0).leaked_bytes, 7);
    CHECK_EQ_U64(ask(text, 'a', 6, 0).peak_bytes, 10);
}

/* What stack `letter` came to, at another moment than the end of the range. */
static struct an_costs ask_at(const char *text, char letter, uint64_t from, uint64_t to,
                              uint64_t at) {
    struct rec_file *r = history_open(text, 4);
    struct failure f = {""};
    struct an_profile p;
    struct an_costs found = {0};
    struct an_question q = {.from_tick = from, .to_tick = to, .alive_tick = at};
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    for (size_t i = 0; i < p.count; i++)
        if (p.entries[i].node == history_node(r, letter)) found = p.entries[i];
    an_profile_release(&p);
    history_close(r);
    return found;
}

static void test_alive_freed_later(void) {
    const char *text = "a=f @1 xa100 @2 ya20 za3 @3 -x @4 -y @5 wa7 @6";
    CHECK_EQ_U64(ask(text, 'a', 2, 4).freed_bytes, 100);
    CHECK_EQ_U64(ask(text, 'a', 2, 4).alive_bytes, 23);
    CHECK_EQ_U64(ask(text, 'a', 2, 4).later_bytes, 20); /* z is never freed */
    CHECK_EQ_U64(ask(text, 'a', 2, 4).later_blocks, 1);
    CHECK_EQ_U64(ask(text, 'a', 0, 0).later_blocks, 0);
    CHECK_EQ_U64(ask(text, 'a', 0, 0).alive_bytes, 10);
    CHECK_EQ_U64(ask_at(text, 'a', 0, 0, 3).alive_bytes, 123);
    /* What was born in [2, 3) and survived until 5. */
    CHECK_EQ_U64(ask_at(text, 'a', 2, 3, 5).leaked_bytes, 3);
    CHECK_EQ_U64(ask_at(text, 'a', 1, 3, 4).leaked_bytes, 23);
    CHECK_EQ_U64(ask_at(text, 'a', 2, 3, 1).leaked_bytes, 0); /* not yet born then */
}

/* What stack a came to among blocks of some sizes or lifetimes. */
static struct an_costs ask_bounds(const char *text, const struct an_bounds *size,
                                  const struct an_bounds *lifetime) {
    struct rec_file *r = history_open(text, 4);
    struct failure f = {""};
    struct an_profile p;
    struct an_question q = {.size = size, .lifetime = lifetime, .times = AN_TIMES_FIND};
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    struct an_costs sum = p.sum;
    an_profile_release(&p);
    history_close(r);
    return sum;
}

static void test_bounds(void) {
    const char *text = "a=f @1 xa100 ya20 -y @3 za21 !a20 @4 -x @5 -z wa7 @6";
    CHECK_EQ_U64(ask_bounds(text, &(struct an_bounds){20, 21}, NULL).allocations, 2);
    CHECK_EQ_U64(ask_bounds(text, &(struct an_bounds){20, 21}, NULL).failed, 1);
    CHECK_EQ_U64(ask_bounds(text, &(struct an_bounds){21, AN_NO_BOUND}, NULL).allocated_bytes, 121);
    CHECK_EQ_U64(ask_bounds(text, NULL, &(struct an_bounds){0, 0}).allocated_bytes, 20);
    CHECK_EQ_U64(ask_bounds(text, NULL, &(struct an_bounds){2, 3}).allocated_bytes, 121);
    CHECK_EQ_U64(ask_bounds(text, NULL, &(struct an_bounds){3, AN_NO_BOUND}).allocated_bytes, 107);
    CHECK_EQ_U64(ask_bounds(text, NULL, &(struct an_bounds){0, AN_NO_BOUND}).failed, 0);
    CHECK_EQ_U64(ask_bounds(text, NULL, &(struct an_bounds){0, 0}).temporary, 1);
    CHECK_EQ_U64(ask_bounds(text, &(struct an_bounds){20, 21}, NULL).first_tick, 1);
    CHECK_EQ_U64(ask_bounds(text, &(struct an_bounds){20, 21}, NULL).last_tick, 3);
}

static int always(void *context) {
    return *(int *)context;
}

static void test_withdrawn(void) {
    struct rec_file *r = history_open("a=f @1 xa10 | @2 ya10 | @3 -x | @4", 1);
    struct an_profile p;
    struct failure f = {""};
    int yes = 1;
    struct an_question q = {
        .from_tick = 1, .to_tick = 3, .withdrawn = always, .withdrawn_context = &yes};
    CHECK(an_ask(&p, r, &q, NULL, &f) != 0);
    CHECK_STR(f.text, "the question was withdrawn");
    yes = 0;
    CHECK(an_ask(&p, r, &q, NULL, &f) == 0);
    an_profile_release(&p);
    history_close(r);
}

static void test_realloc_in_place_of_two_blocks(void) {
    struct an_costs a = ask("a=f xa100 x>xa150 x>xa10", 'a', 0, 0);
    CHECK_EQ_U64(a.peak_bytes, 150); /* one event: never both at once */
    CHECK_EQ_U64(a.allocations, 3);
    CHECK_EQ_U64(a.leaked_bytes, 10);
}

static void print(const char *who, const struct an_costs *n, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "  %s node %u:", who, n[i].node);
        for (int c = 0; c < AN_COSTS; c++) {
            struct an_amount a = an_cost_of(&n[i], (enum an_cost)c);
            fprintf(stderr, " %s %" PRIu64 " (%" PRIu64 ")", an_cost_name((enum an_cost)c), a.main,
                    a.second);
        }
        fprintf(stderr, " from %u to %u\n", n[i].first_tick, n[i].last_tick);
    }
}

static void print_question(const struct an_question *q, unsigned seed) {
    fprintf(stderr, "seed %u, ticks %" PRIu64 " to %" PRIu64 ", alive at %" PRIu64, seed,
            q->from_tick, q->to_tick, q->alive_tick);
    fprintf(stderr, ", events %" PRIu64 " to %" PRIu64 ", %" PRIu64, q->from_event, q->to_event,
            q->alive_event);
    if (q->peak == AN_PEAK_SKIP) fputs(", no peak", stderr);
    for (int i = 0; q->threads != NULL && i < 8; i++)
        if (q->threads[i]) fprintf(stderr, ", thread %d", i);
    if (q->size != NULL)
        fprintf(stderr, ", size %" PRIu64 " to %" PRIu64, q->size->min, q->size->max);
    if (q->lifetime != NULL)
        fprintf(stderr, ", lifetime %" PRIu64 " to %" PRIu64, q->lifetime->min, q->lifetime->max);
    fputs(" differs\n", stderr);
}

static void compare(struct rec_file *r, const struct an_question *q, unsigned seed) {
    struct history_costs *expected = malloc(sizeof *expected);
    struct an_profile p;
    struct failure f = {""};
    CHECK_STR(an_ask(&p, r, q, NULL, &f) == 0 ? "" : f.text, "");
    history_costs(expected, r, q);
    int same = p.count == expected->count && p.frees == expected->frees &&
               p.freed_bytes == expected->freed_bytes && p.events == expected->events;
    if (same && p.count > 0)
        same = memcmp(p.entries, expected->nodes, p.count * sizeof p.entries[0]) == 0;
    if (same && p.reallocations != AN_UNKNOWN) same = p.reallocations == expected->reallocations;
    if (same) same = memcmp(&p.all, &expected->all, sizeof p.all) == 0;
    if (!same) {
        print_question(q, seed);
        fprintf(stderr,
                "  frees %" PRIu64 " %" PRIu64 ", bytes %" PRIu64 " %" PRIu64 ", events %" PRIu64
                " %" PRIu64 ", reallocations %" PRIu64 " %" PRIu64 "\n",
                p.frees, expected->frees, p.freed_bytes, expected->freed_bytes, p.events,
                expected->events, p.reallocations, expected->reallocations);
        print("answer", p.entries, p.count);
        print("expected", expected->nodes, expected->count);
        print("all", &p.all, 1);
        print("expected all", &expected->all, 1);
        exit(1);
    }
    an_profile_release(&p);
    free(expected);
}

/* From the events, and from a table of the blocks. */
static void compare_both(struct rec_file *r, const struct an_life_table *lives,
                         struct an_question q, unsigned seed) {
    compare(r, &q, seed);
    q.lives = lives;
    compare(r, &q, seed);
}

static void make_table(struct an_life_table *t, struct rec_file *r) {
    struct failure f = {""};
    CHECK_STR(an_life_table_make(t, r, NULL, &f) == 0 ? "" : f.text, "");
    t->piece = 10; /* so that several look at it */
}

static void test_random_ranges(void) {
    for (unsigned seed = 1; seed <= 60; seed++) {
        char *text = history_random(seed, 120);
        struct rec_file *r = history_open(text, seed % 4 == 0 ? 0 : seed % 7 + 1);
        uint64_t end = rec_totals(r)->duration_ms + 1;
        struct an_life_table lives;
        make_table(&lives, r);
        for (uint64_t from = 0; from < end; from += 1 + seed % 3)
            for (uint64_t to = from + 1; to <= end; to += 1 + seed % 5) {
                struct an_question q = {.from_tick = from, .to_tick = to};
                compare_both(r, &lives, q, seed);
                q.alive_tick = 1 + (from * 7 + to * 3 + seed) % (end + 2);
                compare_both(r, &lives, q, seed);
            }
        an_life_table_release(&lives);
        history_close(r);
        free(text);
    }
}

static void ask_at_random(struct rec_file *r, const struct an_life_table *lives, int questions,
                          unsigned seed) {
    unsigned state = seed;
    for (int i = 0; i < questions; i++) {
        struct history_question q;
        history_random_question(&q, r, &state);
        compare_both(r, lives, q.question, seed);
    }
}

/* Questions of every kind at once. */
static void test_random_questions(void) {
    for (unsigned seed = 1; seed <= 150; seed++) {
        char *text = history_random(seed, 150);
        struct rec_file *r = history_open(text, seed % 4 == 0 ? 0 : seed % 7 + 1);
        struct an_life_table lives;
        make_table(&lives, r);
        ask_at_random(r, &lives, 80, seed);
        an_life_table_release(&lives);
        history_close(r);
        free(text);
    }
}

/* So long that the table's groups of blocks and of events are several. */
static void test_long_histories(void) {
    for (unsigned seed = 1; seed <= 4; seed++) {
        char *text = history_random(seed, 1500);
        struct rec_file *r = history_open(text, 100);
        struct an_life_table lives;
        make_table(&lives, r);
        CHECK(lives.block_count > 3u << AN_TABLE_BIRTH_SHIFT);
        CHECK(lives.event_count > 3u << AN_TABLE_EVENT_SHIFT);
        size_t births = 0;
        for (uint32_t event = 0; event <= lives.event_count; event++) {
            if (births < lives.block_count && an_table_birth(&lives, births) == event) births++;
            CHECK_EQ_U64(an_table_births(&lives, event), births);
        }
        CHECK_EQ_U64(births, lives.block_count);
        ask_at_random(r, &lives, 60, seed);
        an_life_table_release(&lives);
        history_close(r);
        free(text);
    }
}

/* A question about the whole decodes nothing; one about the end of it only what lies around. */
static void test_decodes_little(void) {
    char text[4000], *out = text;
    out += sprintf(out, "a=f ");
    for (int i = 1; i <= 100; i++)
        out += sprintf(out, "@%d xa10 -x / ", i);
    struct rec_file *r = history_open(text, 1);
    struct an_profile p;
    struct failure f;
    size_t before = history_chunks_decoded(r);
    CHECK(an_ask(&p, r, &(struct an_question){0}, NULL, &f) == 0);
    CHECK_EQ_U64(history_chunks_decoded(r) - before, 0);
    an_profile_release(&p);
    CHECK(an_ask(&p, r, &(struct an_question){.from_tick = 10, .to_tick = 90}, NULL, &f) == 0);
    CHECK(history_chunks_decoded(r) - before <= 8);
    CHECK_EQ_U64(p.sum.allocations, 80);
    an_profile_release(&p);
    history_close(r);
}

/* Asking for every thread that there is asks for all: nothing is looked at but what that takes. */
static void test_all_threads(void) {
    struct rec_file *r = history_open("a=f #0 xa10 / #1 -x ya7 | #0 -y za5", 1);
    static const uint8_t both[2] = {1, 1}, one[2] = {0, 1};
    struct an_question q = {.threads = both};
    struct an_profile p;
    struct failure f;
    size_t before = history_chunks_decoded(r);
    CHECK(an_ask(&p, r, &q, NULL, &f) == 0);
    CHECK_EQ_U64(history_chunks_decoded(r) - before, 0);
    CHECK_EQ_U64(p.sum.allocations, 3);
    an_profile_release(&p);
    q.threads = one;
    CHECK(an_ask(&p, r, &q, NULL, &f) == 0);
    CHECK_EQ_U64(history_chunks_decoded(r) - before, 3);
    CHECK_EQ_U64(p.sum.allocations, 1);
    an_profile_release(&p);
    history_close(r);
}

static size_t decoded_for(struct rec_file *r, uint64_t from, uint64_t to, uint64_t peak_bytes) {
    struct an_profile p;
    struct failure f = {""};
    struct an_question q = {.from_tick = from, .to_tick = to};
    size_t before = history_chunks_decoded(r);
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    CHECK_EQ_U64(p.sum.peak_bytes, peak_bytes);
    an_profile_release(&p);
    return history_chunks_decoded(r) - before;
}

/* What lies behind one snapshot is decoded once, be it for the start, the peak or the end of the
 * range. The whole run's peak is its last event, so that every other range's must be searched for.
 */
static void test_decodes_once(void) {
    struct rec_file *r = history_open("a=f @1 xa10 | @2 ya10 | @3 za50 | @4 -z | @5 wa1 / "
                                      "@6 va1 | @7 ua1 / "
                                      "@8 -v | @9 pa9 | @10 qa40 | @11 -q | @12 oa500",
                                      1);
    /* The start and the peak at 3: four chunks. The end: two, and one back, to see whether v was
     * temporary. */
    CHECK_EQ_U64(decoded_for(r, 2, 9, 70), 4 + 2 + 1);
    /* The start: two. The peak at 10 and the end: five, and one back. */
    CHECK_EQ_U64(decoded_for(r, 2, 12, 71), 2 + 5 + 1);
    /* Start, peak and end: four, and one back. */
    CHECK_EQ_U64(decoded_for(r, 8, 11, 71), 4 + 1);
    history_close(r);
}

/* Of a range whose peak lies behind another snapshot than its start, the start is not looked at for
 * the peak's sake, unless it may be the peak. */
static void test_start_waits(void) {
    struct an_bounds sizes = {0, 9};
    struct an_question q = {.from_tick = 3, .to_tick = 8, .size = &sizes};
    for (int start_is_peak = 0; start_is_peak < 2; start_is_peak++) {
        char text[200];
        snprintf(text, sizeof text,
                 "a=f @1 xa2 | @2 ya%d | @3 -y | @4 za1 / @5 va3 | @6 wa4 | @7 -w / @8 oa500",
                 start_is_peak ? 50 : 1);
        struct rec_file *r = history_open(text, 1);
        struct an_profile p;
        struct failure f = {""};
        size_t before = history_chunks_decoded(r);
        CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
        CHECK_EQ_U64(p.peak_tick, start_is_peak ? 3 : 6);
        /* All chunks for the blocks; and for the peak, those from its snapshot on, or from the
         * beginning to the start's, which is the third. The fourth follows ahead of need, if a
         * worker gets at it before the start turns out to be the peak and the stream is closed. */
        size_t for_peak = history_chunks_decoded(r) - before - 8;
        CHECK(for_peak == 3 || (start_is_peak && for_peak == 4));
        an_profile_release(&p);
        history_close(r);
    }
}

/* At the start of a range that holds no byte, blocks of no size are what is at its peak. */
static void test_peak_of_nothing(void) {
    struct rec_file *r = history_open("a=f @1 xa0 ya9 -y / @4 !a7 | @5 !a7 / @6 !a7 | @7 -x", 1);
    for (uint64_t to = 4; to <= 7; to++) {
        struct an_profile p;
        struct failure f = {""};
        struct an_question q = {.from_tick = 3, .to_tick = to};
        CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
        CHECK_EQ_U64(p.sum.peak_bytes, 0);
        CHECK_EQ_U64(p.sum.peak_blocks, 1);
        an_profile_release(&p);
    }
    history_close(r);
}

/* The same where the timeline promised more: its last bucket begins in the range and goes on. */
static void test_peak_of_nothing_promised(void) {
    struct rec_file *r = history_open("a=f @1 xa0 | @4 !a7 / @6 !a7 | @10 !a7 | @12 ya9", 5);
    struct an_bounds sizes = {0, 9};
    struct an_question q = {.from_tick = 3, .to_tick = 12, .size = &sizes};
    struct an_profile p;
    struct failure f = {""};
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    CHECK_EQ_U64(p.sum.peak_blocks, 1);
    an_profile_release(&p);
    history_close(r);
}

/* The table answers without the events; and what is too large for its columns is exact, too. */
static void test_table(void) {
    struct rec_file *r = history_open("a=f @1 xa10 ya5000000000 @2 -x | @4 za7 @5 -y", 1);
    struct an_life_table lives;
    struct an_profile p;
    struct failure f;
    make_table(&lives, r);
    size_t before = history_chunks_decoded(r);
    struct an_bounds lifetime = {0, 1};
    struct an_question q = {.from_tick = 1, .to_tick = 5, .lives = &lives};
    CHECK(an_ask(&p, r, &q, NULL, &f) == 0);
    CHECK_EQ_U64(p.sum.peak_bytes, 5000000010);
    CHECK_EQ_U64(p.sum.leaked_bytes, 5000000007);
    CHECK_EQ_U64(p.sum.later_bytes, 5000000000);
    an_profile_release(&p);
    q.lifetime = &lifetime;
    CHECK(an_ask(&p, r, &q, NULL, &f) == 0);
    CHECK_EQ_U64(p.sum.allocated_bytes, 10);
    an_profile_release(&p);
    CHECK_EQ_U64(history_chunks_decoded(r), before);
    int yes = 1;
    q.withdrawn = always;
    q.withdrawn_context = &yes;
    CHECK(an_ask(&p, r, &q, NULL, &f) != 0);
    CHECK_STR(f.text, "the question was withdrawn");
    an_life_table_release(&lives);
    history_close(r);
}

int main(void) {
    test_costs();
    test_temporary();
    test_range();
    test_realloc_in_place_of_two_blocks();
    test_alive_freed_later();
    test_bounds();
    test_withdrawn();
    test_random_ranges();
    test_random_questions();
    test_long_histories();
    test_decodes_little();
    test_decodes_once();
    test_all_threads();
    test_start_waits();
    test_peak_of_nothing();
    test_peak_of_nothing_promised();
    test_table();
    return 0;
}
