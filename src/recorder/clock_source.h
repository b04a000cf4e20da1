/* SPDX-License-Identifier: MIT
 * Whether the timestamp counter of this machine orders events between cores. */
#ifndef HEAPWISE_RECORDER_CLOCK_SOURCE_H
#define HEAPWISE_RECORDER_CLOCK_SOURCE_H

#include <stdbool.h>

/* True when it runs at one rate in all states of the processor and the kernel has found it equal on
 * all cores (it uses it, or offers it, as its own clock). */
bool timestamp_counter_is_sound(void);

#endif
