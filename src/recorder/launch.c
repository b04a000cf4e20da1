/* SPDX-License-Identifier: MIT
 * Starts the program, and explains why one could not be entered. See launch.h. */
#include "recorder/launch.h"

#include <elf.h>
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
#include <sys/xattr.h>
#include <unistd.h>

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

/* Whether an ELF file asks for a dynamic loader; -1 when it is not an ELF file of this machine. */
static int has_loader(int fd) {
    Elf64_Ehdr header;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
        header.e_phentsize != sizeof(Elf64_Phdr))
        return -1;
    for (int i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr p;
        if (pread(fd, &p, sizeof p, (off_t)(header.e_phoff + (uint64_t)i * sizeof p)) !=
            (ssize_t)sizeof p)
            return -1;
        if (p.p_type == PT_INTERP) return 1;
    }
    return 0;
}

/* Whether a program runs with other rights than who starts it: then the loader loads nothing that
 * the environment names. */
static bool gives_rights(const struct stat *s, const char *executable) {
    return ((s->st_mode & S_ISUID) != 0 && s->st_uid != getuid()) ||
           ((s->st_mode & S_ISGID) != 0 && s->st_gid != getgid()) ||
           (getuid() != 0 && getxattr(executable, "security.capability", NULL, 0) > 0);
}

const char *launch_obstacle(const char *executable, struct failure *f) {
    struct stat s;
    int fd = open(executable, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &s) < 0) {
        if (fd >= 0) close(fd);
        return NULL;
    }
    int loader = has_loader(fd);
    close(fd);
    if (loader == 0)
        failure_set(f, "%s is statically linked, so the agent could not be loaded into it",
                    executable);
    else if (gives_rights(&s, executable))
        failure_set(
            f,
            "%s is set-user-ID or set-group-ID, or has capabilities, so the agent could not "
            "be loaded into it; run heapwise as the user that it runs as",
            executable);
    else
        return NULL;
    return f->text;
}
