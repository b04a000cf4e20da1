/* SPDX-License-Identifier: MIT
 * Atomic access with the memory order in the name, so that a search for it shows the protocol. */
#ifndef HEAPWISE_CORE_ATOMICS_H
#define HEAPWISE_CORE_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

#define load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define or_relaxed(p, v) __atomic_fetch_or((p), (v), __ATOMIC_RELAXED)
#define add_acq_rel(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define fence_full() __atomic_thread_fence(__ATOMIC_SEQ_CST)
/* Adds to what this thread alone writes, so that a signal handler on it finds all or nothing of it
 * added, and loses nothing itself: one instruction, without the price of a bus lock where there is
 * one. */
#ifdef __x86_64__
#define add_signal(p, v) __asm__("addq %1, %0" : "+m"(*(p)) : "er"((uint64_t)(v)) : "cc")
#else
#define add_signal(p, v) ((void)__atomic_fetch_add((p), (uint64_t)(v), __ATOMIC_RELAXED))
#endif
/* Forbids the compiler, not the processor, to move stores across: enough against a signal handler
 * on the same thread. */
#define fence_signal() __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* True when *p was `expected` and is now `desired`. */
#define swap_if_equal(p, expected, desired)                                                        \
    ({                                                                                             \
        __typeof__(*(p)) expected_value = (expected);                                              \
        __atomic_compare_exchange_n((p), &expected_value, (desired), false, __ATOMIC_ACQ_REL,      \
                                    __ATOMIC_ACQUIRE);                                             \
    })

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
