/* SPDX-License-Identifier: MIT
 * Closes every descriptor above 2, opens files of its own in their places (given directory), and
 * writes to them while it allocates. Prints which descriptors it had at the start, and what its files
 * hold at the end; a profiler that keeps a descriptor shows here. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "own.h"

static struct own own;

static void print_descriptors(const char *when) {
    char line[512];
    size_t used = (size_t)snprintf(line, sizeof line, "%s:", when);
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            used += (size_t)snprintf(line + used, sizeof line - used, " %d", fd);
    snprintf(line + used, sizeof line - used, "\n");
    own_write(line);
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    print_descriptors("start");
    own_malloc(&own, 1013);
    for (int fd = 3; fd < 1024; fd++) close(fd);
    int files[20];
    for (int i = 0; i < 20; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/file%d", argv[1], i);
        files[i] = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
        if (files[i] != 3 + i) return 90;
    }
    for (int round = 0; round < 1000; round++) {
        void *p = own_malloc(&own, 2003);
        if (write(files[round % 20], "own bytes\n", 10) != 10) return 91;
        own_free(&own, p, 2003);
    }
    for (int i = 0; i < 20; i++) {
        struct stat s;
        if (fstat(files[i], &s) != 0 || s.st_size != 50 * 10) return 92;
        close(files[i]);
    }
    own_malloc(&own, 3001);
    print_descriptors("end");
    own_print("close_all", &own);
    return 0;
}
