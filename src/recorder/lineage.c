/* SPDX-License-Identifier: MIT
 * Finds descendants in /proc. See lineage.h. */
#include "recorder/lineage.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/handshake.h"

static FILE *proc_open(pid_t pid, const char *what) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    return fopen(path, "re");
}

static pid_t parent_of(pid_t pid) {
    FILE *file = proc_open(pid, "status");
    char line[256];
    int parent = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "PPid: %d", &parent) == 1) break;
    if (file != NULL) fclose(file);
    return parent;
}

bool lineage_descends(pid_t pid, pid_t ancestor, bool (*known)(void *context, pid_t pid),
                      void *context) {
    for (int generation = 0; pid > 1 && generation < 1000; generation++) {
        if (pid == ancestor || known(context, pid)) return true;
        pid = parent_of(pid);
    }
    return false;
}

/* The kernel's own processes, and those that have ended, have none. */
static bool has_executable(pid_t pid) {
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return stat(path, &s) == 0;
}

enum environment { WITHOUT, WITH, NOT_YET };

/* Whether one of the NUL-separated strings of the environment is `variable`. NOT_YET: it has none
 * at all, as a program has in the first moment of its exec. */
static enum environment environment_look(pid_t pid, const char *variable) {
    FILE *file = proc_open(pid, "environ");
    char *string = NULL;
    size_t capacity = 0;
    enum environment found = NOT_YET;
    if (file == NULL) return WITHOUT;
    while (found != WITH && getdelim(&string, &capacity, '\0', file) > 0)
        found = strcmp(string, variable) == 0 ? WITH : WITHOUT;
    free(string);
    fclose(file);
    return found == NOT_YET && !has_executable(pid) ? WITHOUT : found;
}

static bool agent_is_in(pid_t pid) {
    FILE *file = proc_open(pid, "maps");
    char *line = NULL;
    size_t capacity = 0;
    bool agent = false, loader = false, libc = false;
    while (file != NULL && !agent && getline(&line, &capacity, file) > 0) {
        agent = strstr(line, "/libheapwise.so") != NULL;
        loader |= strstr(line, "/ld-linux") != NULL;
        libc |= strstr(line, "/libc.so") != NULL;
    }
    free(line);
    if (file != NULL) fclose(file);
    return agent || (loader && !libc); /* the loader has yet to load it */
}

struct lineage_silent lineage_silent(const char *path, pid_t first, bool older,
                                     bool (*known)(void *context, pid_t pid), void *context) {
    char variable[256];
    struct lineage_silent silent = {0};
    DIR *all = opendir("/proc");
    if (all == NULL) return silent;
    snprintf(variable, sizeof variable, "%s=%s", WIRE_SOCKET_VARIABLE, path);
    for (struct dirent *e; (e = readdir(all)) != NULL;) {
        if (!isdigit((unsigned char)e->d_name[0])) continue;
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if ((pid <= first && !older) || pid == getpid() || known(context, pid)) continue;
        enum environment has = environment_look(pid, variable);
        silent.count += has == WITH && agent_is_in(pid);
        silent.beginning += has == NOT_YET && pid > first;
    }
    closedir(all);
    return silent;
}
