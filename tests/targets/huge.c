/* SPDX-License-Identifier: MIT
 * Blocks whose sizes do not fit into 32 bits. Nothing is written to them, so they take no memory. */
#include <sys/resource.h>

#include "own.h"

static struct own own;

int main(void) {
    const size_t gib = (size_t)1 << 30;
    void *a = own_malloc(&own, 6 * gib + 1009);
    if (a == NULL) return 77;
    a = own_realloc(&own, a, 6 * gib + 1009, 9 * gib + 7);
    void *b = own_calloc(&own, 5, gib + 13);
    own_free(&own, b, 5 * (gib + 13));
    if (a == NULL) return 77;
    own_print("huge", &own);
    return 0;
}
