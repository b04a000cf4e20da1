/* SPDX-License-Identifier: MIT
 * A check against budgets as Markdown. */
#include "analysis/names.h"
#include "export/check_output.h"
#include "export/markdown_text.h"

static void put_stacks(FILE *out, const struct ex_verdict *v) {
    if (v->stack_count == 0) return;
    fputs("\n<details><summary>", out);
    ex_markdown_text(out, v->budget);
    fprintf(out, ", %s: where</summary>\n\n| | call stack |\n|--:|---|\n", v->words);
    for (size_t i = 0; i < v->stack_count; i++) {
        fprintf(out, "| %s | ", v->stacks[i].amount);
        ex_markdown_code(out, v->stacks[i].text);
        fputs(" |\n", out);
    }
    fputs("\n</details>\n", out);
}

void ex_check_markdown(FILE *out, const struct ex_check *c) {
    size_t bad = 0;
    for (size_t i = 0; i < c->count; i++)
        bad += c->verdicts[i].outcome != EX_WITHIN;
    if (bad == 0)
        fprintf(out, "### Heap budgets: all %zu kept\n\n", c->count);
    else
        fprintf(out, "### Heap budgets: %zu of %zu not kept\n\n", bad, c->count);
    fputs("| | recording | budget | | |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < c->count; i++) {
        const struct ex_verdict *v = &c->verdicts[i];
        fputs(v->outcome == EX_WITHIN ? "| ✅ | " : "| ❌ | ", out);
        ex_markdown_text(out, v->file != NULL ? an_name_base(v->file) : "–");
        fputs(" | ", out);
        ex_markdown_text(out, v->budget);
        fprintf(out, " | %s | %s%s%s |\n", v->words, v->outcome == EX_WITHIN ? "" : "**",
                ex_verdict_words(v, EX_SIZE_UNITS).text, v->outcome == EX_WITHIN ? "" : "**");
    }
    for (size_t i = 0; i < c->count; i++)
        put_stacks(out, &c->verdicts[i]);
}
