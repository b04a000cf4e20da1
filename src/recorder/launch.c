/* SPDX-License-Identifier: MIT
 * Starts the program, and explains why one could not be entered. See launch.h. */
#include "recorder/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/obstacle.h"
#include "wire/handshake.h"

static const int lifted[] = {RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_AS, RLIMIT_DATA};
enum { LIFTED = sizeof lifted / sizeof *lifted };
static struct rlimit limits_before[LIFTED];
static bool limits_lifted;

void launch_lift_limits(void) {
    for (int i = 0; i < LIFTED; i++) {
        getrlimit(lifted[i], &limits_before[i]);
        struct rlimit all = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
        struct rlimit allowed = {.rlim_cur = limits_before[i].rlim_max,
                                 .rlim_max = limits_before[i].rlim_max};
        /* There is no infinity of descriptors; the rest only root may have. */
        if (lifted[i] == RLIMIT_NOFILE || setrlimit(lifted[i], &all) < 0)
            setrlimit(lifted[i], &allowed);
    }
    limits_lifted = true;
}

static void limits_restore(void) {
    for (int i = 0; limits_lifted && i < LIFTED; i++)
        setrlimit(lifted[i], &limits_before[i]);
}

/* The program's environment: ours, with two variables that are new or replaced. */
struct environment {
    char **all, *preload, *socket;
};

/* `variable` takes the place of one of the same name, or the last one, for which there is room. */
static void environment_put(char **all, char *variable) {
    size_t name = strcspn(variable, "=") + 1, at = 0;
    while (all[at] != NULL && strncmp(all[at], variable, name) != 0)
        at++;
    if (all[at] == NULL) all[at + 1] = NULL;
    all[at] = variable;
}

static void environment_release(struct environment *e) {
    free(e->all);
    free(e->preload);
    free(e->socket);
}

/* -1: memory is out. */
static int environment_init(struct environment *e, const char *agent_path,
                            const char *socket_path) {
    const char *own = getenv("LD_PRELOAD");
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    *e = (struct environment){.all = malloc((count + 3) * sizeof *e->all)};
    if (asprintf(&e->preload, "LD_PRELOAD=%s%s%s", agent_path,
                 own != NULL && *own != '\0' ? ":" : "", own != NULL ? own : "") < 0)
        e->preload = NULL;
    if (asprintf(&e->socket, WIRE_SOCKET_VARIABLE "=%s", socket_path) < 0) e->socket = NULL;
    if (e->all == NULL || e->preload == NULL || e->socket == NULL) {
        environment_release(e);
        return -1;
    }
    memcpy(e->all, environ, (count + 1) * sizeof *e->all);
    environment_put(e->all, e->preload);
    environment_put(e->all, e->socket);
    return 0;
}

/* In the child: never returns. What went wrong goes through `report_fd`. Another thread may have
 * held any lock at the fork, so nothing is called here that takes one; libc's malloc sees to that
 * itself, those of sanitizers do not. */
static void become(char *const *command, const struct environment *e, const sigset_t *mask,
                   int report_fd) {
    limits_restore();
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvpe(command[0], command, e->all);
    int error = errno;
    (void)!write(report_fd, &error, sizeof error);
    _exit(127);
}

pid_t launch(char *const *command, const char *agent_path, const char *socket_path,
             const void *mask, int *exit_status, struct failure *f) {
    struct environment environment;
    int report[2];
    *exit_status = 1;
    if (environment_init(&environment, agent_path, socket_path) < 0)
        return failure_set(f, "cannot run %s: out of memory", command[0]);
    if (pipe2(report, O_CLOEXEC) < 0) {
        environment_release(&environment);
        return failure_set_errno(f, errno, "cannot make a pipe");
    }
    pid_t pid = fork();
    if (pid == 0) become(command, &environment, mask, report[1]);
    int fork_error = errno;
    environment_release(&environment);
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        return failure_set_errno(f, fork_error, "cannot start a process");
    }
    int error = 0;
    ssize_t n;
    do
        n = read(report[0], &error, sizeof error);
    while (n < 0 && errno == EINTR);
    close(report[0]);
    if (n == (ssize_t)sizeof error) {
        *exit_status = error == ENOENT ? 127 : 126;
        return failure_set_errno(f, error, "cannot run %s", command[0]);
    }
    return pid;
}

void launch_resolve(const char *name, char *path, size_t bytes) {
    snprintf(path, bytes, "%s", name);
    if (strchr(name, '/') != NULL) return;
    const char *search = getenv("PATH");
    path[0] = '\0';
    for (const char *p = search != NULL ? search : "/bin:/usr/bin"; *p != '\0';) {
        size_t length = strcspn(p, ":");
        struct stat s;
        snprintf(path, bytes, "%.*s/%s", (int)length, p, name);
        if (stat(path, &s) == 0 && S_ISREG(s.st_mode) && access(path, X_OK) == 0) return;
        path[0] = '\0';
        p += length + (p[length] == ':');
    }
}

const char *launch_obstacle(const char *executable, struct failure *f) {
    switch (obstacle_of_file(AT_FDCWD, executable)) {
    case OBSTACLE_STATIC:
        failure_set(f, "%s is statically linked, so the agent could not be loaded into it",
                    executable);
        break;
    case OBSTACLE_RIGHTS:
        failure_set(
            f,
            "%s is set-user-ID or set-group-ID, or has capabilities, so the agent could not "
            "be loaded into it; run heapwise as the user that it runs as",
            executable);
        break;
    case OBSTACLE_FOREIGN:
        failure_set(f, "%s is not for 64-bit x86, so the agent could not be loaded into it",
                    executable);
        break;
    default:
        return NULL;
    }
    return f->text;
}
