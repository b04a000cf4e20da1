/* SPDX-License-Identifier: MIT
 * Reads rules and applies them. See suppressions.h. */
#include "analysis/suppressions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/names.h"

#define FILE_MAX (16u << 20)

void an_suppressions_release(struct an_suppressions *s) {
    for (size_t i = 0; i < s->count; i++) {
        free(s->list[i].pattern);
        free(s->list[i].from);
    }
    free(s->list);
    memset(s, 0, sizeof *s);
}

/* ---- patterns ---- */

/* Finds `length` characters of `piece` in `text`. */
static const char *find(const char *text, const char *piece, size_t length) {
    size_t left = strlen(text);
    for (; left >= length; text++, left--)
        if (memcmp(text, piece, length) == 0) return text;
    return NULL;
}

int an_pattern_matches(const char *pattern, const char *text) {
    if (text == NULL || text[0] == '\0') return 0;
    int at_start = pattern[0] == '^';
    if (at_start) pattern++;
    size_t rest = strlen(pattern);
    int at_end = rest > 0 && pattern[rest - 1] == '$';
    if (at_end) rest--;
    for (;;) {
        const char *star = memchr(pattern, '*', rest);
        size_t length = star != NULL ? (size_t)(star - pattern) : rest;
        if (star == NULL && at_end) { /* the last piece stands at the end, whatever is before */
            size_t left = strlen(text);
            if (left < length || (at_start && left != length)) return 0;
            return memcmp(text + left - length, pattern, length) == 0;
        }
        const char *found = at_start ? (strncmp(text, pattern, length) == 0 ? text : NULL)
                                     : find(text, pattern, length);
        if (found == NULL) return 0;
        if (star == NULL) return 1;
        text = found + length;
        pattern += length + 1;
        rest -= length + 1;
        at_start = 0;
    }
}

/* ---- reading ---- */

static int add_rule(struct an_suppressions *s, const char *pattern, size_t length,
                    const char *from) {
    if (s->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 16 : 2 * s->capacity;
        struct an_suppression *list = realloc(s->list, capacity * sizeof *list);
        if (list == NULL) return -1;
        s->list = list;
        s->capacity = capacity;
    }
    struct an_suppression one = {.pattern = strndup(pattern, length), .from = strdup(from)};
    s->list[s->count++] = one;
    return one.pattern != NULL && one.from != NULL ? 0 : -1;
}

enum on_bad_line { REFUSE, PASS_OVER };

static int add_lines(struct an_suppressions *s, const char *text, const char *from,
                     enum on_bad_line bad, struct failure *f) {
    static const char blank[] = " \t\r";
    for (unsigned line = 1; *text != '\0'; line++) {
        size_t length = strcspn(text, "\n");
        const char *next = text + length + (text[length] == '\n');
        size_t lead = strspn(text, blank);
        if (lead > length) lead = length;
        text += lead, length -= lead;
        while (length > 0 && strchr(blank, text[length - 1]) != NULL)
            length--;
        if (length > 0 && text[0] != '#') {
            static const char type[] = "leak:";
            size_t type_length = sizeof type - 1;
            if (length > type_length && strncmp(text, type, type_length) == 0) {
                if (add_rule(s, text + type_length, length - type_length, from) < 0)
                    return failure_set(f, "cannot keep the suppressions: out of memory");
            } else if (bad == REFUSE) {
                return failure_set(f, "%s:%u: %.*s: not a suppression: write leak:PATTERN", from,
                                   line, (int)(length > 80 ? 80 : length), text);
            }
        }
        text = next;
    }
    return 0;
}

int an_suppressions_add_text(struct an_suppressions *s, const char *text, const char *from,
                             struct failure *f) {
    return add_lines(s, text, from, REFUSE, f);
}

int an_suppressions_add_rules(struct an_suppressions *s, const struct an_suppressions *from,
                              struct failure *f) {
    for (size_t i = 0; i < from->count; i++) {
        const struct an_suppression *rule = &from->list[i];
        if (add_rule(s, rule->pattern, strlen(rule->pattern), rule->from) < 0)
            return failure_set(f, "cannot keep the suppressions: out of memory");
    }
    return 0;
}

int an_suppressions_add_file(struct an_suppressions *s, const char *path, struct failure *f) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return failure_set_errno(f, errno, "cannot read the suppressions in %s", path);
    char *text = NULL;
    size_t used = 0, capacity = 0;
    int result = 0;
    for (;;) {
        if (capacity - used < 4096) {
            char *more = capacity >= FILE_MAX ? NULL : realloc(text, capacity + (1 << 16));
            if (more == NULL) {
                result = failure_set(f, "%s: too large to be a file of suppressions", path);
                break;
            }
            text = more;
            capacity += 1 << 16;
        }
        size_t got = fread(text + used, 1, capacity - used - 1, file);
        used += got;
        if (got == 0) break;
    }
    if (result == 0 && ferror(file))
        result = failure_set_errno(f, errno, "cannot read the suppressions in %s", path);
    fclose(file);
    if (result == 0) {
        text[used] = '\0';
        result = strlen(text) != used
                     ? failure_set(f, "%s: not a text, so no file of suppressions", path)
                     : an_suppressions_add_text(s, text, path, f);
    }
    free(text);
    return result;
}

int an_suppressions_add_recorded(struct an_suppressions *s, const struct rec_file *r,
                                 struct failure *f) {
    const char *from;
    const char *text = rec_suppressions(r, &from);
    return text == NULL ? 0 : add_lines(s, text, from, PASS_OVER, f);
}

/* ---- applying ---- */

#define NOT_KNOWN UINT32_MAX

static uint32_t rule_of_function(const struct an_suppressions *s, struct an_frames *frames,
                                 uint32_t function) {
    const struct an_function *n = &frames->functions[function];
    const char *texts[] = {an_name_module(frames, n->module), an_name_full(frames, function),
                           n->name, n->file};
    for (size_t rule = 0; rule < s->count; rule++)
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            if (an_pattern_matches(s->list[rule].pattern, texts[t])) return (uint32_t)rule + 1;
    return 0;
}

/* Of the frames at one code address the innermost that a rule matches. */
static uint32_t rule_of_address(const struct an_suppressions *s, uint32_t *known,
                                struct an_frames *frames, uint32_t address) {
    size_t count;
    const uint32_t *ids = an_frames_of(frames, address, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t function = frames->frames[ids[i]].function;
        if (known[function] == NOT_KNOWN) known[function] = rule_of_function(s, frames, function);
        if (known[function] != 0) return known[function];
    }
    return 0;
}

int an_suppressed_nodes(uint32_t **out, const struct an_suppressions *s, struct rec_file *r,
                        struct an_frames *frames, struct failure *f) {
    size_t count;
    *out = NULL;
    if (s->count == 0) return 0;
    const struct rec_node *nodes = rec_nodes(r, &count, f);
    if (nodes == NULL) return -1;
    uint32_t *rule_of = calloc(count + 1, sizeof *rule_of);
    uint32_t *known = malloc((frames->function_count + 1) * sizeof *known);
    if (rule_of == NULL || known == NULL) {
        free(rule_of);
        free(known);
        return failure_set(f, "cannot apply the suppressions: out of memory");
    }
    memset(known, 0xff, (frames->function_count + 1) * sizeof *known);
    /* The rule of the innermost frame, else that of the callers, which come first in the table. */
    for (size_t n = 1; n < count; n++) {
        rule_of[n] = rule_of_address(s, known, frames, nodes[n].address);
        if (rule_of[n] == 0) rule_of[n] = rule_of[nodes[n].parent];
    }
    free(known);
    *out = rule_of;
    return 0;
}

void an_suppress(struct an_suppressions *s, const uint32_t *rule_of, struct an_profile *p) {
    uint64_t blocks = 0, bytes = 0;
    for (size_t i = 0; rule_of != NULL && i < p->count; i++) {
        struct an_costs *c = &p->entries[i];
        if (c->leaked_blocks == 0 || rule_of[c->node] == 0) continue;
        struct an_suppression *rule = s != NULL ? &s->list[rule_of[c->node] - 1] : NULL;
        if (rule != NULL) {
            rule->stacks++;
            rule->blocks += c->leaked_blocks;
            rule->bytes += c->leaked_bytes;
        }
        blocks += c->leaked_blocks;
        bytes += c->leaked_bytes;
        c->leaked_blocks = c->leaked_bytes = 0;
    }
    if (s != NULL) {
        s->blocks += blocks;
        s->bytes += bytes;
    }
    p->sum.leaked_blocks -= blocks;
    p->sum.leaked_bytes -= bytes;
    p->all.leaked_blocks -= blocks < p->all.leaked_blocks ? blocks : p->all.leaked_blocks;
    p->all.leaked_bytes -= bytes < p->all.leaked_bytes ? bytes : p->all.leaked_bytes;
}
