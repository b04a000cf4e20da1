/* SPDX-License-Identifier: MIT
 * Reads the options that say which part of a recording is asked about. See question_options.h. */
#include "commands/question_options.h"

#include "commands/option_reading.h"

static int add_filter(struct question_options *o, enum an_filter_subject subject, const char *text) {
    if (o->filter_count == QUESTION_LIST_MAX) return option_bad("filter", text, "too many filters");
    o->filters[o->filter_count].subject = subject;
    o->filters[o->filter_count++].pattern = text;
    return 0;
}

static int add_text(const char **list, size_t *count, const char *option, const char *text) {
    if (*count == QUESTION_LIST_MAX) return option_bad(option, text, "given too often");
    list[(*count)++] = text;
    return 0;
}

int question_option_read(struct question_options *o, int code, const char *value) {
    switch (code) {
    case QUESTION_OPTION_ALIVE_AT: o->alive_at = value; return 0;
    case QUESTION_OPTION_DEBUG_DIR:
        return add_text(o->debug_directories, &o->debug_directory_count, "--debug-dir", value);
    case QUESTION_OPTION_DEBUGINFOD: o->use_debuginfod = 1; return 0;
    case QUESTION_OPTION_FILE: return add_filter(o, AN_FILTER_FILE, value);
    case QUESTION_OPTION_FOCUS: return add_filter(o, AN_FILTER_ANY, value);
    case QUESTION_OPTION_FROM: o->from = value; return 0;
    case QUESTION_OPTION_FUNCTION: return add_filter(o, AN_FILTER_FUNCTION, value);
    case QUESTION_OPTION_IGNORE:
        if (add_filter(o, AN_FILTER_ANY, value) != 0) return -1;
        o->filters[o->filter_count - 1].ignores = 1;
        return 0;
    case QUESTION_OPTION_LIFETIME: o->lifetime = value; return 0;
    case QUESTION_OPTION_MODULE: return add_filter(o, AN_FILTER_MODULE, value);
    case QUESTION_OPTION_NO_SUPPRESSIONS:
        o->no_suppressions = 1;
        return 0;
    case QUESTION_OPTION_NO_SYMBOLS: o->no_symbols = 1; return 0;
    case QUESTION_OPTION_SIZE: o->size = value; return 0;
    case QUESTION_OPTION_SUPPRESSIONS:
        return add_text(o->suppressions, &o->suppression_count, "--suppressions", value);
    case QUESTION_OPTION_THREAD: return add_text(o->threads, &o->thread_count, "--thread", value);
    case QUESTION_OPTION_UNTIL: o->until = value; return 0;
    case QUESTION_OPTION_WHOLE_GROUP_LEAKS: o->whole_group_leaks = 1; return 0;
    default: return -1;
    }
}
