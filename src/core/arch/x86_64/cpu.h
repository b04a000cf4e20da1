/* SPDX-License-Identifier: MIT
 * What the agent needs of the processor. Contract (the same in every arch folder):
 *   cpu_add_local   adds to a word that only this thread writes, and returns the old value; one
 *                   instruction, so that a signal handler on this thread cannot come in between
 *   cpu_has_stamps  whether the processor has the instructions of the two that follow
 *   cpu_stamp       the timestamp counter, read after all earlier loads are done: what was seen
 *                   before the stamp happened before it
 *   cpu_stamp_early the same without waiting for earlier loads, which may be some 100 ns late;
 *                   cheaper. Both are read before any later store can be seen by another core */
#ifndef HEAPWISE_CORE_ARCH_CPU_H
#define HEAPWISE_CORE_ARCH_CPU_H

#include <cpuid.h>
#include <stdint.h>

static inline uint64_t cpu_add_local(uint64_t *word, uint64_t n) {
    __asm__ volatile("xaddq %0, %1" : "+r"(n), "+m"(*word) : : "cc");
    return n;
}

static inline int cpu_has_stamps(void) {
    uint32_t a, b, c, d;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1u << 27) != 0; /* RDTSCP */
}

/* Waits for earlier loads as "lfence; rdtsc" does, but does not hold up what follows. */
static inline uint64_t cpu_stamp(void) {
    uint32_t low, high, processor;
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(processor) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t cpu_stamp_early(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

#endif
