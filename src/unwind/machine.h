/* SPDX-License-Identifier: MIT
 * The complete DWARF machine: all registers, all rules, all expressions. A hundred times slower
 * than rules and memos, and right wherever the unwind information is. */
#ifndef HEAPWISE_UNWIND_MACHINE_H
#define HEAPWISE_UNWIND_MACHINE_H

#include "unwind/walk.h"

/* Walks from our own registers, through our own frames, to the frame in state (pc, sp) and on to
 * the end; leaves the frames from there in l->fresh, innermost first (their pc only is meant),
 * their number in *count, and why it ended in stop->end. False if that frame is not met. */
int uw__machine_walk(struct uw_level *l, uint64_t pc, uint64_t sp, uint64_t *count,
                     struct uw_stop *stop);

#endif
