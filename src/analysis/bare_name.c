/* SPDX-License-Identifier: MIT
 * Names of functions without arguments and return types. See bare_name.h. */
#include "analysis/bare_name.h"

#include <ctype.h>
#include <string.h>

static int begins(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Where the name of an operator that begins at `at` ends: its brackets and angles are no pairs. */
static size_t operator_end(const char *full, size_t at) {
    static const char *const names[] = {
        "()", "[]", "->*", "->", "<=>", "<<=", ">>=", "<<", ">>", "<=", ">=", "<", ">"};
    at += strlen("operator");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (begins(full + at, names[i])) return at + strlen(names[i]);
    return at;
}

static int is_operator(const char *full, size_t at) {
    return begins(full + at, "operator") && (at == 0 || !is_word(full[at - 1])) &&
           !is_word(full[at + strlen("operator")]);
}

/* Where the bracket that opens at `at` has closed, of any kind; the end of the text if it never
 * does. */
static size_t skip_pair(const char *full, size_t at) {
    size_t depth = 0;
    for (; full[at] != '\0'; at++) {
        if (is_operator(full, at)) at = operator_end(full, at);
        if (full[at] == '\0') break;
        if (strchr("<([{", full[at]) != NULL) depth++;
        if (full[at] == '>' && at > 0 && full[at - 1] == '-') continue;
        if (strchr(">)]}", full[at]) != NULL && --depth == 0) return at + 1;
    }
    return at;
}

size_t an_bare_name(const char *full, size_t *start) {
    size_t end = 0, at = 0;
    *start = 0;
    while (full[at] != '\0') {
        if (is_operator(full, at)) {
            /* "operator new" and "operator unsigned long" have blanks that divide nothing. */
            at = operator_end(full, at);
            while (full[at] != '\0' && full[at] != '(' && full[at] != '<')
                at++;
            end = at;
        } else if (full[at] == '(' && !begins(full + at, "(anonymous namespace)")) {
            /* Arguments; behind those of a function that holds another one the name goes on. */
            if (end == 0) end = at;
            at = skip_pair(full, at);
            if (begins(full + at, " const")) at += 6;
            if (!begins(full + at, "::")) break;
            end = 0;
        } else if (strchr("<([{", full[at]) != NULL) {
            at = skip_pair(full, at);
            end = 0;
        } else if (full[at] == ' ') {
            *start = ++at;
            end = 0;
        } else {
            at++;
            end = 0;
        }
    }
    if (end == 0) end = at;
    if (end <= *start) *start = 0; /* no name that we know; all of it is as good */
    return end > *start ? end - *start : strlen(full);
}
