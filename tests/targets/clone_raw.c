/* SPDX-License-Identifier: MIT
 * Children made by clone with flags of its own (argument 1). The parent leaks 7 blocks of 211
 * bytes, the child 100 of 503; where the two share their memory, all of them are the parent's.
 *
 *   silent     no signal at the end
 *   sibling    CLONE_PARENT: a child of whoever started the parent
 *   files      CLONE_FILES | CLONE_FS: one table of descriptors, which the parent uses meanwhile
 *   clone3     the newer call, with CLONE_PIDFD and CLONE_CLEAR_SIGHAND
 *   first      CLONE_NEWUSER | CLONE_NEWPID: the first process of a name space, with a thread of
 * its own shares     CLONE_VM | CLONE_VFORK: on a stack of its own, the parent waits beside
 * CLONE_VM: on a stack of its own, the parent does not touch the heap meanwhile */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "own.h"

static struct own own;

static void leak(size_t size, int count) {
    for (int i = 0; i < count; i++)
        own_malloc(&own, size);
}

static void *leak_half(void *unused) {
    leak(503, 50);
    return unused;
}

static int work(void *unused) {
    (void)unused;
    leak(503, 100);
    return 5;
}

static pid_t fork_by(uint64_t flags) {
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
}

static int waited(pid_t pid, int options) {
    int status = -1;
    if (pid <= 0 || waitpid(pid, &status, options) != pid) return 11;
    return WIFEXITED(status) && WEXITSTATUS(status) == 5 ? 0 : 12;
}

static int shared_memory(uint64_t flags) {
    enum { STACK = 256 << 10 };
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return waited(clone(work, stack + STACK, (int)flags | SIGCHLD, NULL), 0);
}

static int sibling(void) {
    int ends[2];
    char byte = 0;
    if (pipe(ends) != 0) return 13;
    if (fork_by(CLONE_PARENT | SIGCHLD) == 0) {
        close(ends[0]);
        work(NULL);
        if (write(ends[1], "5", 1) != 1) _exit(14);
        _exit(5);
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1 || byte != '5') return 15;
    if (read(ends[0], &byte, 1) != 0) return 16; /* until it has gone */
    return wait(NULL) == -1 && errno == ECHILD ? 0 : 17;
}

static int files(void) {
    int before = open("/dev/null", O_RDONLY);
    close(before);
    pid_t pid = fork_by(CLONE_FILES | CLONE_FS | SIGCHLD);
    if (pid == 0) {
        work(NULL);
        _exit(open("/dev/null", O_RDONLY) >= 0 ? 5 : 6);
    }
    int wrong = waited(pid, 0);
    int after = open("/dev/null", O_RDONLY);
    return wrong != 0 ? wrong : after == before + 1 ? 0 : 18; /* the child's is still open */
}

static int by_clone3(void) {
    int pidfd = -1;
    struct clone_args a = {.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
                           .pidfd = (uint64_t)(uintptr_t)&pidfd,
                           .exit_signal = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, &a, sizeof a);
    if (pid < 0) return 77;
    if (pid == 0) _exit(work(NULL));
    return fcntl(pidfd, F_GETFD) < 0 ? 19 : waited(pid, 0);
}

static int first(void) {
    pid_t pid = fork_by(CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD);
    if (pid < 0) return 77;
    if (pid == 0) {
        pthread_t thread;
        if (syscall(SYS_getpid) != 1) _exit(20);
        leak(503, 50);
        if (pthread_create(&thread, NULL, leak_half, NULL) != 0) _exit(21);
        pthread_join(thread, NULL);
        _exit(5);
    }
    return waited(pid, 0);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    int wrong = 2;
    leak(211, 7);
    if (strcmp(how, "silent") == 0) {
        pid_t pid = fork_by(0);
        if (pid == 0) _exit(work(NULL));
        wrong = waited(pid, __WALL);
    }
    if (strcmp(how, "sibling") == 0) wrong = sibling();
    if (strcmp(how, "files") == 0) wrong = files();
    if (strcmp(how, "clone3") == 0) wrong = by_clone3();
    if (strcmp(how, "first") == 0) wrong = first();
    if (strcmp(how, "shares") == 0) wrong = shared_memory(CLONE_VM | CLONE_VFORK);
    if (strcmp(how, "beside") == 0) wrong = shared_memory(CLONE_VM);
    own_print("clone_raw", &own);
    return wrong;
}
