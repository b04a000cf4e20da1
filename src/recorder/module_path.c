/* SPDX-License-Identifier: MIT
 * Asks the process's memory map, while the module is there; else its first directory is the best
 * guess. Another module may stand in its place by now, so the file's name must be the same. See
 * module_path.h. */
#include "recorder/module_path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new string; NULL when there is no file of that name at `address`. */
static char *mapped_at(pid_t pid, uint64_t address, const char *file_name) {
    char name[64], *line = NULL, *found = NULL;
    size_t capacity = 0;
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    FILE *file = fopen(name, "re");
    while (file != NULL && found == NULL && getline(&line, &capacity, file) > 0) {
        uint64_t start, end;
        const char *path = strchr(line, '/');
        if (path == NULL || sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2) continue;
        line[strcspn(line, "\n")] = '\0';
        if (address >= start && address < end && strcmp(strrchr(path, '/') + 1, file_name) == 0)
            found = strdup(path);
    }
    free(line);
    if (file != NULL) fclose(file);
    return found;
}

char *module_path_absolute(const char *path, pid_t pid, uint64_t start, const char *directory) {
    if (path[0] == '/' || strchr(path, '/') == NULL) return NULL;
    char *absolute = mapped_at(pid, start, strrchr(path, '/') + 1);
    if (absolute != NULL) return absolute;
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return asprintf(&absolute, "%s/%s", directory, path) < 0 ? NULL : absolute;
}
