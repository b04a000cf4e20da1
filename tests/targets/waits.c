/* SPDX-License-Identifier: MIT
 * Allocates steadily for about argument 1 milliseconds; what a signal does to it is printed. With a
 * second argument "catch" it ends by itself at SIGINT, SIGTERM or SIGHUP with status 40 + signal. */
#include <signal.h>
#include <time.h>

#include "own.h"

static struct own own;
static volatile sig_atomic_t caught;

static void note(int s) { caught = s; }

int main(int argc, char **argv) {
    long milliseconds = argc > 1 ? atol(argv[1]) : 1000;
    if (argc > 2) {
        signal(SIGINT, note);
        signal(SIGTERM, note);
        signal(SIGHUP, note);
    }
    own_write("ready\n");
    for (long i = 0; i < milliseconds && !caught; i++) {
        for (int j = 0; j < 100; j++) own_free(&own, own_malloc(&own, 1009), 1009);
        struct timespec t = {0, 1000000};
        nanosleep(&t, NULL);
    }
    own_print("waits", &own);
    return caught ? 40 + caught : 0;
}
