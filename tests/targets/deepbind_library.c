/* SPDX-License-Identifier: MIT
 * The library that deepbind.c loads: it has a `which` of its own, as the program has. */
#include <stdlib.h>

__attribute__((visibility("default"))) const char *which(void) { return "library"; }

const char *deepbind_which(void);
const char *deepbind_which(void) { return which(); }

/* Allocated by whatever malloc this library's scope finds. */
void *deepbind_allocate(size_t size);
void *deepbind_allocate(size_t size) { return malloc(size); }
void deepbind_free(void *p);
void deepbind_free(void *p) { free(p); }
