/* SPDX-License-Identifier: MIT
 * System calls for code that runs inside malloc: they return the result or -errno, keep errno, and
 * are never cancellation points. The raw instruction is in arch/CPU/syscall_raw.h. */
#ifndef HEAPWISE_CORE_SYSCALL_H
#define HEAPWISE_CORE_SYSCALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#include "core/arch/x86_64/syscall_raw.h"
#else
#error "heapwise has no system call instruction for this processor yet (src/core/arch)"
#endif

#define SYS_FAILED(r) ((unsigned long)(r) >= -4095ul)

struct timespec;
struct msghdr;
struct sockaddr;
struct iovec;
struct pollfd;
struct rlimit;
struct statx;

static inline void *sys_mmap(void *address, size_t bytes, int protection, int flags, int fd,
                             long offset) {
    return (void *)sys_raw6(SYS_mmap, (long)address, (long)bytes, protection, flags, fd, offset);
}
static inline int sys_munmap(void *address, size_t bytes) {
    return (int)sys_raw6(SYS_munmap, (long)address, (long)bytes, 0, 0, 0, 0);
}
static inline int sys_madvise(void *address, size_t bytes, int advice) {
    return (int)sys_raw6(SYS_madvise, (long)address, (long)bytes, advice, 0, 0, 0);
}
static inline int sys_getpid(void) {
    return (int)sys_raw6(SYS_getpid, 0, 0, 0, 0, 0, 0);
}
static inline int sys_gettid(void) {
    return (int)sys_raw6(SYS_gettid, 0, 0, 0, 0, 0, 0);
}
static inline int sys_tgkill(int group, int thread, int signal) {
    return (int)sys_raw6(SYS_tgkill, group, thread, signal, 0, 0, 0);
}
static inline long sys_futex(uint32_t *word, int operation, uint32_t value,
                             const struct timespec *timeout) {
    return sys_raw6(SYS_futex, (long)word, operation, value, (long)timeout, 0, 0);
}
static inline int sys_sigprocmask(int how, const uint64_t *set, uint64_t *old) {
    return (int)sys_raw6(SYS_rt_sigprocmask, how, (long)set, (long)old, sizeof(uint64_t), 0, 0);
}
/* `directory` as for openat(2): AT_FDCWD, or an open one. Never makes a file. */
static inline int sys_openat(int directory, const char *path, int flags) {
    return (int)sys_raw6(SYS_openat, directory, (long)path, flags, 0, 0, 0);
}
static inline long sys_write(int fd, const void *bytes, size_t count) {
    return sys_raw6(SYS_write, fd, (long)bytes, (long)count, 0, 0, 0);
}
static inline long sys_read(int fd, void *buffer, size_t bytes) {
    return sys_raw6(SYS_read, fd, (long)buffer, (long)bytes, 0, 0, 0);
}
static inline long sys_pread(int fd, void *buffer, size_t bytes, long offset) {
    return sys_raw6(SYS_pread64, fd, (long)buffer, (long)bytes, offset, 0, 0);
}
static inline int sys_close(int fd) {
    return (int)sys_raw6(SYS_close, fd, 0, 0, 0, 0, 0);
}
static inline int sys_socket(int domain, int type, int protocol) {
    return (int)sys_raw6(SYS_socket, domain, type, protocol, 0, 0, 0);
}
static inline int sys_connect(int fd, const struct sockaddr *address, uint32_t length) {
    return (int)sys_raw6(SYS_connect, fd, (long)address, length, 0, 0, 0);
}
static inline long sys_sendto(int fd, const void *buffer, size_t bytes, int flags) {
    return sys_raw6(SYS_sendto, fd, (long)buffer, (long)bytes, flags, 0, 0);
}
static inline long sys_recvmsg(int fd, struct msghdr *message, int flags) {
    return sys_raw6(SYS_recvmsg, fd, (long)message, flags, 0, 0, 0);
}
/* Of this process. The kernel's struct rlimit64 is this libc's struct rlimit (LP64). */
static inline int sys_rlimit(int resource, const struct rlimit *set, struct rlimit *old) {
    return (int)sys_raw6(SYS_prlimit64, 0, resource, (long)set, (long)old, 0, 0);
}
static inline int sys_statx(int directory, const char *path, struct statx *facts) {
    return (int)sys_raw6(SYS_statx, directory, (long)path, 0, 0x7ff /* basic */, (long)facts, 0);
}
static inline long sys_readlink(const char *path, char *text, size_t bytes) {
    return sys_raw6(SYS_readlink, (long)path, (long)text, (long)bytes, 0, 0, 0);
}
static inline int sys_access(const char *path, int mode) {
    return (int)sys_raw6(SYS_access, (long)path, mode, 0, 0, 0, 0);
}
static inline int sys_execve(const char *path, char *const *arguments, char *const *environment) {
    return (int)sys_raw6(SYS_execve, (long)path, (long)arguments, (long)environment, 0, 0, 0);
}
static inline int sys_poll(struct pollfd *fds, unsigned long count, int timeout_ms) {
    return (int)sys_raw6(SYS_poll, (long)fds, (long)count, timeout_ms, 0, 0, 0);
}

#endif
