// SPDX-License-Identifier: MIT
// The parser of docs/reading-the-views.md: it computes formulas such as "2 * (width + sqrt(9))", and builds its
// tables of names anew for each of them. With -DTABLES_ONCE they are built once.
//
//   gcc -g -O1 docs/examples/formula.c -lm -o formula && ./formula 2000
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double (*function)(double);

struct name {
    char *text;
    function call; // NULL for a constant
    double value;
    struct name *next;
};

enum { BUCKETS = 64 };

struct table {
    struct name *buckets[BUCKETS];
};

static unsigned bucket_of(const char *text) {
    unsigned hash = 5381;
    while (*text) hash = hash * 33 + (unsigned char)*text++;
    return hash % BUCKETS;
}

static void table_add(struct table *table, const char *text, function call, double value) {
    struct name *name = malloc(sizeof *name);
    unsigned bucket = bucket_of(text);
    *name = (struct name){strdup(text), call, value, table->buckets[bucket]};
    table->buckets[bucket] = name;
}

static struct table *build_tables(void) {
    struct table *table = calloc(1, sizeof *table);
    table_add(table, "sqrt", sqrt, 0);
    table_add(table, "sin", sin, 0);
    table_add(table, "cos", cos, 0);
    table_add(table, "tan", tan, 0);
    table_add(table, "log", log, 0);
    table_add(table, "exp", exp, 0);
    table_add(table, "abs", fabs, 0);
    table_add(table, "floor", floor, 0);
    table_add(table, "pi", NULL, 3.14159265358979323846);
    table_add(table, "e", NULL, 2.7182818284590452354);
    table_add(table, "width", NULL, 640);
    table_add(table, "height", NULL, 480);
    return table;
}

static void free_tables(struct table *table) {
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        for (struct name *name = table->buckets[bucket], *next; name; name = next) {
            next = name->next;
            free(name->text);
            free(name);
        }
    }
    free(table);
}

struct parser {
    const char *at;
    struct table *names;
};

static double parse_sum(struct parser *p);

static void skip_blanks(struct parser *p) {
    while (isspace((unsigned char)*p->at)) p->at++;
}

static char *parse_word(struct parser *p) {
    const char *begin = p->at;
    while (isalnum((unsigned char)*p->at)) p->at++;
    return strndup(begin, (size_t)(p->at - begin));
}

static double parse_name(struct parser *p) {
    char *word = parse_word(p);
    double value = NAN;
    for (struct name *name = p->names->buckets[bucket_of(word)]; name; name = name->next) {
        if (strcmp(name->text, word) != 0) continue;
        value = name->call ? name->call(parse_sum(p)) : name->value;
        break;
    }
    free(word);
    return value;
}

static double parse_factor(struct parser *p) {
    skip_blanks(p);
    if (*p->at == '(') {
        p->at++;
        double value = parse_sum(p);
        skip_blanks(p);
        if (*p->at == ')') p->at++;
        return value;
    }
    if (isalpha((unsigned char)*p->at)) return parse_name(p);
    char *end;
    double value = strtod(p->at, &end);
    p->at = end;
    return value;
}

static double parse_product(struct parser *p) {
    double value = parse_factor(p);
    for (skip_blanks(p); *p->at == '*' || *p->at == '/'; skip_blanks(p))
        value = *p->at++ == '*' ? value * parse_factor(p) : value / parse_factor(p);
    return value;
}

static double parse_sum(struct parser *p) {
    double value = parse_product(p);
    for (skip_blanks(p); *p->at == '+' || *p->at == '-'; skip_blanks(p))
        value = *p->at++ == '+' ? value + parse_product(p) : value - parse_product(p);
    return value;
}

static double compute(const char *formula) {
#ifdef TABLES_ONCE
    static struct table *names;
    if (!names) names = build_tables();
#else
    struct table *names = build_tables();
#endif
    struct parser parser = {formula, names};
    double value = parse_sum(&parser);
#ifndef TABLES_ONCE
    free_tables(names);
#else
    (void)free_tables;
#endif
    return value;
}

struct sheet {
    double *cells;
    size_t count, room;
};

static void sheet_add(struct sheet *sheet, double value) {
    if (sheet->count == sheet->room) {
        sheet->room = sheet->room ? 2 * sheet->room : 16;
        sheet->cells = realloc(sheet->cells, sheet->room * sizeof *sheet->cells);
    }
    sheet->cells[sheet->count++] = value;
}

int main(int argc, char **argv) {
    int rows = argc > 1 ? atoi(argv[1]) : 1000;
    struct sheet sheet = {0};
    double sum = 0;
    for (int row = 0; row < rows; row++) {
        char formula[128];
        snprintf(formula, sizeof formula, "%d * (width + sqrt(%d)) / (height - cos(pi / 4))", row, row + 9);
        sheet_add(&sheet, compute(formula));
        sum += sheet.cells[sheet.count - 1];
    }
    printf("%d formulas, sum %.3f\n", rows, sum);
    free(sheet.cells);
}
