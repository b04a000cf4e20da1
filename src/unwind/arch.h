/* SPDX-License-Identifier: MIT
 * What the unwinder must know of a processor. Contract, the same in every arch folder:
 *
 * registers.h
 *   UW_REGISTERS       how many DWARF register columns the machine keeps; UW_SP, UW_BP, UW_RA are
 * the columns of the stack pointer, the frame pointer and the return address UW_RA_OFFSET where,
 * from the CFA, a plain frame keeps its return address UW_SIGNAL_PC, UW_SIGNAL_BP where the
 * kernel's signal frame keeps pc and frame pointer, from the place where it keeps the stack pointer
 *   UW_GUESS_BP, UW_GUESS_RA, UW_GUESS_SIZE
 *                      the two words that a frame pointer points at, and the CFA, from its value
 *   uw_registers_here  the registers as they are at the call of this always-inlined function: a
 *                      bit is set in the returned mask for each that a caller's frame may rely on
 *
 * aarch64 would add here: stripping the signature of a return address, and a link register. */
#ifndef HEAPWISE_UNWIND_ARCH_H
#define HEAPWISE_UNWIND_ARCH_H

#if defined(__x86_64__)
#include "unwind/arch/x86_64/registers.h"
#else
#error "the unwinder does not know this processor yet (src/unwind/arch)"
#endif

#endif
