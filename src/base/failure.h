/* SPDX-License-Identifier: MIT
 * A failure: the one way in which hosted code says what went wrong and what to do about it.
 *
 * A function that can fail takes a `struct failure *` last and returns 0 for success or -1 after
 * filling it. The text is a sentence for a person, "what: why[; what to do]", without the leading
 * program name and without a newline. */
#ifndef HEAPWISE_BASE_FAILURE_H
#define HEAPWISE_BASE_FAILURE_H

struct failure {
    char text[1024];
};

/* Fills `f` as printf would (cut at its size) and returns -1, so that `return failure_set(...)`
 * reads as one step. `f` may be NULL. */
__attribute__((format(printf, 2, 3))) int failure_set(struct failure *f, const char *format, ...);

/* The same with ": " and the text of errno number `error` at the end. */
__attribute__((format(printf, 3, 4))) int failure_set_errno(struct failure *f, int error,
                                                            const char *format, ...);

#endif
