/* SPDX-License-Identifier: MIT
 * Any text as each of those that people write by hand (libFuzzer): sizes and times of the command
 * line, files of budgets, suppressions, patterns. What is taken has a meaning, the rest is refused.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/suppressions.h"
#include "base/toml.h"
#include "commands/size_argument.h"
#include "commands/time_argument.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int table(void *context, const char *name, int is_array_entry, struct failure *f) {
    (void)context, (void)is_array_entry, (void)f;
    return strlen(name) == SIZE_MAX ? -1 : 0;
}

static int key(void *context, const char *name, const struct toml_value *value, struct failure *f) {
    (void)context, (void)f;
    if (value->text == NULL || strlen(name) == SIZE_MAX) abort();
    return strlen(value->text) == SIZE_MAX ? -1 : 0;
}

static void read_budgets(const char *text, size_t length) {
    char path[64];
    struct failure f = {""};
    int fd = memfd_create("budgets", 0);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (toml_read(path, &(struct toml_reader){table, key, NULL}, &f) != 0 && f.text[0] == '\0')
        abort(); /* refused without a word */
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct an_suppressions rules = {0};
    struct failure f = {""};
    uint64_t number;
    char *text = malloc(size + 1);
    if (text == NULL) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    (void)size_argument_parse(text, &number);
    if (time_argument_parse(text, 1000, &number) == 0 && number > (uint64_t)1e15 + 1) abort();
    if (an_suppressions_add_text(&rules, text, "a file", &f) != 0 && f.text[0] == '\0') abort();
    for (size_t i = 0; i < rules.count; i++)
        (void)an_pattern_matches(rules.list[i].pattern, "std::vector<int>::push_back(int const&)");
    an_suppressions_release(&rules);
    read_budgets(text, size);
    free(text);
    return 0;
}
