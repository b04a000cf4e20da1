/* SPDX-License-Identifier: MIT
 * Every allocation function of libc, with its edge semantics. The argument names one case, which
 * runs alone, so that the whole process's totals are that case's; prints what must be seen. */
#include <errno.h>
#include <malloc.h>

#include "own.h"

static struct own own;
static volatile size_t huge = (size_t)1 << 60;

/* Counts a result of an allocation function that own.h has no wrapper for. */
static void *seen(void *p, size_t size) {
    if (p == NULL) own.failed++;
    else own_born(&own, size);
    return p;
}

static void zero_sizes(void) {
    void *a = own_malloc(&own, 0);
    void *b = own_calloc(&own, 0, 17);
    own_free(&own, a, 0);
    own_free(&own, b, 0);
}

static void free_null(void) {
    for (int i = 0; i < 100; i++) free(NULL);
}

static void realloc_zero(void) {
    void *p = own_malloc(&own, 1237);
    if (realloc(p, 0) == NULL) own_ended(&own, 1237);
}

static void realloc_null(void) {
    void *p = own_realloc(&own, NULL, 0, 1409);
    own_free(&own, p, 1409);
}

static void realloc_failed(void) {
    void *p = own_malloc(&own, 1601);
    if (own_realloc(&own, p, 1601, huge) != NULL) _exit(98);
    if (errno != ENOMEM) _exit(97);
    memset(p, 1, 1601); /* a failed realloc leaves the block as it is */
    own_free(&own, p, 1601);
}

static void realloc_moves(void) {
    size_t size = 11;
    void *p = own_malloc(&own, size);
    void *wall[40];
    for (int i = 0; i < 40; i++) {
        wall[i] = own_malloc(&own, 31);
        p = own_realloc(&own, p, size, size * 2 / 3 * 2 + 1);
        size = size * 2 / 3 * 2 + 1;
    }
    for (int i = 0; i < 40; i++) own_free(&own, wall[i], 31);
    own_free(&own, p, size);
}

static void reallocarray_case(void) {
    void *p = seen(reallocarray(NULL, 13, 17), 13 * 17);
    volatile size_t many = (size_t)1 << 40;
    void *q = reallocarray(p, many, many);
    if (q != NULL || errno != ENOMEM) _exit(98);
    own.failed++;
    q = reallocarray(p, 19, 23);
    own_ended(&own, 13 * 17);
    own.reallocations++;
    seen(q, 19 * 23);
    free(q);
    own_ended(&own, 19 * 23);
}

static void calloc_overflow(void) {
    volatile size_t n = (size_t)1 << 40;
    if (own_calloc(&own, n, n) != NULL) _exit(98);
}

static void malloc_failed(void) {
    for (int i = 0; i < 5; i++)
        if (own_malloc(&own, huge) != NULL) _exit(98);
    if (errno != ENOMEM) _exit(97);
}

static void aligned(void) {
    void *p = NULL;
    if (posix_memalign(&p, 256, 1013) != 0) _exit(98);
    seen(p, 1013);
    if (((uintptr_t)p & 255) != 0) _exit(97);
    free(p);
    own_ended(&own, 1013);

    p = seen(aligned_alloc(128, 1280), 1280);
    if (((uintptr_t)p & 127) != 0) _exit(97);
    free(p);
    own_ended(&own, 1280);

    p = seen(memalign(512, 1019), 1019);
    if (((uintptr_t)p & 511) != 0) _exit(97);
    free(p);
    own_ended(&own, 1019);
}

static void pages(void) {
    void *p = seen(valloc(1021), 1021);
    if (((uintptr_t)p & 4095) != 0) _exit(97);
    free(p);
    own_ended(&own, 1021);
    p = seen(pvalloc(1031), 1031); /* the requested size, though a whole page is given */
    if (((uintptr_t)p & 4095) != 0 || malloc_usable_size(p) < 4096) _exit(97);
    free(p);
    own_ended(&own, 1031);
}

static void aligned_failed(void) {
    void *p = &own;
    int error = posix_memalign(&p, 64, huge);
    if (error != ENOMEM || p != &own) _exit(98);
    own.failed++;
    if (seen(memalign(64, huge), 0) != NULL) _exit(98);
    /* An alignment that is no power of two is an error of the call, not a failed allocation. */
    if (posix_memalign(&p, 3, 10) != EINVAL) _exit(98);
}

static void errno_kept(void) {
    errno = 12345;
    void *p = own_malloc(&own, 1033);
    if (errno != 12345) _exit(97);
    p = own_realloc(&own, p, 1033, 2081);
    if (errno != 12345) _exit(97);
    own_free(&own, p, 2081);
    if (errno != 12345) _exit(97);
}

static void usable_size(void) {
    void *p = own_malloc(&own, 1039);
    size_t usable = malloc_usable_size(p);
    memset(p, 5, usable);
    own_free(&own, p, 1039);
    char line[64];
    snprintf(line, sizeof line, "usable %zu\n", usable);
    own_write(line);
}

static void libc_callers(void) {
    char *a = strdup("seventeen letters");
    seen(a, 18);
    char *b = strndup("seventeen letters", 9);
    seen(b, 10);
    free(a);
    own_ended(&own, 18);
    free(b);
    own_ended(&own, 10);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"zero_sizes", zero_sizes},
    {"free_null", free_null},
    {"realloc_zero", realloc_zero},
    {"realloc_null", realloc_null},
    {"realloc_failed", realloc_failed},
    {"realloc_moves", realloc_moves},
    {"reallocarray", reallocarray_case},
    {"calloc_overflow", calloc_overflow},
    {"malloc_failed", malloc_failed},
    {"aligned", aligned},
    {"pages", pages},
    {"aligned_failed", aligned_failed},
    {"errno_kept", errno_kept},
    {"usable_size", usable_size},
    {"libc_callers", libc_callers},
};

int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (argc < 2) {
            own_write(cases[i].name);
            own_write("\n");
        } else if (strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run();
            own_print(argv[1], &own);
            return 0;
        }
    }
    return argc < 2 ? 0 : 2;
}
