/* SPDX-License-Identifier: MIT
 * A library that allocates in its constructor and frees in its destructor. */
#include <stdlib.h>
#include <string.h>

static void *block;

__attribute__((constructor)) static void constructed_begin(void) {
    block = malloc(2003);
    memset(block, 1, 2003);
}

__attribute__((destructor)) static void constructed_end(void) { free(block); }
