/* SPDX-License-Identifier: MIT
 * Finds descendants in /proc. See lineage.h. */
#include "recorder/lineage.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Whether one of the NUL-separated strings of the environment is `variable`. */
static bool environment_has(pid_t pid, const char *variable) {
    FILE *file = proc_open(pid, "environ");
    char *string = NULL;
    size_t capacity = 0;
    bool found = false;
    while (file != NULL && !found && getdelim(&string, &capacity, '\0', file) > 0)
        found = strcmp(string, variable) == 0;
    free(string);
    if (file != NULL) fclose(file);
    return found;
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

size_t lineage_silent(const char *path, pid_t above, bool (*known)(void *context, pid_t pid),
                      void *context) {
    char variable[256];
    size_t count = 0;
    DIR *all = opendir("/proc");
    if (all == NULL) return 0;
    snprintf(variable, sizeof variable, "%s=%s", WIRE_SOCKET_VARIABLE, path);
    for (struct dirent *e; (e = readdir(all)) != NULL;) {
        if (!isdigit((unsigned char)e->d_name[0])) continue;
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid <= above || pid == getpid() || known(context, pid)) continue;
        count += environment_has(pid, variable) && agent_is_in(pid);
    }
    closedir(all);
    return count;
}
