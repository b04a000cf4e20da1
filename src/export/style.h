/* SPDX-License-Identifier: MIT
 * How text for people is written: colours, width, characters. What comes from the profiled program
 * (names, paths, arguments) is data: it goes through ex_put, which lets no control character out. */
#ifndef HEAPWISE_EXPORT_STYLE_H
#define HEAPWISE_EXPORT_STYLE_H

#include <stddef.h>
#include <stdio.h>

#include "export/quantity.h"

enum ex_colour_choice { EX_COLOUR_AUTO, EX_COLOUR_ALWAYS, EX_COLOUR_NEVER };

struct ex_style {
    int colour;     /* 1: with escape sequences */
    int unicode;    /* 1: UTF-8; 0: ASCII alone */
    size_t width;   /* columns; at least EX_WIDTH_MIN */
    enum ex_size_form sizes;
};

#define EX_WIDTH_MIN 40

/* What suits `out`: colour on a terminal unless NO_COLOR is set or TERM is dumb, its width or
 * COLUMNS (else 100, and 80 at least), UTF-8 where the locale is. `width` 0: find out. */
void ex_style_detect(struct ex_style *s, FILE *out, enum ex_colour_choice colour, size_t width);

enum ex_paint { EX_PLAIN, EX_BOLD, EX_DIM, EX_NAME, EX_AMOUNT, EX_WARN };

/* Writes data: control characters and bytes that are no UTF-8 become '?'. */
void ex_put(FILE *out, const struct ex_style *s, enum ex_paint paint, const char *text);
/* Columns that ex_put takes for it. */
size_t ex_columns(const struct ex_style *s, const char *text);
void ex_put_spaces(FILE *out, size_t count);

/* The characters of trees and arrows, in Unicode or ASCII. */
struct ex_glyphs {
    const char *branch, *last, *bar, *blank; /* 3 columns each */
    const char *caller, *callee;             /* arrows, with a space behind */
    const char *more;                        /* what is left out */
    const char *dot;                         /* between facts */
};
const struct ex_glyphs *ex_glyphs(const struct ex_style *s);

#endif
