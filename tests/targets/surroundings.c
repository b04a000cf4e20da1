/* SPDX-License-Identifier: MIT
 * Prints all that a program can see of its surroundings: arguments, environment, directory, open
 * descriptors, signal dispositions and mask, threads, limits. Run alone and profiled it must print
 * the same, but for what following children needs in the environment. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "own.h"

extern char **environ;

static void line(const char *name, const char *value) {
    own_write(name);
    own_write("=");
    own_write(value);
    own_write("\n");
}

static void number(const char *name, long value) {
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    line(name, text);
}

int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) line("argument", argv[i]);
    for (char **e = environ; *e != NULL; e++) line("environment", *e);
    char directory[4096];
    if (getcwd(directory, sizeof directory) != NULL) line("directory", directory);
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) != -1) number("descriptor", fd);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int s = 1; s < 65; s++) {
        struct sigaction a;
        if (sigismember(&mask, s) == 1) number("blocked", s);
        if (sigaction(s, NULL, &a) == 0 && a.sa_handler != SIG_DFL)
            number(a.sa_handler == SIG_IGN ? "ignored" : "handled", s);
    }
    for (int l = 0; l < RLIMIT_NLIMITS; l++) {
        struct rlimit r;
        if (getrlimit(l, &r) == 0) number("limit", (long)r.rlim_cur);
    }
    int threads = 0;
    DIR *d = opendir("/proc/self/task");
    while (d != NULL && readdir(d) != NULL) threads++;
    number("threads", threads - 2);
    mode_t mode = umask(0);
    number("umask", (long)mode);
    number("is_leader", getpgrp() == getpid());
    number("terminal", isatty(0));
    return 0;
}
