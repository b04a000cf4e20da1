/* SPDX-License-Identifier: MIT
 * A check against budgets as a table for people, and the words that all forms share. */
#include <stdlib.h>
#include <string.h>

#include "export/check_output.h"

int ex_check_passed(const struct ex_check *c) {
    for (size_t i = 0; i < c->count; i++)
        if (c->verdicts[i].outcome != EX_WITHIN) return 0;
    return 1;
}

void ex_check_release(struct ex_check *c) {
    for (size_t i = 0; i < c->count; i++) {
        struct ex_verdict *v = &c->verdicts[i];
        for (size_t k = 0; k < v->stack_count; k++) {
            free(v->stacks[k].amount);
            free(v->stacks[k].text);
        }
        free(v->stacks);
        free(v->file);
        free(v->budget);
    }
    free(c->verdicts);
    memset(c, 0, sizeof *c);
}

static struct ex_quantity amount(const struct ex_verdict *v, uint64_t n, enum ex_size_form form) {
    return v->is_bytes ? ex_size(n, form) : ex_count(n);
}

static struct ex_check_words verdict_words(const struct ex_verdict *v, enum ex_size_form form) {
    struct ex_check_words words = {""};
    struct ex_quantity actual = amount(v, v->actual, form), limit = amount(v, v->limit, form);
    switch (v->outcome) {
    case EX_NOT_KNOWN:
        snprintf(words.text, sizeof words.text, "not known: such a file does not tell it");
        return words;
    case EX_NOT_MET:
        snprintf(words.text, sizeof words.text,
                 "not checked: there is no recording of such a process");
        return words;
    case EX_EXCEEDED:
        /* Rounded figures must not look equal where they differ. */
        if (strcmp(actual.text, limit.text) == 0) {
            actual = amount(v, v->actual, EX_SIZE_EXACT);
            limit = amount(v, v->limit, EX_SIZE_EXACT);
        }
        snprintf(words.text, sizeof words.text, "%s of %s, %s too much", actual.text, limit.text,
                 amount(v, v->actual - v->limit, form).text);
        return words;
    case EX_WITHIN:
        break;
    }
    snprintf(words.text, sizeof words.text, "%s of %s", actual.text, limit.text);
    return words;
}

struct ex_check_words ex_verdict_words(const struct ex_verdict *v, enum ex_size_form form) {
    struct ex_check_words words = verdict_words(v, form);
    size_t used = strlen(words.text);
    if (v->suppressed > 0)
        snprintf(words.text + used, sizeof words.text - used, "; %s suppressed",
                 amount(v, v->suppressed, form).text);
    return words;
}

/* A stack in lines that flow, broken at blanks. */
static void put_stack(FILE *out, const struct ex_style *s, const struct ex_check_stack *x) {
    size_t margin = 26, column = margin;
    size_t columns = ex_columns(s, x->amount);
    ex_put_spaces(out, columns + 2 < margin ? margin - columns - 2 : 0);
    ex_put(out, s, EX_AMOUNT, x->amount);
    fputs("  ", out);
    for (const char *word = x->text; *word != '\0';) {
        char text[512];
        size_t length = strcspn(word, " ");
        snprintf(text, sizeof text, "%.*s", (int)(length < 500 ? length : 500), word);
        size_t wide = ex_columns(s, text);
        if (column > margin && column + wide > s->width) {
            fputc('\n', out);
            ex_put_spaces(out, margin);
            column = margin;
        }
        ex_put(out, s, EX_DIM, text);
        column += wide + 1;
        word += length;
        if (*word == ' ') word++;
        if (*word != '\0') fputc(' ', out);
    }
    fputc('\n', out);
}

/* Of eight columns. */
static const char *const bad_words[] = {
    [EX_EXCEEDED] = "EXCEEDED", [EX_NOT_KNOWN] = "UNKNOWN ", [EX_NOT_MET] = "MISSING "};

static void put_verdict(FILE *out, const struct ex_style *s, const struct ex_verdict *v) {
    int is_good = v->outcome == EX_WITHIN;
    char what[64];
    fputs("  ", out);
    ex_put(out, s, is_good ? EX_NAME : EX_WARN, is_good ? "ok      " : bad_words[v->outcome]);
    snprintf(what, sizeof what, "  %-18s  ", v->words);
    fputs(what, out);
    ex_put(out, s, is_good ? EX_PLAIN : EX_BOLD, ex_verdict_words(v, s->sizes).text);
    fputs("  ", out);
    ex_put(out, s, EX_DIM, v->budget);
    fputc('\n', out);
    for (size_t i = 0; i < v->stack_count; i++)
        put_stack(out, s, &v->stacks[i]);
}

void ex_check_text(FILE *out, const struct ex_check *c, const struct ex_style *s) {
    size_t bad = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct ex_verdict *v = &c->verdicts[i];
        const char *before = i > 0 ? c->verdicts[i - 1].file : NULL;
        int is_first = i == 0 || (v->file == NULL) != (before == NULL) ||
                       (v->file != NULL && strcmp(v->file, before) != 0);
        if (is_first) {
            ex_put(out, s, EX_BOLD, v->file != NULL ? v->file : "no recording");
            fputc('\n', out);
        }
        put_verdict(out, s, v);
        bad += v->outcome != EX_WITHIN;
    }
    if (bad == 0)
        fprintf(out, "all %zu checks passed\n", c->count);
    else
        fprintf(out, "%zu of %zu checks failed\n", bad, c->count);
}
