/* SPDX-License-Identifier: MIT
 * Makes the question of a report. See report_question.h. */
#include "commands/report_question.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/moment_argument.h"
#include "commands/size_argument.h"
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

static int read_alive_at(struct report_question *q, struct rec_file *r,
                         const struct question_options *o, struct failure *f) {
    uint64_t duration = rec_totals(r)->duration_ms;
    struct moment_argument at;
    if (o->alive_at == NULL) return 0;
    if (moment_argument_read(&at, r, "--alive-at", o->alive_at, f) != 0) return -1;
    if (at.tick > duration)
        return failure_set(f, "--alive-at %s: the run took only %s", o->alive_at,
                           ex_duration(duration).text);
    if (at.mark != NULL ? at.mark->event == 0 : at.tick == 0)
        return failure_set(f, "--alive-at %s: nothing is alive when a run begins", o->alive_at);
    q->question.alive_tick = at.tick;
    if (at.mark != NULL) {
        q->question.alive_tick = at.tick + 1;
        q->question.alive_event = at.mark->event;
    } else if (at.tick == duration && strchr(o->alive_at, '%') != NULL) {
        q->question.alive_tick = AN_END;
    }
    return say(&q->range_words, "%salive at %s of %s", q->range_words != NULL ? ", " : "", at.words,
               ex_duration(duration).text);
}

static int empty_range(const struct question_options *o, struct failure *f) {
    return failure_set(f, "--from %s --until %s: the range is empty",
                       o->from != NULL ? o->from : "0", o->until != NULL ? o->until : "the end");
}

static void set_from(struct report_question *q, const struct moment_argument *from) {
    q->question.from_tick = from->tick;
    if (from->mark != NULL) q->question.from_event = from->mark->event;
}

/* -1: the moment is before every event. */
static int set_to(struct report_question *q, const struct moment_argument *to, uint64_t duration,
                  const char *text) {
    q->question.to_event = AN_END;
    if (to->mark != NULL) {
        q->question.to_tick = to->tick + 1;
        q->question.to_event = to->mark->event;
        return to->mark->event == 0 ? -1 : 0;
    }
    int is_all =
        text == NULL || to->tick > duration || (to->tick == duration && strchr(text, '%') != NULL);
    q->question.to_tick = is_all ? AN_END : to->tick;
    return 0;
}

static int read_range(struct report_question *q, struct rec_file *r, const struct question_options *o,
                      struct failure *f) {
    uint64_t duration = rec_totals(r)->duration_ms;
    struct moment_argument from = {0}, to = {.tick = duration + 1};
    if (o->from == NULL && o->until == NULL) return read_alive_at(q, r, o, f);
    if (!rec_knows(r, REC_KNOWS_EVENTS | REC_KNOWS_TIME))
        return failure_set(f, "%s: a file of %s has totals alone, of no part of the run",
                           o->from != NULL ? "--from" : "--until", rec_source(r)->format);
    if (o->from != NULL && moment_argument_read(&from, r, "--from", o->from, f) != 0) return -1;
    if (o->until != NULL && moment_argument_read(&to, r, "--until", o->until, f) != 0) return -1;
    if (from.tick > duration)
        return failure_set(f, "--from %s: the run took only %s", o->from, ex_duration(duration).text);
    set_from(q, &from);
    if (set_to(q, &to, duration, o->until) != 0 || q->question.from_tick >= q->question.to_tick ||
        q->question.from_event >= q->question.to_event)
        return empty_range(o, f);
    if (say(&q->range_words, "only from %s to %s of %s",
            o->from != NULL ? from.words : ex_duration(0).text,
            o->until != NULL && to.tick <= duration ? to.words : ex_duration(duration).text,
            ex_duration(duration).text) != 0)
        return -1;
    return read_alive_at(q, r, o, f);
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
    if (!rec_knows(r, REC_KNOWS_THREADS))
        return failure_set(f, "--thread %s: a file of %s does not tell threads apart", o->threads[0],
                           rec_source(r)->format);
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

static int join_filter(struct report_question *q) {
    return q->filter_words != NULL ? say(&q->filter_words, " and ") : 0;
}

/* Splits MIN-MAX. Returns the place of the dash, or NULL when there is none. */
static char *split(char *text) {
    char *dash = strchr(text, '-');
    if (dash != NULL) *dash = '\0';
    return dash;
}

/* Reads MIN-MAX, MIN-, -MAX or a single value; `parse` reads one end. */
static int read_bounds(struct an_bounds *out, const char *text,
                       int (*parse)(const char *text, uint64_t duration, uint64_t *value),
                       uint64_t duration) {
    char *copy = strdup(text), *dash = copy != NULL ? split(copy) : NULL;
    *out = (struct an_bounds){0, AN_NO_BOUND};
    int failed = copy == NULL || (dash == NULL && parse(copy, duration, &out->min) != 0) ||
                 (dash != NULL && copy[0] != '\0' && parse(copy, duration, &out->min) != 0) ||
                 (dash != NULL && dash[1] != '\0' && parse(dash + 1, duration, &out->max) != 0) ||
                 (dash != NULL && copy[0] == '\0' && dash[1] == '\0');
    if (!failed && dash == NULL) out->max = out->min;
    free(copy);
    return failed || out->max < out->min ? -1 : 0;
}

static int parse_size(const char *text, uint64_t duration, uint64_t *bytes) {
    (void)duration;
    return size_argument_parse(text, bytes);
}

static int say_bounds(struct report_question *q, const char *what, const struct an_bounds *b,
                      struct ex_quantity (*show)(uint64_t value)) {
    if (join_filter(q) != 0) return -1;
    if (b->max == b->min) return say(&q->filter_words, "%s of %s", what, show(b->min).text);
    if (b->max == AN_NO_BOUND) return say(&q->filter_words, "%s of at least %s", what, show(b->min).text);
    if (b->min == 0) return say(&q->filter_words, "%s of at most %s", what, show(b->max).text);
    struct ex_quantity min = show(b->min), max = show(b->max);
    return say(&q->filter_words, "%s from %s to %s", what, min.text, max.text);
}

static struct ex_quantity show_size(uint64_t bytes) {
    return ex_size(bytes, bytes < 10000 ? EX_SIZE_EXACT : EX_SIZE_UNITS);
}

static int read_block_bounds(struct report_question *q, struct rec_file *r,
                             const struct question_options *o, struct failure *f) {
    uint64_t duration = rec_totals(r)->duration_ms;
    if (o->size != NULL) {
        if (read_bounds(&q->size, o->size, parse_size, duration) != 0)
            return failure_set(f, "--size %s: not a range of sizes; write 100-200, 64K-, -1M or 4096",
                               o->size);
        q->question.size = &q->size;
        if (say_bounds(q, "sizes", &q->size, show_size) != 0) return -1;
    }
    if (o->lifetime != NULL) {
        if (read_bounds(&q->lifetime, o->lifetime, time_argument_parse, duration) != 0)
            return failure_set(f, "--lifetime %s: not a range of times; write 0-1ms, 2s- or -10%%",
                               o->lifetime);
        q->question.lifetime = &q->lifetime;
        if (say_bounds(q, "lifetimes", &q->lifetime, ex_duration) != 0) return -1;
    }
    if (!o->whole_group_leaks) return 0;
    q->question.group = AN_GROUP_LEAKED;
    return join_filter(q) || say(&q->filter_words, "whole groups of leaks") ? -1 : 0;
}

static const char *filter_word(const struct an_filter *x, enum an_filter_subject subject) {
    static const char *const any[] = {"a frame", "no frame"}, *const function[] = {"a function", "no function"},
                             *const file[] = {"a file", "no file"}, *const module[] = {"a module", "no module"};
    switch (subject) {
    case AN_FILTER_FUNCTION: return function[x->negated];
    case AN_FILTER_FILE: return file[x->negated];
    case AN_FILTER_MODULE: return module[x->negated];
    case AN_FILTER_ANY: break;
    }
    return any[x->negated];
}

static int read_filters(struct report_question *q, const struct question_options *o,
                        struct failure *f) {
    static const char *const options[] = {[AN_FILTER_FUNCTION] = "function",
                                          [AN_FILTER_FILE] = "file",
                                          [AN_FILTER_MODULE] = "module"};
    for (; q->filter_count < o->filter_count; q->filter_count++) {
        size_t i = q->filter_count;
        struct an_filter *x = &q->filters[i];
        enum an_filter_subject subject = o->filters[i].subject;
        const char *pattern = o->filters[i].pattern;
        struct failure why;
        if (an_filter_init(x, subject, pattern, &why) != 0)
            return failure_set(f, "--%s: %s", subject != AN_FILTER_ANY ? options[subject]
                                              : o->filters[i].ignores  ? "ignore" : "focus", why.text);
        const char *expression = pattern + x->negated;
        x->negated ^= o->filters[i].ignores;
        if (join_filter(q) != 0 ||
            say(&q->filter_words, "%s '%s'", filter_word(x, subject), expression) != 0)
            return -1;
    }
    q->question.filters = q->filters;
    q->question.filter_count = q->filter_count;
    return 0;
}

int report_question_init(struct report_question *q, struct rec_file *r,
                         const struct question_options *o, struct failure *f) {
    memset(q, 0, sizeof *q);
    q->question.times = o->times;
    if (read_range(q, r, o, f) == 0 && read_threads(q, r, o, f) == 0 &&
        read_filters(q, o, f) == 0 && read_block_bounds(q, r, o, f) == 0)
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
