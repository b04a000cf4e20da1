/* SPDX-License-Identifier: MIT
 * The brackets of a demangled name. See name_brackets.h. */
#include "symbols/name_brackets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

size_t sym_operator_length(const char *name, size_t length, size_t at) {
    static const char word[] = "operator";
    static const char *const signs[] = {"<=>", "<<=", ">>=", "->*", "()", "[]", "<<",
                                        ">>",  "<=",  ">=",  "->",  "<",  ">",  ","};
    size_t word_length = sizeof word - 1;
    if (length - at < word_length || memcmp(name + at, word, word_length) != 0) return 0;
    if (at > 0 && is_word(name[at - 1])) return 0;
    size_t after = at + word_length;
    if (after < length && is_word(name[after])) return 0;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t sign_length = strlen(signs[i]);
        if (length - after >= sign_length && memcmp(name + after, signs[i], sign_length) == 0)
            return word_length + sign_length;
    }
    return word_length;
}

static char closing_of(char open) {
    switch (open) {
    case '<':
        return '>';
    case '(':
        return ')';
    case '[':
        return ']';
    case '{':
        return '}';
    default:
        return '\0';
    }
}

struct reading {
    const char *name;
    struct sym_bracket *pairs; /* close is 0 while a pair is open */
    size_t count, innermost;   /* the innermost open pair */
};

static void open_pair(struct reading *reading, size_t at) {
    reading->pairs[reading->count] = (struct sym_bracket){.open = at, .parent = reading->innermost};
    reading->innermost = reading->count++;
}

/* A '<' that is still open when its surroundings end was a comparison. A '>' closes only what is
 * innermost; any other closing bracket gives up the '<'s inside of its pair. */
static void close_pair(struct reading *reading, char closing, size_t at) {
    size_t pair = reading->innermost;
    if (closing != '>')
        while (pair != SYM_BRACKET_NONE && reading->name[reading->pairs[pair].open] == '<')
            pair = reading->pairs[pair].parent;
    if (pair == SYM_BRACKET_NONE || closing_of(reading->name[reading->pairs[pair].open]) != closing)
        return;
    reading->pairs[pair].close = at;
    reading->innermost = reading->pairs[pair].parent;
}

/* Drops the pairs that were never closed and tells the others who is really around them. */
static void settle(struct sym_brackets *brackets, struct reading *reading, size_t *moved_to) {
    for (size_t i = 0; i < reading->count; i++) {
        struct sym_bracket pair = reading->pairs[i];
        size_t parent = pair.parent == SYM_BRACKET_NONE ? SYM_BRACKET_NONE : moved_to[pair.parent];
        if (pair.close == 0) {
            moved_to[i] = parent;
            continue;
        }
        pair.parent = parent;
        pair.depth = parent == SYM_BRACKET_NONE ? 1 : brackets->pairs[parent].depth + 1;
        moved_to[i] = brackets->count;
        brackets->pairs[brackets->count++] = pair;
    }
}

int sym_brackets_read(struct sym_brackets *brackets, const char *name, size_t length) {
    memset(brackets, 0, sizeof *brackets);
    size_t opening = 0;
    for (size_t i = 0; i < length; i++)
        opening += closing_of(name[i]) != '\0';
    struct reading reading = {.name = name, .innermost = SYM_BRACKET_NONE};
    reading.pairs = malloc((opening + 1) * sizeof *reading.pairs);
    size_t *moved_to = malloc((opening + 1) * sizeof *moved_to);
    if (reading.pairs == NULL || moved_to == NULL) {
        free(reading.pairs);
        free(moved_to);
        return -1;
    }
    for (size_t i = 0; i < length; i++) {
        size_t operator_length = sym_operator_length(name, length, i);
        if (operator_length > 0)
            i += operator_length - 1;
        else if (name[i] == '-' && i + 1 < length && name[i + 1] == '>')
            i++;
        else if (closing_of(name[i]) != '\0')
            open_pair(&reading, i);
        else if (strchr(">)]}", name[i]) != NULL)
            close_pair(&reading, name[i], i);
    }
    /* What is settled never passes what is being read, so the array can be both. */
    brackets->pairs = reading.pairs;
    settle(brackets, &reading, moved_to);
    free(moved_to);
    return 0;
}

void sym_brackets_release(struct sym_brackets *brackets) {
    free(brackets->pairs);
    memset(brackets, 0, sizeof *brackets);
}
