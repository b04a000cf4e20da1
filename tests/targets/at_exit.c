/* SPDX-License-Identifier: MIT
 * Allocates before main and after it: constructor, atexit, on_exit and destructor. None may be lost. */
#include "own.h"

static struct own own;

__attribute__((constructor)) static void before_main(void) {
    own_free(&own, own_malloc(&own, 1009), 1009);
    own_malloc(&own, 1013);
}

static void from_atexit(void) {
    own_free(&own, own_malloc(&own, 2003), 2003);
    own_malloc(&own, 2011);
}

static void from_on_exit(int status, void *argument) {
    (void)status;
    (void)argument;
    own_malloc(&own, 3001);
}

__attribute__((destructor)) static void after_main(void) {
    own_malloc(&own, 4001);
    own_print("at_exit", &own);
}

int main(void) {
    atexit(from_atexit);
    on_exit(from_on_exit, NULL);
    own_malloc(&own, 5003);
    return 0;
}
