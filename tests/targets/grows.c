/* SPDX-License-Identifier: MIT
 * For some hundred milliseconds one function hoards, one keeps more than it gives back, one lets all go
 * at the end, one allocates and frees, and one allocated everything at the start. */
#include <time.h>

#include "own.h"

enum { STEPS = 300 };

static struct own own;
static void *parted[STEPS], *queued[STEPS];

OWN_FUNCTION void hoard(void) { own_malloc(&own, 1009); }

OWN_FUNCTION void leave_half(int step) {
    parted[step] = own_malloc(&own, 2003);
    if (step % 2 == 0) own_free(&own, parted[step], 2003);
}

OWN_FUNCTION void queue(int step) { queued[step] = own_malloc(&own, 503); }

OWN_FUNCTION void churn(void) { own_free(&own, own_malloc(&own, 4001), 4001); }

OWN_FUNCTION void settle(void) { own_malloc(&own, 70001); }

int main(void) {
    settle();
    for (int i = 0; i < STEPS; i++) {
        struct timespec t = {0, 2000000};
        hoard();
        leave_half(i);
        queue(i);
        churn();
        nanosleep(&t, NULL);
    }
    for (int i = 0; i < STEPS; i++) own_free(&own, queued[i], 503);
    own_print("grows", &own);
    return 0;
}
