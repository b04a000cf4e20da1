/* SPDX-License-Identifier: MIT
 * Three pieces of work with long pauses between them, so that every moment between two of them is the
 * same to a test. Sizes are primes, each of one kind of block; what is alive when is told by name:
 *
 *   piece   allocates                        frees
 *   one     10 x 1009 and 5 x 503, 1 x 101   nothing
 *   two     7 x 2003                         4 x 1009
 *   three   3 x 307, 1 x 101                 the 307s at once; 5 x 503, 2 x 2003
 *
 * Blocks of 101 are never freed, the others of their stacks are freed in part or all. Each piece begins
 * and ends with a block of 11 bytes, freed at once, whose times say when it was. */
#include <time.h>

#include "own.h"

static struct own own;
static void *large[10], *small[5], *huge[7];

OWN_FUNCTION void edge(void) { own_free(&own, own_malloc(&own, 11), 11); }

/* Functions of their own, so that each kind has a stack of its own. */
OWN_FUNCTION void *keep(void) { return own_malloc(&own, 101); }

OWN_FUNCTION void one(void) {
    edge();
    for (int i = 0; i < 10; i++) large[i] = own_malloc(&own, 1009);
    for (int i = 0; i < 5; i++) small[i] = own_malloc(&own, 503);
    keep();
    edge();
}

OWN_FUNCTION void two(void) {
    edge();
    for (int i = 0; i < 4; i++) own_free(&own, large[i], 1009);
    for (int i = 0; i < 7; i++) huge[i] = own_malloc(&own, 2003);
    edge();
}

OWN_FUNCTION void three(void) {
    edge();
    for (int i = 0; i < 3; i++) own_free(&own, own_malloc(&own, 307), 307);
    for (int i = 0; i < 5; i++) own_free(&own, small[i], 503);
    for (int i = 0; i < 2; i++) own_free(&own, huge[i], 2003);
    keep();
    edge();
}

/* Marks the time after the last pause. */
OWN_FUNCTION void done(void) { edge(); }

static void rest(void) {
    struct timespec t = {0, 60 * 1000000};
    nanosleep(&t, NULL);
}

int main(void) {
    rest();
    one();
    rest();
    two();
    rest();
    three();
    rest();
    done();
    own_print("moments", &own);
    return 0;
}
