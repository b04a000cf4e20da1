/* SPDX-License-Identifier: MIT
 * Reads TOML. See toml.h. */
#include "base/toml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1 << 20)

struct parser {
    const char *path;
    unsigned line;
    char *at;
    const struct toml_reader *reader;
};

static int bad(const struct parser *p, struct failure *f, const char *what) {
    return failure_set(f, "%s, line %u: %s", p->path, p->line, what);
}

static void skip_blanks(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

/* The rest of a line may be a remark alone. */
static int end_line(struct parser *p, struct failure *f) {
    skip_blanks(p);
    if (*p->at == '#') p->at += strcspn(p->at, "\n");
    if (*p->at == '\r') p->at++;
    if (*p->at == '\0') return 0;
    if (*p->at != '\n') return bad(p, f, "something stands behind the value");
    p->at++;
    p->line++;
    return 0;
}

static int is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static int put_utf8(char **out, unsigned long c) {
    char *o = *out;
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return -1;
    if (c < 0x80) {
        *o++ = (char)c;
    } else if (c < 0x800) {
        *o++ = (char)(0xc0 | c >> 6);
        *o++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *o++ = (char)(0xe0 | c >> 12);
        *o++ = (char)(0x80 | (c >> 6 & 63));
        *o++ = (char)(0x80 | (c & 63));
    } else {
        *o++ = (char)(0xf0 | c >> 18);
        *o++ = (char)(0x80 | (c >> 12 & 63));
        *o++ = (char)(0x80 | (c >> 6 & 63));
        *o++ = (char)(0x80 | (c & 63));
    }
    *out = o;
    return 0;
}

/* What follows a backslash; what it stands for is never longer, so it is written in place. */
static int take_escape(char **in, char **out) {
    static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\033\"\\";
    char c = *(*in)++;
    const char *simple = c != '\0' ? strchr(from, c) : NULL;
    if (simple != NULL) {
        *(*out)++ = to[simple - from];
        return 0;
    }
    int digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
    char hex[9] = "", *end;
    for (int i = 0; i < digits; i++) {
        if ((*in)[i] == '\0') return -1;
        hex[i] = (*in)[i];
    }
    if (digits == 0) return -1;
    unsigned long value = strtoul(hex, &end, 16);
    if (end != hex + digits || hex[0] == '-' || hex[0] == '+' || hex[0] == ' ') return -1;
    *in += digits;
    return put_utf8(out, value);
}

/* A text in either kind of quotes, ended with a NUL where it stands. */
static int take_text(struct parser *p, char **text, struct failure *f) {
    char quote = *p->at++;
    char *in = p->at, *out = p->at;
    *text = out;
    if (in[0] == quote && in[1] == quote) return bad(p, f, "texts of several lines are not read");
    for (; *in != quote;) {
        if (*in == '\n' || *in == '\0') return bad(p, f, "the text does not end");
        if (*in == '\\' && quote == '"') {
            in++;
            if (take_escape(&in, &out) != 0)
                return bad(
                    p, f,
                    "the text has a backslash that means nothing; '…' takes them as they are");
            continue;
        }
        *out++ = *in++;
    }
    p->at = in + 1;
    *out = '\0';
    return 0;
}

static int take_name(struct parser *p, char *name, size_t size, struct failure *f) {
    size_t length = 0;
    if (*p->at == '"' || *p->at == '\'') {
        char *text;
        if (take_text(p, &text, f) != 0) return -1;
        snprintf(name, size, "%s", text);
        return 0;
    }
    for (; is_bare(*p->at); p->at++)
        if (length + 1 < size) name[length++] = *p->at;
    name[length] = '\0';
    if (length == 0) return bad(p, f, "a name is missing");
    if (*p->at == '.') return bad(p, f, "dotted names are not read");
    return 0;
}

/* Digits may be divided by single underscores. */
static int take_number(struct parser *p, char *word, struct toml_value *v, struct failure *f) {
    char digits[64], *end;
    size_t length = 0;
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '_' && (c == word || c[1] == '\0' || c[1] == '_'))
            return bad(p, f, "the number has an underscore too much");
        if (*c == '_') continue;
        if (length + 1 == sizeof digits) return bad(p, f, "the number is too long");
        digits[length++] = *c;
    }
    digits[length] = '\0';
    errno = 0;
    v->text = word;
    v->kind = TOML_INTEGER;
    v->integer = strtoll(digits, &end, 10);
    if (*end == '\0' && end != digits && errno == 0) {
        v->number = (double)v->integer;
        return 0;
    }
    v->kind = TOML_NUMBER;
    v->number = strtod(digits, &end);
    if (*end == '\0' && end != digits && strpbrk(digits, "xXnNpP") == NULL) return 0;
    return bad(p, f, "the value is neither a text in quotes, a number, true nor false");
}

static int take_value(struct parser *p, struct toml_value *v, char *word, size_t size,
                      struct failure *f) {
    memset(v, 0, sizeof *v);
    if (*p->at == '"' || *p->at == '\'') {
        char *text;
        v->kind = TOML_TEXT;
        if (take_text(p, &text, f) != 0) return -1;
        v->text = text;
        return 0;
    }
    if (*p->at == '[' || *p->at == '{') return bad(p, f, "lists and tables as values are not read");
    size_t length = strcspn(p->at, " \t\r\n#");
    if (length == 0) return bad(p, f, "the value is missing");
    if (length >= size) return bad(p, f, "the value is too long");
    memcpy(word, p->at, length);
    word[length] = '\0';
    p->at += length;
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
        v->kind = TOML_TRUTH;
        v->truth = word[0] == 't';
        v->text = word;
        return 0;
    }
    return take_number(p, word, v, f);
}

static int read_table(struct parser *p, struct failure *f) {
    char name[128];
    int is_array = p->at[1] == '[';
    p->at += 1 + is_array;
    skip_blanks(p);
    if (take_name(p, name, sizeof name, f) != 0) return -1;
    skip_blanks(p);
    if (*p->at != ']' || (is_array && p->at[1] != ']')) return bad(p, f, "a bracket is missing");
    p->at += 1 + is_array;
    struct failure why;
    unsigned line = p->line;
    if (p->reader->table(p->reader->context, name, is_array, &why) != 0)
        return failure_set(f, "%s, line %u: %s", p->path, line, why.text);
    return end_line(p, f);
}

static int read_key(struct parser *p, struct failure *f) {
    char name[128], word[128];
    struct toml_value value;
    struct failure why;
    if (take_name(p, name, sizeof name, f) != 0) return -1;
    skip_blanks(p);
    if (*p->at != '=') return bad(p, f, "an '=' is missing");
    p->at++;
    skip_blanks(p);
    if (take_value(p, &value, word, sizeof word, f) != 0) return -1;
    if (p->reader->key(p->reader->context, name, &value, &why) != 0)
        return failure_set(f, "%s, line %u: %s", p->path, p->line, why.text);
    return end_line(p, f);
}

static int parse(struct parser *p, struct failure *f) {
    if (strncmp(p->at, "\xef\xbb\xbf", 3) == 0) p->at += 3;
    while (*p->at != '\0') {
        skip_blanks(p);
        int failed = *p->at == '[' ? read_table(p, f)
                     : *p->at == '#' || *p->at == '\r' || *p->at == '\n' || *p->at == '\0'
                         ? end_line(p, f)
                         : read_key(p, f);
        if (failed) return -1;
    }
    return 0;
}

int toml_read(const char *path, const struct toml_reader *reader, struct failure *f) {
    FILE *file = fopen(path, "re");
    char *text = malloc(FILE_MAX + 1);
    if (file == NULL || text == NULL) {
        int error = file == NULL ? errno : ENOMEM;
        if (file != NULL) fclose(file);
        free(text);
        return failure_set_errno(f, error, "cannot read %s", path);
    }
    size_t length = fread(text, 1, FILE_MAX + 1, file);
    int result = ferror(file)        ? failure_set_errno(f, errno, "cannot read %s", path)
                 : length > FILE_MAX ? failure_set(f, "%s is larger than 1 MiB", path)
                                     : 0;
    fclose(file);
    if (result == 0) {
        text[length] = '\0';
        struct parser p = {.path = path, .line = 1, .at = text, .reader = reader};
        result = strlen(text) != length ? bad(&p, f, "the file has a NUL in it") : parse(&p, f);
    }
    free(text);
    return result;
}
