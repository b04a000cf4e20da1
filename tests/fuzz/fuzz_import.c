/* SPDX-License-Identifier: MIT
 * Reads any bytes as a file of another heap profiler, and all that can be read of the recording
 * that it makes (libFuzzer). With -DFORMAT=im_massif and the like it is that format's reader alone;
 * without, the reader is told by content, as commands do. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/format.h"
#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct rec_file *r) {
    struct failure f;
    size_t count;
    const struct rec_chunk *chunks = rec_chunks(r, &count);
    for (size_t i = 0; i < count; i++) {
        struct rec_event *events = malloc((chunks[i].records + 1) * sizeof *events);
        if (events == NULL || rec_chunk_decode(r, i, events, &f) != 0) abort();
        free(events);
    }
    if (rec_nodes(r, &count, &f) == NULL || rec_node_totals(r, &count, &f) == NULL ||
        rec_leaked(r, &count, &f) == NULL)
        abort();
    if (rec_addresses(r, &count, &f) == NULL || rec_frames(r, 0, &count, &f) == NULL) abort();
}

static int open_it(struct rec_file **r, int fd, const char *path, struct failure *f) {
#ifdef FORMAT
    struct im_input *in;
    char out[40];
    int kept = memfd_create("recording", 0);
    if (kept < 0) abort();
    snprintf(out, sizeof out, "/proc/self/fd/%d", kept);
    int failed = im_input_open(&in, fd, path, NULL, f);
    if (!failed) {
        failed = FORMAT.read(in, out, f);
        im_input_close(in);
    }
    if (!failed && rec_open(r, out, f) != 0) abort(); /* what is written can be read */
    close(kept);
    return failed;
#else
    (void)fd;
    return im_open(r, path, NULL, f);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[40];
    struct rec_file *r;
    struct failure f;
    int fd = memfd_create("input", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (open_it(&r, fd, path, &f) == 0) {
        read_all(r);
        rec_close(r);
    }
#ifndef FORMAT
    struct rec_file *after;
    if (im_open_difference(&r, &after, path, NULL, &f) == 0) {
        read_all(r);
        read_all(after);
        rec_close(r);
        rec_close(after);
    }
#endif
    close(fd);
    return 0;
}
