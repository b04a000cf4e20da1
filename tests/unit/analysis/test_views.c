/* SPDX-License-Identifier: MIT
 * The answers other than profiles: threads, sizes and lifetimes, histories, growth; and filters on
 * stacks. Random questions to random histories against answers by definition. */
#include <inttypes.h>

#include "../check.h"
#include "analysis/growth.h"
#include "analysis/histogram.h"
#include "analysis/history.h"
#include "analysis/life_table.h"
#include "analysis/suppressions.h"
#include "analysis/thread_table.h"
#include "history.h"

static void succeed(int result, const struct failure *f) {
    CHECK_STR(result == 0 ? "" : f->text, "");
}

static int in_range(const struct history_story *s, const struct an_question *q, size_t event) {
    size_t first, end, at;
    history_range(s, q, &first, &end, &at);
    return event >= first && event < end;
}

/* Each row is the answer to the question about that thread alone. */
static void check_threads(struct rec_file *r, const struct an_question *asked) {
    struct an_question q = *asked;
    struct an_thread_row *rows;
    struct history_story s = {0};
    size_t count;
    struct failure f = {""};
    /* Leaks of every other stack do not count. */
    uint32_t suppressed[64];
    for (uint32_t n = 0; n < 64; n++)
        suppressed[n] = n % 2;
    succeed(an_thread_table_ask(&rows, &count, r, &q, suppressed, NULL, &f), &f);
    history_tell(&s, r);
    for (size_t t = 0; t < count; t++) {
        uint8_t only[8] = {0};
        struct an_profile p;
        only[t] = asked->threads == NULL || asked->threads[t];
        q.threads = only;
        succeed(an_ask(&p, r, &q, NULL, &f), &f);
        an_suppress(NULL, suppressed, &p);
        CHECK(memcmp(&p.sum, &rows[t].costs, sizeof p.sum) == 0);
        an_profile_release(&p);
        uint64_t blocks = 0, bytes = 0;
        q.threads = NULL;
        for (size_t i = 0; i < s.block_count && only[t]; i++) {
            const struct history_block *b = &s.blocks[i];
            if (!in_range(&s, &q, b->end) || s.events[b->end].thread != t || !history_passes(&s, &q, b))
                continue;
            blocks++;
            bytes += b->size;
        }
        CHECK_EQ_U64(rows[t].ended_blocks, blocks);
        CHECK_EQ_U64(rows[t].ended_bytes, bytes);
    }
    history_story_release(&s);
    free(rows);
}

static unsigned digits(uint64_t value) {
    unsigned n = 0;
    for (; value > 0; value /= 2) n++;
    return n;
}

static void check_histogram(struct rec_file *r, const struct an_question *q) {
    struct an_histogram found, expected = {0};
    struct history_story s = {0};
    struct failure f = {""};
    succeed(an_histogram_ask(&found, r, q, NULL, &f), &f);
    history_tell(&s, r);
    for (size_t i = 0; i < s.block_count; i++) {
        const struct history_block *b = &s.blocks[i];
        if (!in_range(&s, q, b->birth) || !history_passes(&s, q, b)) continue;
        expected.sizes.count[digits(b->size)]++;
        expected.sizes.bytes[digits(b->size)] += b->size;
        if (b->end == SIZE_MAX) {
            expected.never_count++;
            expected.never_bytes += b->size;
        } else {
            unsigned bucket = digits(s.events[b->end].tick - s.events[b->birth].tick);
            expected.lifetimes.count[bucket]++;
            expected.lifetimes.bytes[bucket] += b->size;
        }
    }
    CHECK(memcmp(&found, &expected, sizeof found) == 0);
    history_story_release(&s);
}

/* What a node holds at a point, in the history's answer. */
static uint64_t told(const struct an_history *h, uint32_t group, size_t point) {
    for (size_t i = 0; i < h->group_count; i++)
        if (h->groups[i] == group) return h->bytes[i * h->point_count + point];
    return 0;
}

static void check_history(struct rec_file *r, const struct an_question *q, size_t points,
                          const uint32_t *group_of, size_t groups, uint64_t least) {
    struct an_history_wish wish = {.points = points, .group_of = group_of, .group_count = groups,
                                   .least_bytes = least};
    struct an_history h;
    struct history_story s = {0};
    struct failure f = {""};
    size_t node_count;
    rec_nodes(r, &node_count, NULL);
    if (group_of == NULL) groups = node_count;
    succeed(an_history_ask(&h, r, q, &wish, NULL, &f), &f);
    history_tell(&s, r);
    uint64_t (*expected)[64] = calloc(points, sizeof *expected), most[64] = {0};
    for (size_t k = 0; k < points; k++) {
        size_t events = history_events_before(&s, h.ticks[k]);
        for (size_t i = 0; i < s.block_count; i++) {
            const struct history_block *b = &s.blocks[i];
            if (b->birth < events && b->end >= events && history_passes(&s, q, b))
                expected[k][group_of != NULL ? group_of[b->node] : b->node] += b->size;
        }
        for (size_t g = 0; g < groups; g++)
            if (expected[k][g] > most[g]) most[g] = expected[k][g];
    }
    for (size_t k = 0; k < points; k++) {
        uint64_t rest = 0;
        for (size_t g = 0; g < groups; g++) {
            int one_by_one = most[g] > 0 && most[g] >= least;
            if (!one_by_one) rest += expected[k][g];
            CHECK_EQ_U64(told(&h, (uint32_t)g, k), one_by_one ? expected[k][g] : 0);
        }
        CHECK_EQ_U64(h.rest[k], rest);
    }
    for (size_t i = 1; i < h.group_count; i++) CHECK(h.groups[i] > h.groups[i - 1]);
    uint64_t end = rec_totals(r)->duration_ms + 1;
    CHECK_EQ_U64(h.ticks[0], q->from_tick);
    CHECK_EQ_U64(h.ticks[points - 1], q->to_tick == 0 || q->to_tick > end ? end : q->to_tick);
    free(expected);
    history_story_release(&s);
    an_history_release(&h);
}

static void test_random(void) {
    for (unsigned seed = 1; seed <= 80; seed++) {
        unsigned state = seed;
        char *text = history_random(seed, 150);
        struct rec_file *r = history_open(text, seed % 7 + 1);
        uint32_t halves[64];
        for (uint32_t n = 0; n < 64; n++) halves[n] = n % 2;
        struct an_life_table lives;
        struct failure f = {""};
        succeed(an_life_table_make(&lives, r, NULL, &f), &f);
        for (unsigned i = 0; i < 30; i++) {
            struct history_question q;
            history_random_question(&q, r, &state);
            q.question.lives = i % 2 ? &lives : NULL;
            check_threads(r, &q.question);
            check_histogram(r, &q.question);
            check_history(r, &q.question, 2 + i % 9, i % 3 == 0 ? halves : NULL, 2, i % 4 < 2 ? 120 : 0);
        }
        an_life_table_release(&lives);
        history_close(r);
        free(text);
    }
}

/* A group that just reaches the least amount is told apart. */
static void test_least(void) {
    struct rec_file *r = history_open("a=f b=g xa100 yb99 @1", 1);
    check_history(r, &(struct an_question){0}, 3, NULL, 0, 100);
    check_history(r, &(struct an_question){0}, 3, NULL, 0, 99);
    check_history(r, &(struct an_question){0}, 3, NULL, 0, 101);
    history_close(r);
}

static void test_buckets(void) {
    CHECK_EQ_U64(an_bucket_min(0), 0);
    CHECK_EQ_U64(an_bucket_max(0), 0);
    CHECK_EQ_U64(an_bucket_min(3), 4);
    CHECK_EQ_U64(an_bucket_max(3), 7);
    CHECK_EQ_U64(an_bucket_max(64), UINT64_MAX);
}

/* The stacks that pass, as letters. */
static char *passing(const char *text, const char *letters, struct an_question *q,
                     enum an_filter_subject subject, const char *pattern) {
    static char found[32];
    struct rec_file *r = history_open(text, 1);
    struct an_frames frames;
    struct an_filter filter;
    struct an_profile p;
    struct failure f = {""};
    char *out = found;
    succeed(an_frames_build(&frames, r, &f), &f);
    if (pattern != NULL) {
        succeed(an_filter_init(&filter, subject, pattern, &f), &f);
        q->filters = &filter;
        q->filter_count = 1;
    }
    succeed(an_ask(&p, r, q, &frames, &f), &f);
    for (const char *l = letters; *l != '\0'; l++)
        for (size_t i = 0; i < p.count; i++)
            if (p.entries[i].node == history_node(r, *l)) *out++ = *l;
    *out = '\0';
    an_profile_release(&p);
    if (pattern != NULL) an_filter_release(&filter);
    an_frames_release(&frames);
    history_close(r);
    return found;
}

static void test_filters_on_stacks(void) {
    const char *text = "a=main,parse:3,f b=main,libz.so!inflate c=main,g "
                       "d=main,h wa1 xb1 yc1 -y zc1 !c9 !d9 @1";
    struct an_question q = {0};
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_FUNCTION, "parse"), "a");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_FUNCTION, "!parse"), "bc");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_MODULE, "libz"), "b");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_FILE, "file"), "a");
    /* All three at once. */
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_ANY, "libz|file|^g$"), "abc");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_ANY, "!libz|file"), "c");
    q = (struct an_question){.group = AN_GROUP_LEAKED};
    CHECK_STR(passing(text, "abcd", &q, AN_FILTER_ANY, NULL), "ab");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_ANY, "main"), "ab");
    CHECK_STR(passing(text, "abc", &q, AN_FILTER_ANY, "inflate|^g"), "b");
}

/* Thirty ticks of a heap: what letter a adds at each of them. */
static char *grow(const char *each, const char *at_the_end) {
    static char text[8000];
    char *out = text + sprintf(text, "a=main,f b=main,g ");
    for (int i = 1; i <= 40; i++) out += sprintf(out, "@%d %s ", i, each);
    sprintf(out, "@41 %s @42", at_the_end);
    return text;
}

static int reason(const char *text) {
    struct rec_file *r = history_open(text, 1);
    struct an_history_wish wish = {.points = 22};
    struct an_question q = {0};
    struct an_history h;
    struct an_growth *list;
    size_t count;
    struct failure f = {""};
    succeed(an_history_ask(&h, r, &q, &wish, NULL, &f), &f);
    uint8_t *never = an_never_freed(r, &wish, &f);
    CHECK(never != NULL);
    succeed(an_growth_find(&list, &count, &h, never, &f), &f);
    CHECK(count <= 1);
    int why = count == 0 ? -1 : (int)list[0].reason;
    if (count == 1) CHECK(list[0].group == history_node(r, 'a') && list[0].late_bytes > list[0].middle_bytes);
    free(list);
    free(never);
    an_history_release(&h);
    history_close(r);
    return why;
}

static void test_growth(void) {
    CHECK(reason(grow("xa10", "")) == AN_GROWTH_NEVER_FREED);
    CHECK(reason(grow("xa10 ya5 -y", "")) == AN_GROWTH_NEVER_FALLS);
    CHECK(reason(grow("xa10 -x", "")) == -1);
    CHECK(reason(grow("xb10 -x ya4", "")) == AN_GROWTH_NEVER_FREED);
    CHECK(reason("a=f xa100 @40 ya1 @41 -x @42") == -1);
    /* All of it in one chain of reallocations, freed at the end. */
    char text[2000], *out = text + sprintf(text, "a=f xa10 ");
    for (int i = 1; i <= 40; i++) out += sprintf(out, "@%d x>xa%d ", i, 10 + i * 10);
    sprintf(out, "@41 @42 -x @43");
    CHECK(reason(text) == AN_GROWTH_UNTIL_THE_END);
}

int main(void) {
    test_random();
    test_least();
    test_buckets();
    test_filters_on_stacks();
    test_growth();
    return 0;
}
