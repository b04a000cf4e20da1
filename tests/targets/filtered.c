/* SPDX-License-Identifier: MIT
 * Forbids itself system calls by a filter (argument 1: "error" or "kill" is what the filter does) that a
 * program in a sandbox does not need, and goes on allocating, in a child too. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "own.h"

static struct own own;

static int forbid(uint32_t action) {
    static const uint32_t calls[] = {SYS_socket, SYS_connect, SYS_memfd_create, SYS_process_vm_readv,
                                     SYS_ptrace};
    struct sock_filter filter[16];
    unsigned short n = 0;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = n, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
    int kill = argc > 1 && strcmp(argv[1], "kill") == 0;
    for (int i = 0; i < 100; i++) own_malloc(&own, 101);
    if (forbid(kill ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM) != 0) return 77;
    for (int i = 0; i < 200000; i++) own_free(&own, own_malloc(&own, 1 + i % 1000), 1 + i % 1000);
    if (!kill) {
        pid_t pid = fork();
        if (pid == 0) {
            free(malloc(100));
            _exit(5);
        }
        int status = 0;
        if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 5) return 6;
    }
    own_print("filtered", &own);
    return 0;
}
