/* SPDX-License-Identifier: MIT
 * Numbers in lines of text. See numbers.h. */
#include "import/numbers.h"

#include <string.h>

static const char *skip_blanks(const char *s) {
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

int im_take_hex(const char **at, uint64_t *value) {
    const char *s = skip_blanks(*at), *start = s;
    uint64_t v = 0;
    for (;; s++) {
        unsigned c = (unsigned char)*s, digit;
        if (c - '0' <= 9)
            digit = c - '0';
        else if ((c | 32) - 'a' <= 5)
            digit = (c | 32) - 'a' + 10;
        else
            break;
        if (v >> 60 != 0) return -1;
        v = v << 4 | digit;
    }
    if (s == start) return -1;
    *at = s;
    *value = v;
    return 0;
}

int im_take_decimal(const char **at, uint64_t *value) {
    const char *s = skip_blanks(*at), *start = s;
    uint64_t v = 0;
    for (; (unsigned)(*s - '0') <= 9; s++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v)) return -1;
    if (s == start) return -1;
    *at = s;
    *value = v;
    return 0;
}

int im_take_text(const char **at, const char *text) {
    const char *s = skip_blanks(*at);
    size_t length = strlen(text);
    if (strncmp(s, text, length) != 0) return -1;
    *at = s + length;
    return 0;
}
