/* SPDX-License-Identifier: MIT
 * Tells formats apart and turns files into recordings. See import.h. */
#include "import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/format.h"

/* In the order in which they are tried: those with the surest marks first. */
static const struct im_format *const formats[] = {&im_heaptrack, &im_massif, &im_dhat,
                                                  &im_heap_dump, &im_pprof,  &im_collapsed};

#define RECORDING_MARK "\x89HWREC"

static int temporary_file(struct failure *f) {
    const char *directory = getenv("TMPDIR");
    if (directory == NULL || directory[0] == '\0') directory = "/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) fd = memfd_create("heapwise", MFD_CLOEXEC);
    if (fd < 0) return failure_set_errno(f, errno, "cannot make a temporary file in %s", directory);
    return fd;
}

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

/* A pipe is copied first, for files are read in any order. */
static int copy(int to, int from, const char *name, struct failure *f) {
    static char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure_set_errno(f, errno, "cannot read %s", name);
        if (got == 0) return 0;
        if (write_all(to, buffer, (size_t)got) != 0)
            return failure_set_errno(f, errno, "cannot keep %s in a temporary file", name);
    }
}

/* A descriptor that can be read from any place, and the name that a person knows the file by. */
static int open_input(const char *path, const char **name, struct failure *f) {
    int is_stdin = strcmp(path, "-") == 0;
    *name = is_stdin ? "standard input" : path;
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        failure_set_errno(f, errno, "cannot open %s", *name);
        if (fd >= 0) close(fd);
        return -1;
    }
    if (S_ISREG(status.st_mode)) return fd;
    if (S_ISDIR(status.st_mode)) {
        close(fd);
        return failure_set(f, "cannot open %s: it is a directory", *name);
    }
    int kept = temporary_file(f);
    int failed = kept < 0 || copy(kept, fd, *name, f) != 0;
    close(fd);
    if (!failed) return kept;
    if (kept >= 0) close(kept);
    return -1;
}

/* rec_open says the path that it was given; a person knows the file by another one. */
static int name_it(struct failure *f, const struct failure *why, const char *path,
                   const char *name) {
    const char *at = strstr(why->text, path);
    if (at == NULL) return failure_set(f, "%s", why->text);
    return failure_set(f, "%.*s%s%s", (int)(at - why->text), why->text, name, at + strlen(path));
}

static int open_recording(struct rec_file **out, int fd, const char *name, struct failure *f) {
    char path[40];
    struct failure why;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return rec_open(out, path, &why) == 0 ? 0 : name_it(f, &why, path, name);
}

/* The format of an input, or NULL; *is_recording: it is heapwise's own (which may be compressed).
 */
static int find_format(struct im_input *in, const struct im_format **format, int *is_recording,
                       struct failure *f) {
    char start[IM_SNIFF_BYTES + 1];
    size_t ready;
    const uint8_t *bytes = im_input_peek(in, IM_SNIFF_BYTES, &ready, f);
    *format = NULL;
    *is_recording = 0;
    if (bytes == NULL) return -1;
    if (ready > IM_SNIFF_BYTES) ready = IM_SNIFF_BYTES;
    memcpy(start, bytes, ready);
    start[ready] = '\0';
    *is_recording = ready > strlen(RECORDING_MARK) &&
                    memcmp(start, RECORDING_MARK, strlen(RECORDING_MARK)) == 0;
    for (size_t i = 0; !*is_recording && *format == NULL && i < sizeof formats / sizeof *formats;
         i++)
        if (formats[i]->sniff(start, ready)) *format = formats[i];
    return 0;
}

static int unknown_format(const char *name, struct failure *f) {
    char list[200] = "";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    }
    return failure_set(f,
                       "%s is not a recording of heapwise, nor a file of a kind that it reads (%s)",
                       name, list);
}

static int read_format(struct im_input *in, const struct im_format *format, const char *path,
                       struct failure *f) {
    if (im_input_rewind(in, f) != 0) return -1;
    struct failure why;
    if (format->read(in, path, &why) == 0) return 0;
    return strstr(why.text, im_input_name(in)) != NULL
               ? failure_set(f, "%s", why.text)
               : failure_set(f, "cannot read %s: %s", im_input_name(in), why.text);
}

/* A file that has been told. */
struct told {
    int fd;
    const char *name;
    struct im_input *in;
    const struct im_format *format; /* NULL: it is a recording */
};

static void let_go(struct told *t) {
    im_input_close(t->in);
    close(t->fd);
}

static int tell(struct told *t, const char *path, const struct im_progress *progress,
                struct failure *f) {
    int is_recording;
    t->in = NULL;
    t->fd = open_input(path, &t->name, f);
    if (t->fd < 0) return -1;
    if (im_input_open(&t->in, t->fd, t->name, progress, f) == 0 &&
        find_format(t->in, &t->format, &is_recording, f) == 0 &&
        (is_recording || t->format != NULL || unknown_format(t->name, f) == 0))
        return 0;
    let_go(t);
    return -1;
}

/* Puts a recording into the place of another tool's file. */
static int make_recording(struct told *t, struct failure *f) {
    char path[40];
    if (t->format == NULL) return 0;
    int fd = temporary_file(f);
    if (fd < 0) return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (read_format(t->in, t->format, path, f) != 0) {
        close(fd);
        return -1;
    }
    close(t->fd);
    t->fd = fd;
    return 0;
}

static const char cut_words[] =
    "the file ends in the middle: what wrote it was stopped, or it was cut";

int im_open(struct rec_file **out, const char *path, const struct im_progress *progress,
            struct failure *f) {
    struct told t;
    if (tell(&t, path, progress, f) != 0) return -1;
    int failed = make_recording(&t, f) != 0 || open_recording(out, t.fd, t.name, f) != 0;
    if (!failed && t.format != NULL && im_input_is_cut(t.in)) rec_note_damage(*out, cut_words);
    let_go(&t);
    return failed ? -1 : 0;
}

/* One side of a difference as a recording of its own. */
static int open_side(struct rec_file **out, struct told *t, enum im_side side, struct failure *f) {
    char path[40];
    int fd = temporary_file(f);
    if (fd < 0) return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    im_input_choose_side(t->in, side);
    int failed =
        read_format(t->in, t->format, path, f) != 0 || open_recording(out, fd, t->name, f) != 0;
    close(fd);
    return failed ? -1 : 0;
}

int im_open_difference(struct rec_file **before, struct rec_file **after, const char *path,
                       const struct im_progress *progress, struct failure *f) {
    struct told t;
    *before = *after = NULL;
    if (tell(&t, path, progress, f) != 0) return -1;
    int failed = 0;
    if (t.format == &im_pprof)
        failed = open_side(before, &t, IM_SIDE_BEFORE, f) != 0 ||
                 open_side(after, &t, IM_SIDE_AFTER, f) != 0;
    if (!failed && !im_input_is_difference(t.in))
        failed =
            failure_set(f,
                        "%s is no difference of two profiles: give two recordings, heapwise diff "
                        "BEFORE AFTER",
                        t.name) != 0;
    let_go(&t);
    if (!failed) return 0;
    rec_close(*before);
    rec_close(*after);
    *before = *after = NULL;
    return -1;
}

int im_check(const char *path, const struct im_progress *progress, struct failure *f) {
    struct told t;
    char at[40];
    struct failure why = {""};
    if (tell(&t, path, progress, f) != 0) return -1;
    int result = make_recording(&t, f);
    if (result == 0) {
        snprintf(at, sizeof at, "/proc/self/fd/%d", t.fd);
        result = rec_check(at, &why);
        if (result != 0) name_it(f, &why, at, t.name);
        if (result == 0 && t.format != NULL && im_input_is_cut(t.in)) {
            failure_set(f, "%s", cut_words);
            result = 1;
        }
    }
    let_go(&t);
    return result;
}

int im_convert(const char *path, const char *out, const struct im_progress *progress,
               struct failure *f) {
    struct told t;
    if (tell(&t, path, progress, f) != 0) return -1;
    int result = t.format == NULL ? 1 : read_format(t.in, t.format, out, f);
    if (result == 0 && im_input_is_cut(t.in))
        result = failure_set(f, "%s: %s; %s holds what could be read", t.name, cut_words, out);
    let_go(&t);
    return result;
}
