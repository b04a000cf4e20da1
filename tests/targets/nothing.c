/* SPDX-License-Identifier: MIT
 * Allocates nothing at all: whatever a profile of it holds is the profiler's own. */
int main(void) { return 7; }
