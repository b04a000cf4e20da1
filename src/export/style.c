/* SPDX-License-Identifier: MIT
 * Colours, width and characters of text output. See style.h. */
#include "export/style.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "export/utf8.h"

static size_t width_of(FILE *out) {
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    if (columns != NULL && atol(columns) > 0) return (size_t)atol(columns);
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 100;
}

static int wants_colour(FILE *out, enum ex_colour_choice choice) {
    if (choice != EX_COLOUR_AUTO) return choice == EX_COLOUR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no_color != NULL && no_color[0] != '\0') return 0;
    if (term == NULL || strcmp(term, "dumb") == 0) return 0;
    return isatty(fileno(out));
}

void ex_style_detect(struct ex_style *s, FILE *out, enum ex_colour_choice colour, size_t width) {
    setlocale(LC_CTYPE, "");
    s->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    s->colour = wants_colour(out, colour);
    s->width = width > 0 ? width : width_of(out);
    if (s->width < EX_WIDTH_MIN) s->width = EX_WIDTH_MIN;
    s->sizes = EX_SIZE_UNITS;
}

/* Bytes of the next character, and its columns; `shown` is 0 when '?' must stand for it. */
static size_t next(const struct ex_style *s, const char *text, int *shown, size_t *columns) {
    uint32_t c = 0;
    size_t length = ex_utf8_decode(text, &c);
    *shown = length > 0 && c >= 0x20 && c != 0x7f && (c < 0x80 || s->unicode);
    /* C1 controls, and what turns the direction of text, must not reach a terminal either. */
    if ((c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        *shown = 0;
    int wide = *shown && c >= 0x80 ? wcwidth((wchar_t)c) : 1;
    *columns = wide >= 0 ? (size_t)wide : 1;
    return length > 0 ? length : 1;
}

size_t ex_columns(const struct ex_style *s, const char *text) {
    size_t total = 0, columns;
    int shown;
    for (; *text != '\0'; total += columns) text += next(s, text, &shown, &columns);
    return total;
}

static const char *const escapes[] = {
    [EX_PLAIN] = "",         [EX_BOLD] = "\033[1m",    [EX_DIM] = "\033[2m",
    [EX_NAME] = "\033[1;36m", [EX_AMOUNT] = "\033[33m", [EX_WARN] = "\033[1;31m",
};

void ex_put(FILE *out, const struct ex_style *s, enum ex_paint paint, const char *text) {
    int painted = s->colour && paint != EX_PLAIN && *text != '\0';
    if (painted) fputs(escapes[paint], out);
    while (*text != '\0') {
        size_t columns;
        int shown;
        size_t length = next(s, text, &shown, &columns);
        if (shown)
            fwrite(text, 1, length, out);
        else
            fputc('?', out);
        text += length;
    }
    if (painted) fputs("\033[0m", out);
}

void ex_put_spaces(FILE *out, size_t count) {
    while (count-- > 0) fputc(' ', out);
}

const struct ex_glyphs *ex_glyphs(const struct ex_style *s) {
    static const struct ex_glyphs unicode = {"├─ ", "└─ ", "│  ", "   ", "← ", "→ ", "… ", " · "};
    static const struct ex_glyphs ascii = {"|- ", "`- ", "|  ", "   ", "<- ", "-> ", "... ", ", "};
    return s->unicode ? &unicode : &ascii;
}
