/* SPDX-License-Identifier: MIT
 * Notices that a process goes on as another program that the agent did not come into: a static or
 * set-user-ID one, or one that was given an environment without LD_PRELOAD. Nobody tells us of an
 * exec, so /proc is looked at now and then; a program that runs for less than that goes unnoticed.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/tracee.h"
#include "wire/handshake.h"

static void path_of_executable(const struct tracee *t, char path[64]) {
    snprintf(path, 64, "/proc/%d/exe", (int)t->pid);
}

/* By its inode: the name changes when the file is replaced while it runs. */
static bool is_another(const struct tracee *t, const struct stat *s) {
    return s->st_dev != t->executable.st_dev || s->st_ino != t->executable.st_ino;
}

void tracee_know_executable(struct tracee *t) {
    char path[64];
    path_of_executable(t, path);
    t->knows_executable = stat(path, &t->executable) == 0;
}

/* Whether another heapwise records it now: the program was one, and has started a program. */
static bool has_another_socket(const struct tracee *t, const char *socket_path) {
    static const char variable[] = WIRE_SOCKET_VARIABLE "=";
    char path[64], *string = NULL;
    size_t capacity = 0;
    bool another = false;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)t->pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && getdelim(&string, &capacity, '\0', file) > 0)
        if (strncmp(string, variable, sizeof variable - 1) == 0)
            another = strcmp(string + sizeof variable - 1, socket_path) != 0;
    free(string);
    if (file != NULL) fclose(file);
    return another;
}

void tracee_look_at_executable(struct tracee *t, const char *socket_path) {
    char path[64], name[PATH_MAX];
    struct stat now;
    if (!t->knows_executable || t->unentered != NULL) return;
    path_of_executable(t, path);
    if (stat(path, &now) != 0 || !is_another(t, &now)) return;
    /* Two looks, since an agent may just be on its way to us. */
    if (!t->is_another_program || has_another_socket(t, socket_path)) {
        t->is_another_program = true;
        return;
    }
    ssize_t length = readlink(path, name, sizeof name - 1);
    if (length > 0) t->unentered = strndup(name, (size_t)length);
}

int tracee_explain_unentered(const struct tracee *t, struct failure *f) {
    if (t->unentered == NULL) return 0;
    return failure_set(f,
                       "%s (process %d) went on as %s, which was not recorded: it is static or "
                       "set-user-ID, or was started without LD_PRELOAD in its environment",
                       t->facts->name, (int)t->pid, t->unentered);
}
