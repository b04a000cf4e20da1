/* SPDX-License-Identifier: MIT
 * Reads questions from parameters. See question_query.h. */
#include "server/question_query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXPRESSION_BYTES_MAX 1000
#define REPEATS_MAX 1000

static int read_number(const char *text, const char *end, uint64_t *n) {
    uint64_t value = 0;
    if (text == end) return -1;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9') return -1;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return -1;
    }
    *n = value;
    return 0;
}

int question_query_number(const struct target *t, const char *name, uint64_t absent, uint64_t *n,
                          struct failure *f) {
    const char *text;
    *n = absent;
    if (target_value(t, name, &text, f) != 0) return -1;
    if (text == NULL || text[0] == '\0') return 0;
    if (read_number(text, text + strlen(text), n) == 0) return 0;
    return failure_set(f, "%s=%.100s: not a whole number", name, text);
}

/* MIN-MAX, either of which may be empty. */
static int read_bounds(const struct target *t, const char *name, struct an_bounds *bounds,
                       const struct an_bounds **wanted, struct failure *f) {
    const char *text;
    if (target_value(t, name, &text, f) != 0) return -1;
    if (text == NULL || text[0] == '\0') return 0;
    const char *dash = strchr(text, '-');
    *bounds = (struct an_bounds){0, AN_NO_BOUND};
    if (dash == NULL || (dash > text && read_number(text, dash, &bounds->min) != 0) ||
        (dash[1] != '\0' && read_number(dash + 1, dash + strlen(dash), &bounds->max) != 0))
        return failure_set(f, "%s=%.100s: not MIN-MAX with whole numbers", name, text);
    if (bounds->min > bounds->max)
        return failure_set(f, "%s=%.100s: the least is more than the most", name, text);
    *wanted = bounds;
    return 0;
}

/* Expressions that libc's matcher would spend for ever, or all memory, on are not compiled:
 * back-references, and repeats that come to more than REPEATS_MAX copies when nested. */
static int is_cheap(const char *expression) {
    uint64_t copies = 1;
    if (strlen(expression) > EXPRESSION_BYTES_MAX) return 0;
    for (const char *s = expression; *s != '\0'; s++) {
        if (*s == '\\') {
            if (s[1] >= '1' && s[1] <= '9') return 0;
            if (s[1] != '\0') s++;
        } else if (*s == '{') {
            uint64_t most = 0, n = 0;
            for (const char *d = s + 1; *d != '\0' && *d != '}'; d++) {
                n = *d >= '0' && *d <= '9' && n < REPEATS_MAX * 10 ? n * 10 + (uint64_t)(*d - '0')
                                                                   : 0;
                if (n > most) most = n;
            }
            if (most > 0) copies *= most;
            if (copies > REPEATS_MAX) return 0;
        }
    }
    return 1;
}

static int read_filter(struct question_query *q, enum an_filter_subject subject,
                       const struct target_parameter *x, struct failure *f) {
    struct failure why;
    if (x->value[0] == '\0') return 0;
    if (q->filter_count == AN_FILTERS_MAX)
        return failure_set(f, "there are more than %d filters", AN_FILTERS_MAX);
    if (!is_cheap(x->value))
        return failure_set(
            f,
            "%s=%.100s: the expression is too costly to look for; use a shorter one, "
            "without back-references and large repeats",
            x->name, x->value);
    if (an_filter_init(&q->filters[q->filter_count], subject, x->value, &why) != 0)
        return failure_set(f, "%s: %s", x->name, why.text);
    q->filter_count++;
    return 0;
}

static int read_thread(struct question_query *q, struct rec_file *r, const char *text,
                       struct failure *f) {
    size_t count;
    uint64_t tid;
    const struct rec_thread *threads = rec_threads(r, &count);
    if (q->threads == NULL) q->threads = calloc(count + 1, 1);
    if (q->threads == NULL) return failure_set(f, "cannot choose threads: out of memory");
    q->question.threads = q->threads;
    int found = 0;
    if (read_number(text, text + strlen(text), &tid) == 0)
        for (size_t i = 0; i < count; i++)
            if (threads[i].tid == tid) q->threads[i] = 1, found = 1;
    if (found) return 0;
    return failure_set(f, "thread=%.100s: the recording has no such thread", text);
}

static int read_lists(struct question_query *q, const struct target *t, struct rec_file *r,
                      struct failure *f) {
    static const struct {
        const char *name;
        enum an_filter_subject subject;
    } subjects[] = {
        {"function", AN_FILTER_FUNCTION}, {"file", AN_FILTER_FILE}, {"module", AN_FILTER_MODULE}};
    for (size_t i = 0; i < t->parameter_count; i++) {
        const struct target_parameter *x = &t->parameters[i];
        if (strcmp(x->name, "thread") == 0 && read_thread(q, r, x->value, f) != 0) return -1;
        for (size_t s = 0; s < sizeof subjects / sizeof subjects[0]; s++)
            if (strcmp(x->name, subjects[s].name) == 0 &&
                read_filter(q, subjects[s].subject, x, f) != 0)
                return -1;
    }
    q->question.filters = q->filters;
    q->question.filter_count = q->filter_count;
    return 0;
}

static int read_group(struct question_query *q, const struct target *t, struct failure *f) {
    const char *text;
    if (target_value(t, "whole_group", &text, f) != 0) return -1;
    if (text == NULL || text[0] == '\0') return 0;
    if (strcmp(text, "leaked") != 0)
        return failure_set(f, "whole_group=%.100s: it can be 'leaked' only", text);
    q->question.group = AN_GROUP_LEAKED;
    return 0;
}

/* Zero means "to the end" in a question, so an empty range must be told here. */
static int read_times(struct question_query *q, const struct target *t, uint64_t duration,
                      struct failure *f) {
    uint64_t from, to, alive;
    if (question_query_number(t, "from", 0, &from, f) != 0 ||
        question_query_number(t, "to", AN_END, &to, f) != 0 ||
        question_query_number(t, "alive_at", AN_END, &alive, f) != 0)
        return -1;
    if (from >= to)
        return failure_set(f, "the range is empty: from=%llu is not before to=%llu",
                           (unsigned long long)from, (unsigned long long)to);
    if (from > duration)
        return failure_set(f, "from=%llu is behind the end of the run, which took %llu ms",
                           (unsigned long long)from, (unsigned long long)duration);
    const char *alive_text;
    if (target_value(t, "alive_at", &alive_text, f) != 0) return -1;
    int has_alive = alive_text != NULL && alive_text[0] != '\0';
    q->question.from_tick = from;
    q->question.to_tick = to > duration ? AN_END : to;
    if (!has_alive) alive = to;
    /* 0 would mean the end of the range; nothing is alive before tick 0, nor is anything then. */
    q->question.alive_tick = alive > duration ? AN_END : alive == 0 ? 0 : alive;
    if (has_alive && alive == 0) return failure_set(f, "alive_at=0: nothing was alive then");
    return 0;
}

int question_query_init(struct question_query *q, const struct target *t, struct rec_file *r,
                        struct failure *f) {
    memset(q, 0, sizeof *q);
    if (read_times(q, t, rec_totals(r)->duration_ms, f) == 0 &&
        read_bounds(t, "size", &q->size, &q->question.size, f) == 0 &&
        read_bounds(t, "lifetime", &q->lifetime, &q->question.lifetime, f) == 0 &&
        read_group(q, t, f) == 0 && read_lists(q, t, r, f) == 0 &&
        an_question_settle(&q->question, r, f) == 0)
        return 0;
    question_query_release(q);
    return -1;
}

void question_query_release(struct question_query *q) {
    for (size_t i = 0; i < q->filter_count; i++)
        an_filter_release(&q->filters[i]);
    free(q->threads);
    memset(q, 0, sizeof *q);
}
