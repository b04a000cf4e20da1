/* SPDX-License-Identifier: MIT
 * Demangled names for people, as wide as there is room. See symbols.h.
 *
 * First the name is cleaned of what never says anything (name_clean.h) and of a function template's
 * return type. While it is still too wide: the parameters go, or, where there are none (Rust), the
 * paths of types inside of brackets; then what is inside of brackets, the deepest and of those the
 * longest first; then the leading namespaces. What is left at the least is the function's own name.
 */
#include <stdlib.h>
#include <string.h>

#include "symbols/name_brackets.h"
#include "symbols/name_clean.h"
#include "symbols/symbols.h"

#define ELLIPSIS "\xe2\x80\xa6" /* … */
/* What is shorter stays: `<int>` says more than `<…>` and is hardly longer. */
#define SHORTEST_COLLAPSED 4

struct shortening {
    const char *name;  /* cleaned */
    size_t begin, end; /* of it, what is left: without return type and trailing words */
    size_t columns;    /* how wide that is now */
    struct sym_brackets brackets;
    size_t *until;     /* columns before each byte of name, and at its end */
    size_t *saved;     /* of each pair: columns that collapses inside of it have saved */
    char *collapsed;   /* of each pair: 1 when its contents become … */
    size_t parameters; /* the pair of the parameter list, or SYM_BRACKET_NONE */
};

/* Bytes that begin a character: in UTF-8 those that do not continue one. */
static size_t columns_of(const char *text, size_t length) {
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

static int begins_with(const char *text, size_t length, const char *start) {
    size_t start_length = strlen(start);
    return length >= start_length && memcmp(text, start, start_length) == 0;
}

/* How much of `text` is a word that may follow a parameter list: " const", " &&". */
static size_t trailing_word(const char *text, size_t length) {
    static const char *const words[] = {" const", " volatile", " &&", " &", " noexcept", "const"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins_with(text, length, words[i])) return strlen(words[i]);
    return 0;
}

/* The outermost round pair that nothing but such words follows. */
static size_t find_parameters(const struct shortening *s) {
    for (size_t i = s->brackets.count; i > 0; i--) {
        const struct sym_bracket *pair = &s->brackets.pairs[i - 1];
        if (pair->depth != 1) continue;
        if (s->name[pair->open] != '(' || pair->open == 0) return SYM_BRACKET_NONE;
        size_t at = pair->close + 1, word;
        while (at < s->end && (word = trailing_word(s->name + at, s->end - at)) > 0)
            at += word;
        return at == s->end ? i - 1 : SYM_BRACKET_NONE;
    }
    return SYM_BRACKET_NONE;
}

/* A space that ends a return type. Not those of "f() const::{lambda()#1}". */
static int separates(const struct shortening *s, size_t space) {
    if (s->name[space] != ' ' || space == s->begin) return 0;
    if (s->name[space - 1] != ')') return 1;
    return trailing_word(s->name + space, s->end - space) == 0;
}

/* Function templates begin with their return type: "void std::sort<…>(…)". Thunks begin with words
 * that go the same way. Only names with parameters have either. */
static void drop_return_type(struct shortening *s) {
    if (s->parameters == SYM_BRACKET_NONE) return;
    size_t stop = s->brackets.pairs[s->parameters].open, pair = 0, after = 0;
    for (size_t i = 0; i < stop; i++) {
        while (pair < s->brackets.count && s->brackets.pairs[pair].open < i)
            pair++;
        if (pair < s->brackets.count && s->brackets.pairs[pair].open == i) {
            i = s->brackets.pairs[pair].close;
            continue;
        }
        size_t operator_length = sym_operator_length(s->name, stop, i);
        if (operator_length == strlen("operator")) break; /* a conversion: a type follows */
        if (operator_length > 0) {
            i += operator_length - 1;
            if (i + 1 < stop && s->name[i + 1] == ' ') i++; /* "operator< <int>" */
        } else if (separates(s, i)) {
            after = i + 1;
        }
    }
    if (after > 0 && after < stop) s->begin = after;
}

static size_t contents_columns(const struct shortening *s, size_t pair) {
    const struct sym_bracket *bracket = &s->brackets.pairs[pair];
    return s->until[bracket->close] - s->until[bracket->open + 1] - s->saved[pair];
}

/* Collapses one pair unless that saves too little; either way its parent learns what was saved. */
static void collapse(struct shortening *s, size_t pair, size_t shortest) {
    const struct sym_bracket *bracket = &s->brackets.pairs[pair];
    size_t columns = contents_columns(s, pair);
    if (columns >= shortest) {
        s->collapsed[pair] = 1;
        s->saved[pair] += columns - 1;
        s->columns -= columns - 1;
    }
    if (bracket->parent != SYM_BRACKET_NONE) s->saved[bracket->parent] += s->saved[pair];
}

static void drop_parameters(struct shortening *s, size_t width) {
    if (s->parameters == SYM_BRACKET_NONE || s->columns <= width) return;
    const struct sym_bracket *bracket = &s->brackets.pairs[s->parameters];
    s->columns -= columns_of(s->name + bracket->close + 1, s->end - bracket->close - 1);
    s->end = bracket->close + 1;
    if (s->columns > width) collapse(s, s->parameters, 2);
}

struct candidate {
    size_t pair, depth, length;
};

static int compare(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->depth != y->depth) return x->depth > y->depth ? -1 : 1;
    if (x->length != y->length) return x->length > y->length ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

/* `{lambda(int)#1}`, `<lambda()>` and `(anon)` are names: what is inside may go, they may not. */
static int is_name(const struct shortening *s, const struct sym_bracket *bracket) {
    const char *inside = s->name + bracket->open + 1;
    size_t length = bracket->close - bracket->open - 1;
    return s->name[bracket->open] == '{' || s->name[bracket->open] == '[' ||
           begins_with(inside, length, "lambda(") || begins_with(inside, length, "anon)");
}

/* Every pair passes through `collapse` in the order of depth, so that what is saved inside of a
 * pair is known when its own turn comes. */
static int collapse_brackets(struct shortening *s, size_t width) {
    if (s->columns <= width || s->brackets.count == 0) return 0;
    struct candidate *candidates = malloc(s->brackets.count * sizeof *candidates);
    if (candidates == NULL) return -1;
    size_t count = 0;
    for (size_t i = 0; i < s->brackets.count; i++) {
        const struct sym_bracket *bracket = &s->brackets.pairs[i];
        if (bracket->open < s->begin || bracket->close >= s->end) continue;
        if (s->parameters != SYM_BRACKET_NONE && i >= s->parameters) continue;
        candidates[count++] = (struct candidate){i, bracket->depth, bracket->close - bracket->open};
    }
    qsort(candidates, count, sizeof *candidates, compare);
    for (size_t i = 0; i < count && s->columns > width; i++) {
        const struct sym_bracket *bracket = &s->brackets.pairs[candidates[i].pair];
        collapse(s, candidates[i].pair, is_name(s, bracket) ? SIZE_MAX : SHORTEST_COLLAPSED);
    }
    free(candidates);
    return 0;
}

/* Writes what is left; the pieces are never longer than the name they come from, but for the …. */
static char *write_out(const struct shortening *s, size_t *length) {
    char *out = malloc(s->end - s->begin + 1 + 2 * s->brackets.count + sizeof ELLIPSIS);
    if (out == NULL) return NULL;
    size_t at = 0, pair = 0;
    for (size_t i = s->begin; i < s->end; i++) {
        out[at++] = s->name[i];
        while (pair < s->brackets.count && s->brackets.pairs[pair].open < i)
            pair++;
        if (pair == s->brackets.count || s->brackets.pairs[pair].open != i) continue;
        if (!s->collapsed[pair]) continue;
        memcpy(out + at, ELLIPSIS, strlen(ELLIPSIS));
        at += strlen(ELLIPSIS);
        i = s->brackets.pairs[pair].close - 1;
    }
    out[at] = '\0';
    *length = at;
    return out;
}

/* Cuts namespaces off the front until the rest fits, but never the last name; a lambda's call
 * operator keeps the lambda. */
static void drop_namespaces(char *name, size_t length, size_t width) {
    size_t columns = columns_of(name, length);
    if (columns <= width) return;
    struct sym_brackets brackets;
    if (sym_brackets_read(&brackets, name, length) != 0) return;
    size_t last = 0, pair = 0, dropped = 0, counted = 0;
    for (size_t i = 0; i + 2 < length; i++) {
        while (pair < brackets.count && brackets.pairs[pair].open < i)
            pair++;
        if (pair < brackets.count && brackets.pairs[pair].open == i) {
            i = brackets.pairs[pair].close;
            continue;
        }
        size_t operator_length = sym_operator_length(name, length, i);
        if (operator_length > 0) break; /* what follows may be the type of a conversion */
        if (name[i] != ':' || name[i + 1] != ':') continue;
        if (begins_with(name + i, length - i, "::operator()") && last > 0 && name[last] == '{')
            break;
        /* Keeping the "::" with a … before it takes one column more than what begins at it. */
        dropped = i;
        last = i + 2;
        columns -= columns_of(name + counted, i - counted);
        counted = i;
        if (columns + 1 <= width) break;
        i++;
    }
    sym_brackets_release(&brackets);
    if (dropped < strlen(ELLIPSIS)) return;
    memmove(name + strlen(ELLIPSIS), name + dropped, length - dropped + 1);
    memcpy(name, ELLIPSIS, strlen(ELLIPSIS));
}

static char *shorten(struct shortening *s, size_t width) {
    drop_return_type(s);
    s->columns = columns_of(s->name + s->begin, s->end - s->begin);
    drop_parameters(s, width);
    if (collapse_brackets(s, width) != 0) return NULL;
    size_t length;
    char *out = write_out(s, &length);
    if (out != NULL) drop_namespaces(out, length, width);
    return out;
}

static int read_brackets(struct shortening *s) {
    sym_brackets_release(&s->brackets);
    if (sym_brackets_read(&s->brackets, s->name, s->end) != 0) return -1;
    s->parameters = find_parameters(s);
    return 0;
}

/* What collapsing counts with. */
static int allocate_counts(struct shortening *s) {
    s->saved = calloc(s->brackets.count + 1, sizeof *s->saved);
    s->collapsed = calloc(s->brackets.count + 1, 1);
    s->until = malloc((s->end + 1) * sizeof *s->until);
    if (s->saved == NULL || s->collapsed == NULL || s->until == NULL) return -1;
    for (size_t i = 0, columns = 0; i <= s->end; i++) {
        s->until[i] = columns;
        if (i < s->end) columns += columns_of(s->name + i, 1);
    }
    return 0;
}

char *sym_shorten(const char *demangled, size_t width) {
    struct shortening s = {0};
    char *clean = sym_name_clean(demangled, &s.end), *out = NULL;
    if (clean == NULL) return NULL;
    s.name = clean;
    int result = read_brackets(&s);
    if (result == 0 && s.parameters == SYM_BRACKET_NONE && columns_of(clean, s.end) > width) {
        sym_name_strip_paths(clean, &s.end);
        result = read_brackets(&s);
    }
    if (result == 0 && allocate_counts(&s) == 0) out = shorten(&s, width);
    free(s.until);
    free(s.saved);
    free(s.collapsed);
    sym_brackets_release(&s.brackets);
    free(clean);
    return out;
}
