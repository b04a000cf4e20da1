/* SPDX-License-Identifier: MIT
 * Reads and decompresses. See input.h. */
#include "import/input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_BYTES (256u << 10)
#define WINDOW_FIRST (512u << 10)
#define GZIP_ANY_WRAPPER (15 + 32)

enum coding { CODING_PLAIN, CODING_GZIP, CODING_ZSTD };

struct im_input {
    int fd;
    const char *name;
    struct im_progress progress;
    uint64_t offset, length; /* in the file */
    enum coding coding;
    uint8_t *raw;
    size_t raw_at, raw_end;
    int raw_done;   /* the file is at its end */
    int unfinished; /* a compressed stream has begun and not ended */
    z_stream gzip;
    int has_gzip;
    ZSTD_DStream *zstd;
    char *window; /* one byte more than its capacity, for a line's NUL */
    size_t at, end, capacity;
    int done; /* nothing more comes into the window */
    uint64_t line;
    int line_is_whole, is_cut;
    enum im_side side;
    int is_difference;
};

static int fill_raw(struct im_input *in, struct failure *f) {
    if (in->raw_at < in->raw_end || in->raw_done) return 0;
    ssize_t n;
    do
        n = pread(in->fd, in->raw, RAW_BYTES, (off_t)in->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0) return failure_set_errno(f, errno, "cannot read %s", in->name);
    in->raw_at = 0;
    in->raw_end = (size_t)n;
    in->offset += (uint64_t)n;
    in->raw_done = n == 0;
    if (in->progress.tell != NULL) in->progress.tell(in->progress.context, in->offset, in->length);
    return 0;
}

static int begin(struct im_input *in, struct failure *f) {
    if (fill_raw(in, f) != 0) return -1;
    const uint8_t *b = in->raw;
    if (in->raw_end >= 2 && b[0] == 0x1f && b[1] == 0x8b) {
        in->coding = CODING_GZIP;
        if (inflateInit2(&in->gzip, GZIP_ANY_WRAPPER) != Z_OK)
            return failure_set(f, "cannot read %s: out of memory", in->name);
        in->has_gzip = 1;
    } else if (in->raw_end >= 4 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) {
        in->coding = CODING_ZSTD;
        in->zstd = ZSTD_createDStream();
        if (in->zstd == NULL) return failure_set(f, "cannot read %s: out of memory", in->name);
    }
    return 0;
}

int im_input_open(struct im_input **out, int fd, const char *name,
                  const struct im_progress *progress, struct failure *f) {
    struct im_input *in = calloc(1, sizeof *in);
    struct stat status;
    if (in != NULL) {
        in->raw = malloc(RAW_BYTES);
        in->window = malloc(WINDOW_FIRST + 1);
    }
    if (in == NULL || in->raw == NULL || in->window == NULL) {
        im_input_close(in);
        return failure_set(f, "cannot read %s: out of memory", name);
    }
    in->capacity = WINDOW_FIRST;
    in->fd = fd;
    in->name = name;
    if (progress != NULL) in->progress = *progress;
    if (fstat(fd, &status) == 0) in->length = (uint64_t)status.st_size;
    if (begin(in, f) != 0) {
        im_input_close(in);
        return -1;
    }
    *out = in;
    return 0;
}

static void end_decoding(struct im_input *in) {
    if (in->has_gzip) inflateEnd(&in->gzip);
    ZSTD_freeDStream(in->zstd);
    memset(&in->gzip, 0, sizeof in->gzip);
    in->has_gzip = 0;
    in->zstd = NULL;
}

int im_input_rewind(struct im_input *in, struct failure *f) {
    end_decoding(in);
    in->offset = in->raw_at = in->raw_end = in->at = in->end = 0;
    in->raw_done = in->unfinished = in->done = 0;
    in->coding = CODING_PLAIN;
    in->line = 0;
    return begin(in, f);
}

void im_input_close(struct im_input *in) {
    if (in == NULL) return;
    end_decoding(in);
    free(in->raw);
    free(in->window);
    free(in);
}

void im_input_choose_side(struct im_input *in, enum im_side side) {
    in->side = side;
}

enum im_side im_input_side(const struct im_input *in) {
    return in->side;
}

void im_input_note_difference(struct im_input *in) {
    in->is_difference = 1;
}

int im_input_is_difference(const struct im_input *in) {
    return in->is_difference;
}

int im_input_is_cut(const struct im_input *in) {
    return in->is_cut;
}
void im_input_note_cut(struct im_input *in) {
    in->is_cut = 1;
}
int im_input_line_is_whole(const struct im_input *in) {
    return in->line_is_whole;
}
const char *im_input_name(const struct im_input *in) {
    return in->name;
}
uint64_t im_input_line_number(const struct im_input *in) {
    return in->line;
}

static int damaged(const struct im_input *in, const char *why, struct failure *f) {
    return failure_set(f, "%s is damaged: its %s data %s", in->name,
                       in->coding == CODING_GZIP ? "gzip" : "zstd", why);
}

static int more_plain(struct im_input *in) {
    size_t n = in->raw_end - in->raw_at, room = in->capacity - in->end;
    if (n > room) n = room;
    memcpy(in->window + in->end, in->raw + in->raw_at, n);
    in->raw_at += n;
    in->end += n;
    return 0;
}

static int more_gzip(struct im_input *in, struct failure *f) {
    in->gzip.next_in = in->raw + in->raw_at;
    in->gzip.avail_in = (unsigned)(in->raw_end - in->raw_at);
    in->gzip.next_out = (uint8_t *)in->window + in->end;
    in->gzip.avail_out = (unsigned)(in->capacity - in->end);
    in->unfinished = 1;
    int result = inflate(&in->gzip, Z_NO_FLUSH);
    in->raw_at = in->raw_end - in->gzip.avail_in;
    in->end = in->capacity - in->gzip.avail_out;
    if (result == Z_STREAM_END) { /* a file may be several streams, one after the other */
        in->unfinished = 0;
        return inflateReset(&in->gzip) == Z_OK ? 0 : damaged(in, "cannot be decoded", f);
    }
    return result == Z_OK || result == Z_BUF_ERROR ? 0 : damaged(in, "cannot be decoded", f);
}

static int more_zstd(struct im_input *in, struct failure *f) {
    ZSTD_inBuffer from = {in->raw, in->raw_end, in->raw_at};
    ZSTD_outBuffer to = {in->window, in->capacity, in->end};
    size_t left = ZSTD_decompressStream(in->zstd, &to, &from);
    if (ZSTD_isError(left)) return damaged(in, ZSTD_getErrorName(left), f);
    in->raw_at = from.pos;
    in->end = to.pos;
    in->unfinished = left != 0;
    return 0;
}

/* Brings more bytes into the window, which has room. */
static int more(struct im_input *in, struct failure *f) {
    size_t before = in->end;
    while (in->end == before && !in->done) {
        if (fill_raw(in, f) != 0) return -1;
        int at_end = in->raw_done && in->raw_at == in->raw_end;
        if (at_end && (in->coding == CODING_PLAIN || !in->unfinished)) {
            in->done = 1;
            return 0;
        }
        size_t raw_before = in->raw_at;
        int failed = in->coding == CODING_PLAIN  ? more_plain(in)
                     : in->coding == CODING_GZIP ? more_gzip(in, f)
                                                 : more_zstd(in, f);
        if (failed) return -1;
        if (at_end && in->end == before) { /* a tool that was killed leaves its last block behind */
            in->done = 1;
            in->is_cut = 1;
            return 0;
        }
        if (in->raw_at == raw_before && in->end == before && !at_end)
            return damaged(in, "does not go on", f);
    }
    return 0;
}

/* Makes room at the end of the window. */
static int make_room(struct im_input *in, struct failure *f) {
    if (in->at > 0) {
        memmove(in->window, in->window + in->at, in->end - in->at);
        in->end -= in->at;
        in->at = 0;
    }
    if (in->end < in->capacity) return 0;
    if (in->capacity >= IM_WINDOW_MAX)
        return failure_set(f, "cannot read %s: it has a line or a record of more than %u MiB",
                           in->name, IM_WINDOW_MAX >> 20);
    char *window = realloc(in->window, in->capacity * 2 + 1);
    if (window == NULL) return failure_set(f, "cannot read %s: out of memory", in->name);
    in->window = window;
    in->capacity *= 2;
    return 0;
}

const uint8_t *im_input_peek(struct im_input *in, size_t wanted, size_t *ready, struct failure *f) {
    while (in->end - in->at < wanted && !in->done)
        if (make_room(in, f) != 0 || more(in, f) != 0) return NULL;
    *ready = in->end - in->at;
    return (uint8_t *)in->window + in->at;
}

void im_input_take(struct im_input *in, size_t count) {
    in->at += count;
}

int im_input_line(struct im_input *in, char **line, size_t *length, struct failure *f) {
    size_t seen = 0;
    for (;;) {
        char *start = in->window + in->at;
        char *newline = memchr(start + seen, '\n', in->end - in->at - seen);
        if (newline != NULL || in->done) {
            if (newline == NULL && in->end == in->at) return 0;
            *length = newline != NULL ? (size_t)(newline - start) : in->end - in->at;
            in->at += *length + (newline != NULL);
            start[*length] = '\0';
            *line = start;
            in->line_is_whole = newline != NULL;
            in->line++;
            return 1;
        }
        seen = in->end - in->at;
        if (make_room(in, f) != 0 || more(in, f) != 0) return -1;
    }
}

int im_input_bad_line(const struct im_input *in, struct failure *f, const char *format, ...) {
    char what[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return failure_set(f, "%s, line %llu: %s", in->name, (unsigned long long)in->line, what);
}
