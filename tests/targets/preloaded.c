/* SPDX-License-Identifier: MIT
 * Tells whether user_preload.c is in effect. */
#include "own.h"

int main(void) {
    own_write(getpagesize() == 12345 ? "preloaded\n" : "not preloaded\n");
    return 0;
}
