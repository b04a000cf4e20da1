/* SPDX-License-Identifier: MIT
 * Names four moments of its run, some time apart: nothing is alive at the first, 400 blocks at the
 * second, 200 at the third. The view must show what the marks tell, and ranges between them must
 * hold what the program did there. An argument names so many moments more. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heapwise/heapwise.h"

#ifndef HALF
#define HALF "<b>half</b> is freed" /* a name is never markup */
#endif

static char *kept[400];

static void nap(int milliseconds) {
    struct timespec t = {0, milliseconds * 1000000L};
    nanosleep(&t, NULL);
}

__attribute__((noinline)) static char *load(int i) {
    return memset(malloc(1009 + i), 1, 1009);
}

int main(int argc, char **argv) {
    nap(20);
    heapwise_mark("begins to load");
    for (int i = 0; i < 400; i++) {
        kept[i] = load(i);
        if (i % 20 == 0) nap(2);
    }
    heapwise_snapshot("level is loaded");
    nap(60);
    for (int i = 0; i < 200; i++)
        free(kept[i]);
    heapwise_mark(HALF);
    nap(40);
    heapwise_mark("done");
    nap(10);
    for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--)
        heapwise_mark("again");
    return 0;
}
