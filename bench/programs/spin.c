/* SPDX-License-Identifier: MIT
 * Works for about a third of a second on a few kilobytes, with branches that cannot be guessed: what
 * a program does, and what shares a core with its neighbour if the two processors are one core. */
#include <stdint.h>
#include <stdio.h>

int main(void) {
    static uint32_t counts[4096];
    uint64_t state = 1;
    for (long i = 0; i < 50000000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        if (state >> 63)
            counts[state >> 52] += 1;
        else
            state ^= counts[state >> 52 & 4095];
    }
    printf("%llu\n", (unsigned long long)state);
    return 0;
}
