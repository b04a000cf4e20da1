/* SPDX-License-Identifier: MIT
 * Opens recordings named on the command line. See recording_argument.h. */
#include "commands/recording_argument.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int to, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(to, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int copy(int to, struct failure *f) {
    static char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure_set_errno(f, errno, "cannot read standard input");
        if (got == 0) return 0;
        if (write_all(to, buffer, (size_t)got) != 0)
            return failure_set_errno(f, errno, "cannot keep standard input in a temporary file");
    }
}

int recording_argument_open(struct rec_file **out, const char *name, struct failure *f) {
    if (strcmp(name, "-") != 0) return rec_open(out, name, f);
    const char *directory = getenv("TMPDIR");
    if (directory == NULL || directory[0] == '\0') directory = "/tmp";
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return failure_set_errno(f, errno, "cannot make a temporary file in %s", directory);
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct failure why = {""};
    int failed = copy(file, &why) != 0 || rec_open(out, path, &why) != 0;
    close(file);
    if (!failed) return 0;
    /* The name that a person knows it by. */
    size_t length = strlen(path);
    if (strncmp(why.text, path, length) != 0) return failure_set(f, "%s", why.text);
    return failure_set(f, "standard input%s", why.text + length);
}
