/* SPDX-License-Identifier: MIT
 * A library that a user preloads on his own: it must stay loaded, and be seen by children too. */
#include <unistd.h>

int getpagesize(void) { return 12345; }
