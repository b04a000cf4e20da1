/* SPDX-License-Identifier: MIT
 * Makes the question of a report. See report_question.h. */
#include "commands/report_question.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/time_argument.h"
#include "export/quantity.h"

/* Appends to a text that grows; `*text` may be NULL. */
__attribute__((format(printf, 2, 3))) static int say(char **text, const char *format, ...) {
    char *more = NULL, *joined = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&more, format, arguments);
    va_end(arguments);
    if (length < 0) return -1;
    if (asprintf(&joined, "%s%s", *text != NULL ? *text : "", more) < 0) joined = NULL;
    free(more);
    free(*text);
    *text = joined;
    return joined != NULL ? 0 : -1;
}

static int read_time(const char *option, const char *text, uint64_t duration, uint64_t *ms,
                     struct failure *f) {
    if (time_argument_parse(text, duration, ms) == 0) return 0;
    return failure_set(f, "%s %s: not a time; write 1.5s, 200ms, 2m or 30%%", option, text);
}

static int read_range(struct report_question *q, struct rec_file *r, const struct question_options *o,
                      struct failure *f) {
    uint64_t duration = rec_totals(r)->duration_ms, from = 0, to = duration + 1;
    if (o->from == NULL && o->until == NULL) return 0;
    if (o->from != NULL && read_time("--from", o->from, duration, &from, f) != 0) return -1;
    if (o->until != NULL && read_time("--until", o->until, duration, &to, f) != 0) return -1;
    if (from > duration)
        return failure_set(f, "--from %s: the run took only %s", o->from, ex_duration(duration).text);
    if (o->until != NULL && to >= duration && strchr(o->until, '%') != NULL) to = duration + 1;
    if (to <= from)
        return failure_set(f, "--from %s --until %s: the range is empty", o->from != NULL ? o->from : "0",
                           o->until != NULL ? o->until : "the end");
    q->question.from_tick = from;
    q->question.to_tick = to > duration ? AN_END : to;
    struct ex_quantity start = ex_duration(from), end = ex_duration(to > duration ? duration : to);
    return say(&q->range_words, "only from %s to %s of %s", start.text, end.text,
               ex_duration(duration).text);
}

static int is_thread(const struct rec_thread *t, const char *wanted) {
    char name[sizeof t->name + 1] = "", number[16];
    memcpy(name, t->name, sizeof t->name);
    snprintf(number, sizeof number, "%u", t->tid);
    return strcmp(name, wanted) == 0 || strcmp(number, wanted) == 0;
}

static int no_thread(const struct rec_thread *threads, size_t count, const char *wanted,
                     struct failure *f) {
    char list[600] = "";
    for (size_t i = 0; i < count && strlen(list) < 500; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%u %.16s", used > 0 ? ", " : "", threads[i].tid,
                 threads[i].name);
    }
    return failure_set(f, "--thread %s: no such thread; there are: %s", wanted, list);
}

static int read_threads(struct report_question *q, struct rec_file *r,
                        const struct question_options *o, struct failure *f) {
    size_t count;
    const struct rec_thread *threads = rec_threads(r, &count);
    if (o->thread_count == 0) return 0;
    q->threads = calloc(count + 1, 1);
    if (q->threads == NULL) return failure_set(f, "cannot choose threads: out of memory");
    q->question.threads = q->threads;
    for (size_t i = 0; i < o->thread_count; i++) {
        int found = 0;
        for (size_t t = 0; t < count; t++)
            if (is_thread(&threads[t], o->threads[i])) q->threads[t] = 1, found = 1;
        if (!found) return no_thread(threads, count, o->threads[i], f);
        const char *before = q->range_words == NULL ? "only " : i == 0 ? ", " : " and ";
        if (say(&q->range_words, "%sthread %s", before, o->threads[i]) != 0) return -1;
    }
    return 0;
}

static int read_filters(struct report_question *q, const struct question_options *o,
                        struct failure *f) {
    static const char *const subjects[] = {[AN_FILTER_FUNCTION] = "function",
                                           [AN_FILTER_FILE] = "file",
                                           [AN_FILTER_MODULE] = "module"};
    for (; q->filter_count < o->filter_count; q->filter_count++) {
        size_t i = q->filter_count;
        enum an_filter_subject subject = o->filters[i].subject;
        struct failure why;
        if (an_filter_init(&q->filters[i], subject, o->filters[i].pattern, &why) != 0)
            return failure_set(f, "--%s: %s", subjects[subject], why.text);
        int negated = q->filters[i].negated;
        if (say(&q->filter_words, "%s%s %s '%s'", i > 0 ? " and " : "",
                negated ? "no" : "a", subjects[subject], o->filters[i].pattern + negated) != 0)
            return -1;
    }
    q->question.filters = q->filters;
    q->question.filter_count = q->filter_count;
    return 0;
}

int report_question_init(struct report_question *q, struct rec_file *r,
                         const struct question_options *o, struct failure *f) {
    memset(q, 0, sizeof *q);
    if (read_range(q, r, o, f) == 0 && read_threads(q, r, o, f) == 0 && read_filters(q, o, f) == 0)
        return 0;
    report_question_release(q);
    return -1;
}

void report_question_release(struct report_question *q) {
    for (size_t i = 0; i < q->filter_count; i++) an_filter_release(&q->filters[i]);
    free(q->threads);
    free(q->range_words);
    free(q->filter_words);
    memset(q, 0, sizeof *q);
}
