/* SPDX-License-Identifier: MIT
 * The system call instruction of x86-64. Contract (the same in every arch folder): sys_raw6 makes
 * system call `n` with six arguments and returns what the kernel returns, -errno on failure; errno
 * itself is not touched. */
#ifndef HEAPWISE_CORE_ARCH_SYSCALL_RAW_H
#define HEAPWISE_CORE_ARCH_SYSCALL_RAW_H

static inline long sys_raw6(long n, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#endif
