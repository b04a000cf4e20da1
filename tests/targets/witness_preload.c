/* SPDX-License-Identifier: MIT
 * A library to be preloaded that writes down what a program can see of its surroundings, when it
 * starts and when it runs its exit handlers, and in all that it starts: a line for each thing,
 * appended to the file that WITNESS names. What is there recorded and not alone, or the other way,
 * is of the profiler's doing. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static char path[4096];

static void witness(const char *when) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    char program[64] = "?", directory[4096] = "?";
    int comm = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    ssize_t length = comm < 0 ? 0 : read(comm, program, sizeof program - 1);
    close(comm);
    if (length > 0) program[length - 1] = '\0';
    dprintf(fd, "%s %s directory %s\n", program, when, getcwd(directory, sizeof directory));
    for (int i = 0; i < 1024; i++)
        if (i != fd && fcntl(i, F_GETFD) != -1)
            dprintf(fd, "%s %s descriptor %d flags %d %d\n", program, when, i, fcntl(i, F_GETFD),
                    fcntl(i, F_GETFL));
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int s = 1; s < 65; s++) {
        struct sigaction a;
        if (sigismember(&mask, s) == 1) dprintf(fd, "%s %s blocks %d\n", program, when, s);
        if (sigaction(s, NULL, &a) == 0 && a.sa_handler != SIG_DFL)
            dprintf(fd, "%s %s %s %d\n", program, when,
                    a.sa_handler == SIG_IGN ? "ignores" : "handles", s);
    }
    stack_t stack;
    sigaltstack(NULL, &stack);
    dprintf(fd, "%s %s signal stack %d of %zu\n", program, when, stack.ss_flags, stack.ss_size);
    for (int w = ITIMER_REAL; w <= ITIMER_PROF; w++) {
        struct itimerval t;
        getitimer(w, &t);
        dprintf(fd, "%s %s timer %d %d\n", program, when, w,
                t.it_interval.tv_sec != 0 || t.it_value.tv_sec != 0);
    }
    for (int l = 0; l < (int)RLIMIT_NLIMITS; l++) {
        struct rlimit r;
        if (getrlimit(l, &r) == 0)
            dprintf(fd, "%s %s limit %d %llu %llu\n", program, when, l,
                    (unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
    }
    for (char **e = environ; e != NULL && *e != NULL; e++)
        dprintf(fd, "%s %s variable %s\n", program, when, *e);
    mode_t old = umask(0);
    umask(old);
    dprintf(fd, "%s %s umask %o, leads %d, group %d\n", program, when, (unsigned)old,
            getsid(0) == getpid(), getpgrp() == getpid());
    close(fd);
}

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("WITNESS");
    if (name == NULL || strlen(name) >= sizeof path) return;
    memcpy(path, name, strlen(name) + 1);
    witness("starts");
}

__attribute__((destructor)) static void end(void) {
    if (path[0] != '\0') witness("ends");
}
