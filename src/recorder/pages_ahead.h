/* SPDX-License-Identifier: MIT
 * Pages of shared memory that a process will fill soon. To be made costs a page most of what its first
 * touch costs, 1.8 µs, and in the recorder nobody waits for it; the process then finds many at once by a
 * look at one of them (wire/region.h: wire_look_ahead). */
#ifndef HEAPWISE_RECORDER_PAGES_AHEAD_H
#define HEAPWISE_RECORDER_PAGES_AHEAD_H

#include <stdint.h>

/* Of `capacity` bytes at `from` (both whole pages), `filled` are in use, as the process says, and *made
 * are made. Makes as many again as are filled, and at most 256 KiB more, so that a process, or a thread,
 * that fills little has little. To be called every now and then: whatever the process says, it makes
 * 256 KiB at a time. Before Linux 5.14 it makes none: they come when touched. */
void pages_ahead(void *from, uint64_t capacity, uint64_t filled, uint64_t *made);

#endif
