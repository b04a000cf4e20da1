/* SPDX-License-Identifier: MIT
 * Starts the program of argument 3… in the way that argument 1 names, as often as argument 2 says,
 * and prints how each start ended. Allocates nothing in the children. An exec comes after a fork,
 * or after a vfork if the way begins so; "clear" before a way empties the environment first. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static volatile uintptr_t nothing_there = 8;

/* What the kernel refuses is no program's end. Gives the last errno, or 0 when one differs. */
static int wrong_addresses(const char *name) {
    char *arguments[] = {(char *)name, NULL}, *const *no = (char *const *)nothing_there;
    const char *bad = (const char *)nothing_there;
    errno = 0;
    if (execve(bad, arguments, environ) != -1 || errno != EFAULT) return 0;
    if (execveat(AT_FDCWD, bad, arguments, environ, AT_EMPTY_PATH) != -1 || errno != EFAULT)
        return 0;
    return execve(name, arguments, no) == -1 ? errno : 0;
}

/* Executes it; gives errno where that fails. */
static int become(const char *way, char **command) {
    const char *name = command[0], *one = command[1];
    const char *two = one != NULL ? command[2] : NULL;
    if (strcmp(way, "execve") == 0) execve(name, command, environ);
    if (strcmp(way, "execv") == 0) execv(name, command);
    if (strcmp(way, "execvp") == 0) execvp(name, command);
    if (strcmp(way, "execvpe") == 0) execvpe(name, command, environ);
    if (strcmp(way, "execl") == 0) execl(name, name, one, two, (char *)NULL);
    if (strcmp(way, "execlp") == 0) execlp(name, name, one, two, (char *)NULL);
    if (strcmp(way, "execle") == 0) {
        if (one == NULL)
            execle(name, name, (char *)NULL, environ);
        else
            execle(name, name, one, two, (char *)NULL, environ);
    }
    if (strcmp(way, "fexecve") == 0) fexecve(open(name, O_RDONLY | O_CLOEXEC), command, environ);
    if (strcmp(way, "execveat") == 0) execveat(AT_FDCWD, name, command, environ, 0);
    if (strcmp(way, "nowhere") == 0) return wrong_addresses(name);
    return errno;
}

static int status_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int waited_for(pid_t pid) {
    int status = 0;
    return waitpid(pid, &status, 0) == pid ? status_of(status) : 255;
}

static int start(const char *way, char **command) {
    pid_t pid = 0;
    int error;
    if (strncmp(way, "clear ", 6) == 0) {
        clearenv();
        way += 6;
    }
    if (strcmp(way, "system") == 0) return status_of(system(command[0]));
    if (strcmp(way, "popen") == 0) return status_of(pclose(popen(command[0], "w")));
    if (strcmp(way, "posix_spawn") == 0) {
        error = posix_spawn(&pid, command[0], NULL, NULL, command, environ);
        return error != 0 ? 200 + error : waited_for(pid);
    }
    if (strcmp(way, "posix_spawnp") == 0) {
        error = posix_spawnp(&pid, command[0], NULL, NULL, command, environ);
        return error != 0 ? 200 + error : waited_for(pid);
    }
    if (strncmp(way, "vfork ", 6) == 0) {
        pid = vfork();
        if (pid == 0) _exit(200 + become(way + 6, command));
    } else {
        pid = fork();
        if (pid == 0) _exit(200 + become(way, command));
    }
    return waited_for(pid);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    free(malloc(1013));
    for (int i = 0; i < atoi(argv[2]); i++) {
        printf("%d\n", start(argv[1], argv + 3));
        fflush(stdout);
    }
    return 0;
}
