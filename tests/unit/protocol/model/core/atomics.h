/* SPDX-License-Identifier: MIT
 * Stands in for src/core/atomics.h in the model: every access to shared memory is a step of the
 * model (model.h), and a store lies in its processor's store buffer until the model lets it out. */
#ifndef HEAPWISE_CORE_ATOMICS_H
#define HEAPWISE_CORE_ATOMICS_H

#include "model.h"

#define load_relaxed(p) ((__typeof__(*(p)))model_load((p), sizeof *(p)))
#define load_acquire(p) load_relaxed(p)
#define store_relaxed(p, v) model_store((p), sizeof *(p), (uint64_t)(v), MODEL_RELAXED)
#define store_release(p, v) model_store((p), sizeof *(p), (uint64_t)(v), MODEL_RELEASE)
#define add_relaxed(p, v) ((__typeof__(*(p)))model_add((p), sizeof *(p), (uint64_t)(v)))
#define add_acq_rel(p, v) add_relaxed(p, v)
#define fence_full() model_fence()
#define fence_signal() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define swap_if_equal(p, expected, desired) model_swap((p), sizeof *(p), (expected), (desired))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
