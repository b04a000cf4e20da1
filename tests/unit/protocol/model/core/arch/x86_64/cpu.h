/* SPDX-License-Identifier: MIT
 * Stands in for src/core/arch/x86_64/cpu.h in the model. */
#ifndef HEAPWISE_CORE_ARCH_CPU_H
#define HEAPWISE_CORE_ARCH_CPU_H

#include "model.h"

#define cpu_add_local(word, n) model_add_local((word), (n))
#define cpu_stamp() 0 /* not used: the model's stamps are the shared counter's */
#define cpu_stamp_early() 0

#endif
