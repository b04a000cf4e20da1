/* SPDX-License-Identifier: MIT
 * Data in Markdown. See markdown_text.h. */
#include "export/markdown_text.h"

#include <string.h>

#include "export/utf8.h"

/* One character of data; control characters, bytes that are no UTF-8 and backticks become others.
 */
static size_t put(FILE *out, const char *text, const char *escaped) {
    uint32_t c;
    size_t length = ex_utf8_decode(text, &c);
    if (length == 0 || c < ' ' || (c >= 0x7f && c < 0xa0)) {
        fputc('?', out);
        return length == 0 ? 1 : length;
    }
    if (c < 0x80 && strchr(escaped, (int)c) != NULL)
        fprintf(out, "&#%u;", (unsigned)c);
    else
        fwrite(text, 1, length, out);
    return length;
}

void ex_markdown_text(FILE *out, const char *text) {
    while (*text != '\0')
        text += put(out, text, "\\`*_{}[]<>()#+-!|&~@$:");
}

/* HTML rather than backticks: a cell ends at a bar even between backticks. */
void ex_markdown_code(FILE *out, const char *text) {
    fputs("<code>", out);
    while (*text != '\0')
        text += put(out, text, "\\`*_[]<>|&~@$:");
    fputs("</code>", out);
}
