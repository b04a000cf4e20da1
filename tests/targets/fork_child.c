/* SPDX-License-Identifier: MIT
 * A fork: the parent's blocks are inherited by the child, which frees one of them, allocates its own,
 * forks a grandchild, and ends as the argument says (exit or _exit). */
#include <sys/wait.h>

#include "own.h"

static struct own own;

static void leave(const char *how) {
    if (strcmp(how, "_exit") == 0) _exit(5);
    exit(5);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "exit";
    void *inherited = own_malloc(&own, 1009);
    own_malloc(&own, 2003);
    pid_t pid = fork();
    if (pid == 0) {
        memset(&own, 0, sizeof own);
        free(inherited); /* an inherited block: no allocation of the child ends */
        for (int i = 0; i < 7; i++) own_malloc(&own, 3001);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            memset(&own, 0, sizeof own);
            for (int i = 0; i < 11; i++) own_malloc(&own, 4001);
            own_print("grandchild", &own);
            leave(how);
        }
        int status = 0;
        waitpid(grandchild, &status, 0);
        own_print("child", &own);
        leave(WEXITSTATUS(status) == 5 ? how : "bad");
    }
    int status = 0;
    waitpid(pid, &status, 0);
    own_free(&own, inherited, 1009);
    own_print("parent", &own);
    return WEXITSTATUS(status) == 5 ? 0 : 9;
}
