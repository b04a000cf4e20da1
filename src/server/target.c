/* SPDX-License-Identifier: MIT
 * Splits and decodes the target of a request. See target.h. */
#include "server/target.h"

#include <stdlib.h>
#include <string.h>

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Decodes in place, for what is decoded is never longer. */
static int decode(char *text, char plus, struct failure *f) {
    char *to = text;
    for (const char *s = text; *s != '\0'; s++) {
        if (*s != '%') {
            *to++ = *s == '+' ? plus : *s;
            continue;
        }
        int high = digit(s[1]), low = high < 0 ? -1 : digit(s[2]);
        if (low < 0)
            return failure_set(f, "the address has a %% that two hexadecimal digits do not follow");
        if (high == 0 && low == 0) return failure_set(f, "the address has a NUL byte");
        *to++ = (char)(high << 4 | low);
        s += 2;
    }
    *to = '\0';
    return 0;
}

static int split_path(struct target *t, char *path, struct failure *f) {
    if (path[0] != '/') return failure_set(f, "the address does not begin with '/'");
    for (char *next, *s = path + 1; s != NULL; s = next) {
        next = strchr(s, '/');
        if (next != NULL) *next++ = '\0';
        if (t->segment_count == TARGET_SEGMENTS_MAX)
            return failure_set(f, "the address has too many parts");
        if (decode(s, '+', f) != 0) return -1;
        t->segments[t->segment_count++] = s;
    }
    return 0;
}

static int split_query(struct target *t, char *query, struct failure *f) {
    for (char *next, *s = query; s != NULL; s = next) {
        next = strchr(s, '&');
        if (next != NULL) *next++ = '\0';
        if (*s == '\0') continue;
        char *value = strchr(s, '=');
        if (value != NULL) *value++ = '\0';
        if (t->parameter_count == TARGET_PARAMETERS_MAX)
            return failure_set(f, "the question has more than %d parts", TARGET_PARAMETERS_MAX);
        if (decode(s, ' ', f) != 0 || (value != NULL && decode(value, ' ', f) != 0)) return -1;
        t->parameters[t->parameter_count++] =
            (struct target_parameter){s, value != NULL ? value : s + strlen(s)};
    }
    return 0;
}

int target_parse(struct target *t, const char *text, struct failure *f) {
    *t = (struct target){0};
    if (strlen(text) > TARGET_BYTES_MAX)
        return failure_set(f, "the address is longer than %d bytes", TARGET_BYTES_MAX);
    t->text = strdup(text);
    if (t->text == NULL) return failure_set(f, "out of memory");
    char *query = strchr(t->text, '?');
    if (query != NULL) *query++ = '\0';
    if (split_path(t, t->text, f) == 0 && split_query(t, query, f) == 0) return 0;
    target_release(t);
    return -1;
}

void target_release(struct target *t) {
    free(t->text);
    *t = (struct target){0};
}

int target_value(const struct target *t, const char *name, const char **value, struct failure *f) {
    *value = NULL;
    for (size_t i = 0; i < t->parameter_count; i++) {
        if (strcmp(t->parameters[i].name, name) != 0) continue;
        if (*value != NULL) return failure_set(f, "'%s' is given twice", name);
        *value = t->parameters[i].value;
    }
    return 0;
}

int target_allow(const struct target *t, const char *const *names, struct failure *f) {
    for (size_t i = 0; i < t->parameter_count; i++) {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, t->parameters[i].name) != 0)
            name++;
        if (*name == NULL)
            return failure_set(f, "there is no parameter '%.100s' here", t->parameters[i].name);
    }
    return 0;
}
