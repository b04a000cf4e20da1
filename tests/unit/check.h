/* SPDX-License-Identifier: MIT
 * The unit tests' checks: the first one that fails says where and what, and ends the test.
 *
 * A unit test is a program: exit status 0 passed, 77 skipped, anything else failed. Each argument is
 * evaluated exactly once, so that it may have effects. */
#ifndef HEAPWISE_TESTS_UNIT_CHECK_H
#define HEAPWISE_TESTS_UNIT_CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_SKIPPED 77

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define CHECK_EQ_U64(a, b) check_eq_u64((uint64_t)(a), (uint64_t)(b), #a, #b, __FILE__, __LINE__)
#define CHECK_EQ_I64(a, b) check_eq_i64((int64_t)(a), (int64_t)(b), #a, #b, __FILE__, __LINE__)
#define CHECK_STR(a, b) check_str((a), (b), #a, #b, __FILE__, __LINE__)
#define CHECK_SKIP(why)                                                                            \
    do {                                                                                           \
        fprintf(stderr, "%s:%d: skipped: %s\n", __FILE__, __LINE__, (why));                        \
        exit(CHECK_SKIPPED);                                                                       \
    } while (0)

static inline void check_eq_u64(uint64_t a, uint64_t b, const char *a_text, const char *b_text,
                                const char *file, int line) {
    if (a == b) return;
    fprintf(stderr, "%s:%d: %s is %" PRIu64 " (0x%" PRIx64 "), but %s is %" PRIu64 " (0x%" PRIx64 ")\n",
            file, line, a_text, a, a, b_text, b, b);
    exit(1);
}

static inline void check_eq_i64(int64_t a, int64_t b, const char *a_text, const char *b_text,
                                const char *file, int line) {
    if (a == b) return;
    fprintf(stderr, "%s:%d: %s is %" PRId64 ", but %s is %" PRId64 "\n", file, line, a_text, a,
            b_text, b);
    exit(1);
}

static inline void check_str(const char *a, const char *b, const char *a_text, const char *b_text,
                             const char *file, int line) {
    if (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0)) return;
    fprintf(stderr, "%s:%d: %s is \"%s\", but %s is \"%s\"\n", file, line, a_text,
            a == NULL ? "(null)" : a, b_text, b == NULL ? "(null)" : b);
    exit(1);
}

#endif
