/* SPDX-License-Identifier: MIT
 * Libraries that are loaded when needed: one that is there works; one that is not, and a function
 * that a library does not have, are said by name. */
#include "base/late_library.h"

#include "unit/check.h"

int main(void) {
    struct failure f;
    double (*power)(double, double) = NULL;
    struct late_function functions[] = {{"pow", &power}, {"no_such_function", &power}};

    CHECK_EQ_I64(late_library_load("libm.so.6", functions, 1, &f), 0);
    CHECK(power != NULL && power(3, 4) == 81);

    CHECK_EQ_I64(late_library_load("libm.so.6", functions, 2, &f), -1);
    CHECK_STR(f.text, "cannot use libm.so.6: it has no no_such_function; install a newer one");

    CHECK_EQ_I64(late_library_load("libnone.so.9", functions, 1, &f), -1);
    CHECK(strstr(f.text, "cannot load libnone.so.9: ") == f.text);
    CHECK(strstr(f.text, "; install it") != NULL);
    return 0;
}
