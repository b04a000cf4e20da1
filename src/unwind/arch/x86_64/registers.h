/* SPDX-License-Identifier: MIT
 * x86-64 as the unwinder sees it (contract: unwind/arch.h). */
#ifndef HEAPWISE_UNWIND_ARCH_X86_64_REGISTERS_H
#define HEAPWISE_UNWIND_ARCH_X86_64_REGISTERS_H

#include <stdint.h>

/* DWARF's order: rax rdx rcx rbx rsi rdi rbp rsp r8-r15, and 16 stands for the return address. */
enum { UW_REGISTERS = 17, UW_RBX = 3, UW_BP = 6, UW_SP = 7, UW_R12 = 12, UW_RA = 16 };

enum { UW_RA_OFFSET = -8 };

/* struct sigcontext has … rbp rbx rdx rax rcx rsp rip … */
enum { UW_SIGNAL_PC = 8, UW_SIGNAL_BP = -40 };

enum { UW_GUESS_BP = 0, UW_GUESS_RA = 8, UW_GUESS_SIZE = 16 };

static inline __attribute__((always_inline)) uint32_t uw_registers_here(uint64_t r[UW_REGISTERS]) {
    __asm__ volatile("movq %%rbx, 24(%0)\n\t"
                     "movq %%rbp, 48(%0)\n\t"
                     "movq %%rsp, 56(%0)\n\t"
                     "movq %%r12, 96(%0)\n\t"
                     "movq %%r13, 104(%0)\n\t"
                     "movq %%r14, 112(%0)\n\t"
                     "movq %%r15, 120(%0)\n\t"
                     "leaq 0(%%rip), %%rax\n\t"
                     "movq %%rax, 128(%0)\n\t"
                     :
                     : "D"(r)
                     : "rax", "memory");
    return 1u << UW_RBX | 1u << UW_BP | 1u << UW_SP | 0xfu << UW_R12 | 1u << UW_RA;
}

#endif
