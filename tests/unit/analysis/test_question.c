/* SPDX-License-Identifier: MIT
 * Questions about histories: each cost by hand, and random histories in every range against the
 * answers by definition. */
#include <inttypes.h>

#include "../check.h"
#include "analysis/cost.h"
#include "history.h"

/* What stack `letter` came to in a range. */
static struct rec_node_totals ask(const char *text, char letter, uint64_t from, uint64_t to) {
    struct rec_file *r = history_open(text, 4);
    struct failure f = {""};
    struct an_profile p;
    struct rec_node_totals found = {0};
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
    struct rec_node_totals a = ask(text, 'a', 0, 0), b = ask(text, 'b', 0, 0);
    CHECK_EQ_U64(a.allocations, 2);
    CHECK_EQ_U64(a.allocated_bytes, 105);
    CHECK_EQ_U64(a.live_bytes, 5);
    CHECK_EQ_U64(a.peak_bytes, 100);
    CHECK_EQ_U64(a.temporary, 0);
    CHECK_EQ_U64(b.peak_bytes, 30);
    CHECK_EQ_U64(b.peak_blocks, 1);
    CHECK_EQ_U64(b.live_blocks, 1);
}

static void test_temporary(void) {
    CHECK_EQ_U64(ask("a=f xa10 -x", 'a', 0, 0).temporary, 1);
    CHECK_EQ_U64(ask("a=f xa10 ya10 -x -y", 'a', 0, 0).temporary, 0);
    CHECK_EQ_U64(ask("a=f xa10 !a99 -x", 'a', 0, 0).temporary, 1);       /* a failure is no event */
    CHECK_EQ_U64(ask("a=f xa10 #1 ya10 #0 -x", 'a', 0, 0).temporary, 1); /* nor another thread's */
    CHECK_EQ_U64(ask("a=f xa10 #1 -x", 'a', 0, 0).temporary, 0);         /* ended by another thread */
    CHECK_EQ_U64(ask("a=f xa10 x>ya20 -y", 'a', 0, 0).temporary, 2);     /* a rolling buffer */
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
    CHECK_EQ_U64(ask(text, 'b', 2, 4).live_bytes, 50);
    CHECK_EQ_U64(ask(text, 'b', 2, 6).live_bytes, 0);
    CHECK_EQ_U64(ask(text, 'a', 4, 6).live_bytes, 10);
    CHECK_EQ_U64(ask(text, 'a', 1, 4).live_bytes, 0); /* freed within it */
    CHECK_EQ_U64(ask(text, 'b', 6, 0).live_bytes, 7);
    CHECK_EQ_U64(ask(text, 'a', 6, 0).peak_bytes, 10);
}

static void test_realloc_in_place_of_two_blocks(void) {
    struct rec_node_totals a = ask("a=f xa100 x>xa150 x>xa10", 'a', 0, 0);
    CHECK_EQ_U64(a.peak_bytes, 150); /* one event: never both at once */
    CHECK_EQ_U64(a.allocations, 3);
    CHECK_EQ_U64(a.live_bytes, 10);
}

static void print(const char *who, const struct rec_node_totals *n, size_t count) {
    for (size_t i = 0; i < count; i++)
        fprintf(stderr,
                "  %s node %u: allocations %" PRIu64 " (%" PRIu64 "), temporary %" PRIu64
                ", failed %" PRIu64 ", leaked %" PRIu64 " (%" PRIu64 "), peak %" PRIu64 " (%" PRIu64
                ")\n",
                who, n[i].node, n[i].allocations, n[i].allocated_bytes, n[i].temporary, n[i].failed,
                n[i].live_blocks, n[i].live_bytes, n[i].peak_blocks, n[i].peak_bytes);
}

static void compare(struct rec_file *r, uint64_t from, uint64_t to, int thread, unsigned seed) {
    struct history_answer *expected = malloc(sizeof *expected);
    uint8_t threads[8] = {0};
    if (thread >= 0) threads[thread] = 1;
    struct an_question q = {
        .from_tick = from, .to_tick = to, .threads = thread >= 0 ? threads : NULL};
    struct an_profile p;
    struct failure f = {""};
    CHECK_STR(an_ask(&p, r, &q, NULL, &f) == 0 ? "" : f.text, "");
    history_answer(expected, r, from, to, thread);
    int same = p.count == expected->count && p.frees == expected->frees && p.events == expected->events;
    if (same && p.count > 0) same = memcmp(p.entries, expected->nodes, p.count * sizeof p.entries[0]) == 0;
    if (same && p.reallocations != AN_UNKNOWN) same = p.reallocations == expected->reallocations;
    if (!same) {
        fprintf(stderr, "seed %u, ticks %" PRIu64 " to %" PRIu64 ", thread %d differs\n", seed, from,
                to, thread);
        fprintf(stderr, "  frees %" PRIu64 " %" PRIu64 ", events %" PRIu64 " %" PRIu64
                        ", reallocations %" PRIu64 " %" PRIu64 "\n",
                p.frees, expected->frees, p.events, expected->events, p.reallocations,
                expected->reallocations);
        print("answer", p.entries, p.count);
        print("expected", expected->nodes, expected->count);
        exit(1);
    }
    an_profile_release(&p);
    free(expected);
}

static void test_random_histories(void) {
    for (unsigned seed = 1; seed <= 60; seed++) {
        char *text = history_random(seed, 120);
        struct rec_file *r = history_open(text, seed % 4 == 0 ? 0 : seed % 7 + 1);
        uint64_t end = rec_totals(r)->duration_ms + 1;
        size_t thread_count;
        rec_threads(r, &thread_count);
        for (uint64_t from = 0; from < end; from += 1 + seed % 3)
            for (uint64_t to = from + 1; to <= end; to += 1 + seed % 5) {
                compare(r, from, to, -1, seed);
                if (to % 4 == 0) compare(r, from, to, (int)(to / 4 % thread_count), seed);
            }
        history_close(r);
        free(text);
    }
}

/* A question about the whole decodes nothing; one about the end of it only what lies around. */
static void test_decodes_little(void) {
    char text[4000], *out = text;
    out += sprintf(out, "a=f ");
    for (int i = 1; i <= 100; i++) out += sprintf(out, "@%d xa10 -x / ", i);
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

int main(void) {
    test_costs();
    test_temporary();
    test_range();
    test_realloc_in_place_of_two_blocks();
    test_random_histories();
    test_decodes_little();
    return 0;
}
