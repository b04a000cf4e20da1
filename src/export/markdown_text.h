/* SPDX-License-Identifier: MIT
 * Data in Markdown: what comes from a program must not become markup, in a table cell or outside.
 */
#ifndef HEAPWISE_EXPORT_MARKDOWN_TEXT_H
#define HEAPWISE_EXPORT_MARKDOWN_TEXT_H

#include <stdio.h>

/* As text. */
void ex_markdown_text(FILE *out, const char *text);
/* As code. */
void ex_markdown_code(FILE *out, const char *text);

#endif
