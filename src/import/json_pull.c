/* SPDX-License-Identifier: MIT
 * Reads JSON a token at a time. See json_pull.h. */
#include "import/json_pull.h"

#include <stdlib.h>
#include <string.h>

void im_json_init(struct im_json *j, struct im_input *in) {
    memset(j, 0, sizeof *j);
    j->in = in;
}

void im_json_release(struct im_json *j) {
    free(j->text);
}

static enum im_json_token bad(struct im_json *j, const char *what) {
    failure_set(&j->failure, "%s: at byte %llu: %s", im_input_name(j->in),
                (unsigned long long)j->offset, what);
    return IM_JSON_BAD;
}

/* The next byte, or -1 at the end, -2 on failure. It stays. */
static int peek(struct im_json *j) {
    size_t ready;
    const uint8_t *bytes = im_input_peek(j->in, 1, &ready, &j->failure);
    if (bytes == NULL) return -2;
    return ready == 0 ? -1 : bytes[0];
}

static void take(struct im_json *j) {
    im_input_take(j->in, 1);
    j->offset++;
}

static int put(struct im_json *j, char c) {
    if (j->text_length + 1 >= j->text_capacity) {
        size_t capacity = j->text_capacity == 0 ? 256 : j->text_capacity * 2;
        if (capacity > 2 * IM_JSON_TEXT_MAX) return -1;
        char *text = realloc(j->text, capacity);
        if (text == NULL) return -1;
        j->text = text;
        j->text_capacity = capacity;
    }
    j->text[j->text_length++] = c;
    j->text[j->text_length] = '\0';
    return 0;
}

static int put_character(struct im_json *j, unsigned c) {
    if (c < 0x80) return put(j, (char)c);
    if (c < 0x800)
        return put(j, (char)(0xc0 | c >> 6)) != 0 || put(j, (char)(0x80 | (c & 63))) != 0;
    return put(j, (char)(0xe0 | c >> 12)) != 0 || put(j, (char)(0x80 | (c >> 6 & 63))) != 0 ||
           put(j, (char)(0x80 | (c & 63))) != 0;
}

/* The character after a backslash. A surrogate pair is no name of a function: each half becomes
 * '?'. */
static int read_escape(struct im_json *j) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = peek(j);
    if (c < 0) return -1;
    take(j);
    const char *simple = memchr(from, c, sizeof from - 1);
    if (simple != NULL) return put(j, to[simple - from]);
    if (c != 'u') return -1;
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        c = peek(j);
        int letter = (c | 32) - 'a';
        if (c >= '0' && c <= '9')
            value = value << 4 | (unsigned)(c - '0');
        else if (letter >= 0 && letter < 6)
            value = value << 4 | (unsigned)(letter + 10);
        else
            return -1;
        take(j);
    }
    return put_character(j, value == 0 || (value >= 0xd800 && value < 0xe000) ? '?' : value);
}

static int read_string(struct im_json *j) {
    j->text_length = 0;
    if (put(j, '\0') != 0) return -1;
    j->text_length = 0;
    for (;;) {
        int c = peek(j);
        if (c < 0x20) return -1;
        take(j);
        if (c == '"') return 0;
        if (c == '\\' ? read_escape(j) != 0 : put(j, (char)c) != 0) return -1;
    }
}

static int is_plain(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
}

static int skip_blanks(struct im_json *j) {
    int c;
    while ((c = peek(j)) == ' ' || c == '\n' || c == '\t' || c == '\r')
        take(j);
    return c;
}

static enum im_json_token open_bracket(struct im_json *j, char bracket) {
    if (j->depth == IM_JSON_DEPTH_MAX) return bad(j, "it is nested too deeply");
    j->brackets[j->depth++] = bracket;
    j->after_value = 0;
    return bracket == '{' ? IM_JSON_OPEN_OBJECT : IM_JSON_OPEN_ARRAY;
}

static enum im_json_token close_bracket(struct im_json *j, char bracket) {
    if (j->depth == 0 || j->brackets[j->depth - 1] != bracket)
        return bad(j, "a bracket closes that was not opened");
    j->depth--;
    j->after_value = 1;
    return bracket == '{' ? IM_JSON_CLOSE_OBJECT : IM_JSON_CLOSE_ARRAY;
}

static enum im_json_token read_text(struct im_json *j, int is_key) {
    take(j);
    if (read_string(j) != 0) return bad(j, "a text does not end, or is too long");
    if (!is_key) {
        j->after_value = 1;
        return IM_JSON_STRING;
    }
    if (skip_blanks(j) != ':') return bad(j, "a colon is missing");
    take(j);
    j->after_value = 0;
    return IM_JSON_KEY;
}

enum im_json_token im_json_next(struct im_json *j) {
    int had_comma = 0;
    int c = skip_blanks(j);
    if (c == -2) return IM_JSON_BAD;
    if (c == -1) return j->depth == 0 ? IM_JSON_END : bad(j, "the file ends too early");
    if (c == ',' && j->after_value && j->depth > 0) {
        take(j);
        had_comma = 1;
        j->after_value = 0;
        c = skip_blanks(j);
    }
    if (c == '}' || c == ']') {
        if (had_comma) return bad(j, "a value is missing after a comma");
        take(j);
        return close_bracket(j, c == '}' ? '{' : '[');
    }
    if (j->after_value) return bad(j, "a comma is missing");
    /* An object's bracket is noted as '{' while a key must come, and as ':' while its value must.
     */
    char *state = j->depth > 0 ? &j->brackets[j->depth - 1] : NULL;
    if (state != NULL && *state == '{') {
        if (c != '"') return bad(j, "a key is missing");
        *state = ':';
        return read_text(j, 1);
    }
    if (state != NULL && *state == ':') *state = '{';
    if (c == '"') return read_text(j, 0);
    if (c == '{' || c == '[') {
        take(j);
        return open_bracket(j, (char)c);
    }
    j->text_length = 0;
    while (is_plain(c)) {
        if (put(j, (char)c) != 0) return bad(j, "a number is too long");
        take(j);
        c = peek(j);
    }
    if (j->text_length == 0) return bad(j, "this is no JSON");
    j->after_value = 1;
    return j->text[0] == '-' || (j->text[0] >= '0' && j->text[0] <= '9') ? IM_JSON_NUMBER
                                                                         : IM_JSON_WORD;
}

enum im_json_token im_json_skip(struct im_json *j) {
    unsigned depth = j->depth;
    for (;;) {
        enum im_json_token token = im_json_next(j);
        if (token == IM_JSON_BAD || token == IM_JSON_END) return token;
        if (token != IM_JSON_KEY && j->depth == depth) return token;
    }
}
