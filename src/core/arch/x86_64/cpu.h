/* SPDX-License-Identifier: MIT
 * What the agent needs of the processor. Contract (the same in every arch folder):
 *   cpu_add_local   adds to a word that only this thread writes, and returns the old value; one
 *                   instruction, so that a signal handler on this thread cannot come in between
 *   cpu_stamp       the timestamp counter, read after all earlier loads are done
 *   cpu_pause       a hint inside a short spin */
#ifndef HEAPWISE_CORE_ARCH_CPU_H
#define HEAPWISE_CORE_ARCH_CPU_H

#include <stdint.h>

static inline uint64_t cpu_add_local(uint64_t *word, uint64_t n) {
    __asm__ volatile("xaddq %0, %1" : "+r"(n), "+m"(*word) : : "memory", "cc");
    return n;
}

static inline uint64_t cpu_stamp(void) {
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void cpu_pause(void) { __asm__ volatile("pause" : : : "memory"); }

#endif
