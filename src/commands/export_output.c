/* SPDX-License-Identifier: MIT
 * Opens and completes outputs. See export_output.h. */
#include "commands/export_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/compressed.h"

#define BUFFER_BYTES (1 << 18)

static int has_suffix(const char *name, const char *suffix) {
    size_t length = strlen(name), own = strlen(suffix);
    return length > own && strcmp(name + length - own, suffix) == 0;
}

void export_output_name(char *name, size_t bytes, const struct ex_format *format,
                        const char *recording) {
    const char *slash = strrchr(recording, '/');
    const char *base = strcmp(recording, "-") == 0 ? "recording"
                       : slash != NULL             ? slash + 1
                                                   : recording;
    int length = (int)strlen(base);
    if (has_suffix(base, ".heapwise")) length -= (int)strlen(".heapwise");
    const char *mark = strstr(format->file_name, "%s");
    snprintf(name, bytes, "%.*s%.*s%s", (int)(mark - format->file_name), format->file_name, length,
             base, mark + 2);
}

static int is_same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A file in the folder of `name`, so that it can be renamed, or in TMPDIR for standard output. */
static int make_temporary(struct export_output *o, struct failure *f) {
    const char *folder = getenv("TMPDIR");
    int length;
    if (strcmp(o->name, "-") == 0)
        length = snprintf(o->temporary, sizeof o->temporary, "%s/heapwise-XXXXXX",
                          folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    else
        length = snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", o->name);
    int file =
        length < (int)sizeof o->temporary ? mkstemp(o->temporary) : (errno = ENAMETOOLONG, -1);
    if (file < 0) {
        o->temporary[0] = '\0';
        return failure_set_errno(f, errno, "cannot write %s", o->name);
    }
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file, 0666 & ~mask);
    return file;
}

/* Standard output, a pipe or a device is written in place; a file is made beside its place. */
static int open_file(struct export_output *o, struct failure *f) {
    struct stat now;
    if (stat(o->name, &now) != 0 || S_ISREG(now.st_mode)) return make_temporary(o, f);
    int file = open(o->name, O_WRONLY | O_CLOEXEC);
    return file >= 0 ? file : failure_set_errno(f, errno, "cannot write %s", o->name);
}

static int refuse(const struct export_output *o, const struct ex_format *format,
                  enum export_existing existing, struct failure *f) {
    if (strcmp(o->name, "-") == 0) {
        if (format->medium != EX_TEXT && isatty(STDOUT_FILENO))
            return failure_set(f,
                               "%s is binary, and standard output is a terminal: send it on with | "
                               "or write a file with -o",
                               format->name);
        return 0;
    }
    if (is_same_file(o->name, o->input))
        return failure_set(f, "%s is the recording itself: choose another name with -o", o->name);
    if (existing == EXPORT_KEEP && access(o->name, F_OK) == 0)
        return failure_set(f, "%s exists: give -o NAME, or --force to write over it", o->name);
    return 0;
}

/* Puts a compressing stream on top. */
static int compress_output(struct export_output *o, FILE *(*open_on)(FILE *), struct failure *f) {
    o->below = o->out;
    o->out = open_on(o->below);
    return o->out != NULL ? 0 : failure_set(f, "cannot compress %s: out of memory", o->name);
}

static int open_database(struct export_output *o, struct failure *f) {
    int file = make_temporary(o, f);
    if (file < 0) return -1;
    close(file);
    o->target = o->temporary;
    return 0;
}

int export_output_open(struct export_output *o, const struct ex_format *format, const char *name,
                       const char *input, enum export_existing existing, struct failure *f) {
    memset(o, 0, sizeof *o);
    o->name = name;
    o->input = input;
    if (refuse(o, format, existing, f) != 0) return -1;
    if (format->medium == EX_DATABASE) return open_database(o, f);
    if (strcmp(name, "-") == 0) {
        o->out = stdout;
    } else {
        int file = open_file(o, f);
        if (file < 0) return -1;
        o->out = fdopen(file, "w");
        if (o->out == NULL) {
            close(file);
            return failure_set_errno(f, errno, "cannot write %s", name);
        }
    }
    setvbuf(o->out, NULL, _IOFBF, BUFFER_BYTES);
    if (format->medium == EX_GZIP || has_suffix(name, ".gz"))
        return compress_output(o, ex_gzip_open, f);
    return has_suffix(name, ".zst") ? compress_output(o, ex_zstd_open, f) : 0;
}

static int close_streams(struct export_output *o) {
    int failed = 0;
    if (o->below != NULL) {
        failed |= o->out != NULL && (ferror(o->out) | fclose(o->out));
        o->out = o->below;
        o->below = NULL;
    }
    if (o->out == NULL) return failed;
    failed |= ferror(o->out) || fflush(o->out) != 0;
    if (o->out != stdout) failed |= fclose(o->out);
    o->out = NULL;
    return failed;
}

/* A finished database goes to standard output. */
static int send_on(const char *path) {
    static char buffer[BUFFER_BYTES];
    FILE *from = fopen(path, "r");
    if (from == NULL) return -1;
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, from)) > 0)
        if (fwrite(buffer, 1, got, stdout) != got) break;
    int failed = ferror(from) || ferror(stdout) || fflush(stdout) != 0;
    fclose(from);
    return failed ? -1 : 0;
}

int export_output_close(struct export_output *o, struct failure *f) {
    errno = 0;
    if (close_streams(o) != 0)
        return failure_set_errno(f, errno != 0 ? errno : EIO, "cannot write %s", o->name);
    if (o->temporary[0] == '\0') return 0;
    struct stat made;
    if (stat(o->temporary, &made) == 0) o->bytes = (uint64_t)made.st_size;
    if (strcmp(o->name, "-") == 0) {
        if (send_on(o->temporary) != 0)
            return failure_set_errno(f, errno, "cannot write to standard output");
    } else if (rename(o->temporary, o->name) == 0) {
        o->temporary[0] = '\0';
    } else {
        return failure_set_errno(f, errno, "cannot write %s", o->name);
    }
    return 0;
}

void export_output_drop(struct export_output *o) {
    close_streams(o);
    if (o->temporary[0] != '\0') unlink(o->temporary);
    o->temporary[0] = '\0';
}
