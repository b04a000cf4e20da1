/* SPDX-License-Identifier: MIT
 * Gathers the notes of agents, and looks into /proc for what they did not see. See unentered.h. */
#include "recorder/unentered.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomics.h"
#include "core/obstacle.h"
#include "wire/handshake.h"

static void path_of_executable(const struct tracee *t, char path[64]) {
    snprintf(path, 64, "/proc/%d/exe", (int)t->pid);
}

/* By its inode: the name changes when the file is replaced while it runs. */
static bool is_another(const struct tracee *t, const struct stat *s) {
    return s->st_dev != t->executable.st_dev || s->st_ino != t->executable.st_ino;
}

void unentered_know_executable(struct tracee *t) {
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

void unentered_look_at_executable(struct tracee *t, const char *socket_path) {
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

/* One such program; the first is told by name. */
static void add(struct unentered *u, const struct tracee *t, const char *how, const char *path,
                const char *why) {
    char shown[sizeof((struct wire_unentered *)0)->path];
    if (u->count++ > 0) return;
    snprintf(shown, sizeof shown, "%s", path);
    for (char *c = shown; *c != '\0'; c++) /* it goes to a terminal */
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    failure_set(&u->first, "%s (process %d) %s %s, which was not recorded: %s", t->facts->name,
                (int)t->pid, how, shown, why);
}

void unentered_collect(struct unentered *u, const struct tracee *t, enum unentered_look look) {
    static const char *const reasons[OBSTACLES] = {
        [OBSTACLE_NONE] = "the agent could not be loaded into it",
        [OBSTACLE_STATIC] = "it is statically linked",
        [OBSTACLE_RIGHTS] = "it is set-user-ID or set-group-ID, or has capabilities",
        [OBSTACLE_FOREIGN] = "it is not for 64-bit x86",
        [OBSTACLE_ENVIRONMENT] = "it was started without LD_PRELOAD or HEAPWISE_SOCKET in its "
                                 "environment",
    };
    const struct wire_region *r = t->region;
    for (int i = 0; i < WIRE_UNENTERED_MAX; i++) {
        struct wire_unentered copy;
        /* acquire: pairs with the agent's store after the text */
        if (load_acquire(&r->unentered[i].state) != WIRE_NOTE_WHOLE) continue;
        memcpy(&copy, &r->unentered[i], sizeof copy);
        copy.path[sizeof copy.path - 1] = '\0';
        add(u, t, "started", copy.path, reasons[copy.why < OBSTACLES ? copy.why : OBSTACLE_NONE]);
    }
    u->count += load_relaxed(&r->unentered_more);
    if (look == UNENTERED_NOTES_AND_PROC && t->unentered != NULL && load_relaxed(&r->went_on) == 0)
        add(u, t, "went on as", t->unentered,
            "it is static or set-user-ID, or was started without LD_PRELOAD in its environment");
}

void unentered_tell(const struct unentered *u) {
    if (u->count == 0) return;
    fprintf(stderr, "heapwise: %s", u->first.text);
    if (u->count > 1)
        fprintf(stderr, "; nor %s %llu more program%s", u->count == 2 ? "was" : "were",
                (unsigned long long)u->count - 1, u->count == 2 ? "" : "s");
    fprintf(stderr, "\n");
}
