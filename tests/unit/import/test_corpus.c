/* SPDX-License-Identifier: MIT
 * Every file of the fuzzers' corpus, and thousands of damaged forms of each, give a recording that
 * can be read, or a failure: never a crash. Runs in the build with sanitizers, too. The corpus is
 * the first argument. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FORMS = 200, SIZE_MAX_BYTES = 1 << 16 };

static uint64_t state = 1;
static uint64_t next(uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

static void damage(uint8_t *data, size_t *size) {
    static const char bytes[] = "0123456789abcdef \n+-:;[]{}\",.@\xff";
    if (next(4) == 0) *size = next(*size + 1);
    for (uint64_t n = next(4) + 1; n > 0 && *size > 0; n--)
        data[next(*size)] = next(2) ? (uint8_t)next(256) : (uint8_t)bytes[next(sizeof bytes)];
}

static void read_forms(const char *path) {
    static uint8_t whole[SIZE_MAX_BYTES], form[SIZE_MAX_BYTES];
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t size = fread(whole, 1, sizeof whole, file);
    fclose(file);
    CHECK(size > 0 && size < sizeof whole);
    LLVMFuzzerTestOneInput(whole, size);
    for (int i = 0; i < FORMS; i++) {
        size_t length = size;
        memcpy(form, whole, size);
        damage(form, &length);
        LLVMFuzzerTestOneInput(form, length);
    }
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    DIR *directory = opendir(argv[1]);
    CHECK(directory != NULL);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        read_forms(path);
        count++;
    }
    closedir(directory);
    CHECK(count >= 8);
    return 0;
}
