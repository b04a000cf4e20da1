/* SPDX-License-Identifier: MIT
 * Stands in for src/core/syscall.h in the model. */
#ifndef HEAPWISE_CORE_SYSCALL_H
#define HEAPWISE_CORE_SYSCALL_H

#include <linux/futex.h>

#include "model.h"

#define sys_futex(word, operation, value, timeout)                                                 \
    ((void)(timeout), model_futex((word), (operation) == FUTEX_WAIT, (value)))
#define sys_tgkill(group, thread, signal) ((void)(group), (void)(thread), (signal)) /* it lives */

#endif
