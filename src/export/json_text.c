/* SPDX-License-Identifier: MIT
 * Writes the pieces of JSON. See json_text.h. */
#include "export/json_text.h"

#include <inttypes.h>
#include <stddef.h>

#include "export/utf8.h"

static void put_character(FILE *out, const char *text, size_t length, uint32_t c) {
    if (c == '"' || c == '\\') {
        fputc('\\', out);
        fputc((int)c, out);
    } else if (c == '\n') {
        fputs("\\n", out);
    } else if (c == '\t') {
        fputs("\\t", out);
    } else if (c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029) {
        fprintf(out, "\\u%04" PRIx32, c);
    } else {
        fwrite(text, 1, length, out);
    }
}

void ex_json_string(FILE *out, const char *text) {
    if (text == NULL) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    while (*text != '\0') {
        uint32_t c;
        size_t length = ex_utf8_decode(text, &c);
        if (length > 0)
            put_character(out, text, length, c);
        else
            fputs("\\ufffd", out);
        text += length > 0 ? length : 1;
    }
    fputc('"', out);
}

void ex_json_next(struct ex_json *j, const char *key) {
    if (!j->first) fputc(',', j->out);
    j->first = 0;
    if (key != NULL) {
        ex_json_string(j->out, key);
        fputc(':', j->out);
    }
}

void ex_json_open(struct ex_json *j, const char *key, char bracket) {
    ex_json_next(j, key);
    fputc(bracket, j->out);
    j->first = 1;
}

void ex_json_close(struct ex_json *j, char bracket) {
    fputc(bracket, j->out);
    j->first = 0;
}

void ex_json_text(struct ex_json *j, const char *key, const char *text) {
    ex_json_next(j, key);
    ex_json_string(j->out, text);
}

void ex_json_number(struct ex_json *j, const char *key, uint64_t n) {
    ex_json_next(j, key);
    fprintf(j->out, "%" PRIu64, n);
}

void ex_json_bool(struct ex_json *j, const char *key, int is_true) {
    ex_json_next(j, key);
    fputs(is_true ? "true" : "false", j->out);
}

void ex_json_null(struct ex_json *j, const char *key) {
    ex_json_next(j, key);
    fputs("null", j->out);
}
