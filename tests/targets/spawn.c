/* SPDX-License-Identifier: MIT
 * Starts the program of argument 2… in the way that argument 1 names (vfork, vfork_allocates, fork,
 * posix_spawn, system, popen, exec, thread_exec) and passes its exit status on. */
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

#include "own.h"

extern char **environ;
static struct own own;

static int wait_for(pid_t pid) {
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) return 90;
    own_malloc(&own, 1019); /* the parent goes on allocating afterwards */
    own_print("spawn", &own);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int status_of(int status) {
    own_malloc(&own, 1019);
    own_print("spawn", &own);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void *exec_here(void *argument) {
    char **command = argument;
    execv(command[0], command);
    _exit(91);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    const char *way = argv[1];
    char **command = argv + 2;
    own_malloc(&own, 1013);
    if (strcmp(way, "vfork") == 0) {
        pid_t pid = vfork();
        if (pid == 0) {
            execv(command[0], command);
            _exit(91);
        }
        return wait_for(pid);
    }
    if (strcmp(way, "vfork_allocates") ==
        0) { /* in its parent's memory, and by its parent's count */
        pid_t pid = vfork();
        if (pid == 0) {
            for (int i = 0; i < 100; i++)
                own_free(&own, own_malloc(&own, 307), 307);
            own_malloc(&own, 311);
            execv(command[0], command);
            _exit(91);
        }
        return wait_for(pid);
    }
    if (strcmp(way, "vfork_fails") == 0) {
        pid_t pid = vfork();
        if (pid == 0) {
            execv("/nonexistent", command);
            _exit(17);
        }
        return wait_for(pid);
    }
    if (strcmp(way, "fork") == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            execv(command[0], command);
            _exit(91);
        }
        return wait_for(pid);
    }
    if (strcmp(way, "posix_spawn") == 0) {
        pid_t pid;
        if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) != 0) return 92;
        return wait_for(pid);
    }
    if (strcmp(way, "system") == 0) return status_of(system(command[0]));
    if (strcmp(way, "popen") == 0) {
        FILE *f = popen(command[0], "w");
        return f == NULL ? 93 : status_of(pclose(f));
    }
    if (strcmp(way, "thread_exec") == 0) {
        pthread_t t;
        pthread_create(&t, NULL, exec_here, command);
        pthread_join(t, NULL);
        return 94;
    }
    exec_here(command);
    return 95;
}
