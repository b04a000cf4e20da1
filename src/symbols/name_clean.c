/* SPDX-License-Identifier: MIT
 * Cleans demangled names. See name_clean.h.
 *
 * One pass copies the name and drops what it can; a template's arguments are looked at when its
 * bracket closes, in the copy, where what is inside of them has been cleaned already. */
#include "symbols/name_clean.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/name_brackets.h"

struct cleaning {
    const char *in;
    size_t in_length, at;
    char *out;
    size_t out_length;
    size_t *marks; /* where arguments begin in out: for each open '<' of a template, and after */
    size_t mark_count; /* each of its commas; a bracket's own mark has the top bit */
    const struct sym_brackets *brackets;
    size_t next_bracket;
    size_t *open; /* the brackets that are open at `at` */
    size_t open_count;
};

#define FIRST_ARGUMENT ((size_t)1 << (sizeof(size_t) * 8 - 1))

static int in_starts_with(const struct cleaning *c, const char *text) {
    size_t length = strlen(text);
    return c->in_length - c->at >= length && memcmp(c->in + c->at, text, length) == 0;
}

static int out_ends_with(const struct cleaning *c, const char *text) {
    size_t length = strlen(text);
    return c->out_length >= length && memcmp(c->out + c->out_length - length, text, length) == 0;
}

static int begins_with(const char *text, size_t length, const char *start) {
    size_t start_length = strlen(start);
    return length >= start_length && memcmp(text, start, start_length) == 0;
}

/* Inline namespaces of the standard libraries, which only versions of binaries are about. */
static size_t inline_namespace(const struct cleaning *c) {
    static const char *const names[] = {"__cxx11::", "__1::", "__ndk1::", "_V2::"};
    if (!out_ends_with(c, "::")) return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (in_starts_with(c, names[i])) return strlen(names[i]);
    return 0;
}

/* "[abi:cxx11]" and " [clone .part.0]". */
static size_t tag(const struct cleaning *c) {
    if (!in_starts_with(c, "[abi:") && !in_starts_with(c, " [clone ")) return 0;
    const char *end = memchr(c->in + c->at, ']', c->in_length - c->at);
    return end == NULL ? 0 : (size_t)(end + 1 - (c->in + c->at));
}

/* "::h0123456789abcdef" at the end. */
static size_t rust_hash(const struct cleaning *c) {
    if (c->in_length - c->at != 19 || !in_starts_with(c, "::h")) return 0;
    for (size_t i = 3; i < 19; i++) {
        char digit = c->in[c->at + i];
        if (!isdigit((unsigned char)digit) && (digit < 'a' || digit > 'f')) return 0;
    }
    return 19;
}

static int is_default_argument(const char *argument, size_t length, int after_allocator) {
    static const char *const always[] = {"std::allocator<", "std::char_traits<",
                                         "std::default_delete<"};
    /* In a container they are the default; elsewhere (std::sort) somebody chose them. */
    static const char *const in_containers[] = {"std::less<", "std::equal_to<", "std::hash<"};
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (begins_with(argument, length, always[i])) return 1;
    for (size_t i = 0; after_allocator && i < sizeof in_containers / sizeof *in_containers; i++)
        if (begins_with(argument, length, in_containers[i])) return 1;
    return 0;
}

static void trim_spaces(struct cleaning *c) {
    while (c->out_length > 0 && c->out[c->out_length - 1] == ' ')
        c->out_length--;
}

/* An argument that is all of one template, "std::less<int>" but not "std::less<int>::type". */
static int is_whole(const char *argument, size_t length) {
    return length > 0 && argument[length - 1] == '>';
}

/* At the '>' of a template: takes default arguments off the end, all but the first one. */
static void drop_defaults(struct cleaning *c) {
    trim_spaces(c);
    int after_allocator = 0;
    while (c->mark_count > 0 && (c->marks[c->mark_count - 1] & FIRST_ARGUMENT) == 0) {
        size_t start = c->marks[--c->mark_count];
        const char *argument = c->out + start;
        size_t length = c->out_length - start;
        if (!is_whole(argument, length) || !is_default_argument(argument, length, after_allocator))
            break;
        after_allocator |= begins_with(argument, length, "std::allocator<");
        c->out_length = start - 1; /* the comma too, which a space follows */
        while (c->out_length > 0 && c->out[c->out_length] != ',')
            c->out_length--;
    }
    while (c->mark_count > 0 && (c->marks[c->mark_count - 1] & FIRST_ARGUMENT) == 0)
        c->mark_count--;
    if (c->mark_count > 0) c->mark_count--;
}

/* After the '>' of a template: names that everybody knows by their short form. */
static void use_alias(struct cleaning *c) {
    static const char *const known[] = {
        "string",   "string_view",  "ostream",       "istream",       "iostream",  "streambuf",
        "ios",      "stringstream", "ostringstream", "istringstream", "stringbuf", "fstream",
        "ofstream", "ifstream",     "filebuf",       "regex"};
    if (!out_ends_with(c, "<char>")) return;
    size_t end = c->out_length - 6, start = end;
    while (start > 0 && (isalnum((unsigned char)c->out[start - 1]) || c->out[start - 1] == '_'))
        start--;
    static const char before[] = "std::";
    static const char basic[] = "basic_";
    size_t basic_length = sizeof basic - 1, before_length = sizeof before - 1;
    if (end - start <= basic_length || memcmp(c->out + start, basic, basic_length) != 0) return;
    if (start < before_length || memcmp(c->out + start - before_length, before, before_length) != 0)
        return;
    size_t length = end - start - basic_length;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i]) != length ||
            memcmp(known[i], c->out + start + basic_length, length) != 0)
            continue;
        memmove(c->out + start, c->out + start + basic_length, length);
        c->out_length = start + length;
        return;
    }
}

static int innermost_is_template(const struct cleaning *c) {
    if (c->open_count == 0) return 0;
    return c->in[c->brackets->pairs[c->open[c->open_count - 1]].open] == '<';
}

static void put(struct cleaning *c, char character) {
    c->out[c->out_length++] = character;
}

static void clean_character(struct cleaning *c) {
    char character = c->in[c->at];
    const struct sym_brackets *brackets = c->brackets;
    if (c->next_bracket < brackets->count && brackets->pairs[c->next_bracket].open == c->at) {
        c->open[c->open_count++] = c->next_bracket++;
        put(c, character);
        if (character == '<') c->marks[c->mark_count++] = c->out_length | FIRST_ARGUMENT;
    } else if (c->open_count > 0 && brackets->pairs[c->open[c->open_count - 1]].close == c->at) {
        if (character == '>') drop_defaults(c);
        put(c, character);
        c->open_count--;
        if (character == '>') use_alias(c);
    } else {
        put(c, character);
        if (character == ',' && innermost_is_template(c)) {
            if (c->at + 1 < c->in_length && c->in[c->at + 1] == ' ') put(c, c->in[++c->at]);
            c->marks[c->mark_count++] = c->out_length;
        }
    }
    c->at++;
}

static void clean(struct cleaning *c) {
    while (c->at < c->in_length) {
        size_t skipped = inline_namespace(c);
        if (skipped == 0) skipped = tag(c);
        if (skipped == 0) skipped = rust_hash(c);
        if (skipped > 0) {
            size_t end = c->at + skipped;
            /* The brackets of a tag are gone with it. */
            while (c->next_bracket < c->brackets->count &&
                   c->brackets->pairs[c->next_bracket].open < end)
                c->next_bracket++;
            c->at = end;
            continue;
        }
        size_t operator_length = sym_operator_length(c->in, c->in_length, c->at);
        if (operator_length > 0) {
            memcpy(c->out + c->out_length, c->in + c->at, operator_length);
            c->out_length += operator_length;
            c->at += operator_length;
        } else if (in_starts_with(c, "(anonymous namespace)")) {
            memcpy(c->out + c->out_length, "(anon)", 6);
            c->out_length += 6;
            c->at += strlen("(anonymous namespace)");
            c->next_bracket++;
        } else {
            clean_character(c);
        }
    }
}

char *sym_name_clean(const char *name, size_t *length) {
    struct sym_brackets brackets;
    struct cleaning c = {.in = name, .in_length = strlen(name), .brackets = &brackets};
    if (sym_brackets_read(&brackets, name, c.in_length) != 0) return NULL;
    c.out = malloc(c.in_length + 1);
    c.marks = malloc((c.in_length + 1) * sizeof *c.marks);
    c.open = malloc((brackets.count + 1) * sizeof *c.open);
    if (c.out != NULL && c.marks != NULL && c.open != NULL) {
        clean(&c);
        c.out[c.out_length] = '\0';
        *length = c.out_length;
    } else {
        free(c.out);
        c.out = NULL;
    }
    free(c.marks);
    free(c.open);
    sym_brackets_release(&brackets);
    return c.out;
}

static int is_name_character(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

void sym_name_strip_paths(char *name, size_t *length) {
    size_t out = 0, depth = 0, word = 0; /* word: where in the result the name at hand begins */
    for (size_t i = 0; i < *length; i++) {
        char c = name[i];
        if (c == '-' && i + 2 < *length && name[i + 1] == '>') {
            name[out++] = c;
            c = name[++i];
        } else if (c == '<' || c == '(' || c == '[') {
            depth++;
        } else if ((c == '>' || c == ')' || c == ']') && depth > 0) {
            depth--;
        } else if (depth > 0 && c == ':' && i + 2 < *length && name[i + 1] == ':' && word < out &&
                   is_name_character(name[i + 2])) {
            out = word;
            i++;
            continue;
        }
        name[out++] = c;
        if (!is_name_character(c)) word = out;
    }
    name[out] = '\0';
    *length = out;
}
