/* SPDX-License-Identifier: MIT
 * The program that the examples hold to a budget: counts the words of its arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_words(const char *text) {
    size_t words = 0;
    char *copy = strdup(text);
    if (copy == NULL) return 0;
    for (char *rest = copy, *word; (word = strtok_r(rest, " ", &rest)) != NULL;) words++;
    free(copy);
    return words;
}

int main(int argc, char **argv) {
    size_t words = 0;
    for (int i = 1; i < argc; i++) words += count_words(argv[i]);
    return words == 5 ? 0 : 1;
}
