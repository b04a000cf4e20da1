/* SPDX-License-Identifier: MIT
 * A check against budgets as JUnit XML: a test suite for each recording, a test for each limit. */
#include <inttypes.h>
#include <string.h>

#include "export/check_output.h"
#include "export/utf8.h"

static void put(FILE *out, const char *text) {
    while (*text != '\0') {
        uint32_t c;
        size_t length = ex_utf8_decode(text, &c);
        /* XML 1.0 has no form for most control characters. */
        if (length == 0 || (c < ' ' && c != '\n' && c != '\t') || c == 0xfffe || c == 0xffff)
            fputc('?', out);
        else if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            fprintf(out, "&#%u;", (unsigned)c);
        else
            fwrite(text, 1, length, out);
        text += length == 0 ? 1 : length;
    }
}

static int same_file(const struct ex_verdict *a, const struct ex_verdict *b) {
    if (a->file == NULL || b->file == NULL) return a->file == b->file;
    return strcmp(a->file, b->file) == 0;
}

static void put_case(FILE *out, const struct ex_verdict *v) {
    struct ex_check_words words = ex_verdict_words(v, EX_SIZE_UNITS);
    fputs("    <testcase classname=\"heapwise.", out);
    put(out, v->budget);
    fputs("\" name=\"", out);
    put(out, v->words);
    fputs("\" time=\"0\"", out);
    if (v->outcome == EX_WITHIN) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n      <failure type=\"budget\" message=\"", out);
    put(out, v->words);
    fputs(": ", out);
    put(out, words.text);
    fputs("\">", out);
    if (v->outcome == EX_EXCEEDED)
        fprintf(out, "%" PRIu64 " where %" PRIu64 " is allowed\n", v->actual, v->limit);
    for (size_t i = 0; i < v->stack_count; i++) {
        put(out, v->stacks[i].amount);
        fputs("  ", out);
        put(out, v->stacks[i].text);
        fputc('\n', out);
    }
    fputs("</failure>\n    </testcase>\n", out);
}

void ex_check_junit(FILE *out, const struct ex_check *c) {
    size_t bad = 0;
    for (size_t i = 0; i < c->count; i++)
        bad += c->verdicts[i].outcome != EX_WITHIN;
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"heapwise check\" "
            "tests=\"%zu\" failures=\"%zu\">\n",
            c->count, bad);
    for (size_t i = 0; i < c->count;) {
        size_t end = i, failures = 0;
        for (; end < c->count && same_file(&c->verdicts[i], &c->verdicts[end]); end++)
            failures += c->verdicts[end].outcome != EX_WITHIN;
        fputs("  <testsuite name=\"", out);
        put(out, c->verdicts[i].file != NULL ? c->verdicts[i].file : "no recording");
        fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
                end - i, failures);
        for (; i < end; i++)
            put_case(out, &c->verdicts[i]);
        fputs("  </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
}
