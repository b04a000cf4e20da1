/* SPDX-License-Identifier: MIT
 * The markup of an HTML file: the page of ui/ with its style and script in it, and data as elements
 * that a browser does not run. A policy in the page forbids it to fetch anything, and any script
 * but its own, which is known by a random word (nonce). */
#ifndef HEAPWISE_EXPORT_PAGE_HTML_MARKUP_H
#define HEAPWISE_EXPORT_PAGE_HTML_MARKUP_H

#include <stdio.h>

#include "base/failure.h"
#include "export/page/container.h"

struct html_markup {
    FILE *out;
    char nonce[33];
    const char *rest, *end; /* of the page of ui/, behind what was written */
};

/* Bytes of everything but the data. */
size_t html_markup_bytes(void);
/* Writes the page up to where the data comes. */
int html_markup_begin(struct html_markup *m, FILE *out, struct failure *f);
void html_markup_data(FILE *out, const char *id, const struct payload *text);
void html_markup_end(struct html_markup *m);

#endif
