/* SPDX-License-Identifier: MIT
 * Failures: what a person reads, and that a long one is cut and never overflows. */
#include "base/failure.h"

#include <errno.h>

#include "unit/check.h"

int main(void) {
    struct failure f;
    CHECK_EQ_I64(failure_set(&f, "%s: cannot be read", "a.heapwise"), -1);
    CHECK_STR(f.text, "a.heapwise: cannot be read");

    CHECK_EQ_I64(failure_set_errno(&f, ENOENT, "%s", "a.heapwise"), -1);
    CHECK_STR(f.text, "a.heapwise: No such file or directory");

    char lengthy[4096];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = 0;
    CHECK_EQ_I64(failure_set_errno(&f, ENOENT, "%s", lengthy), -1);
    CHECK_EQ_U64(strlen(f.text), sizeof f.text - 1);

    CHECK_EQ_I64(failure_set(NULL, "nobody listens"), -1);
    CHECK_EQ_I64(failure_set_errno(NULL, ENOENT, "nobody listens"), -1);
    return 0;
}
