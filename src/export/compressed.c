/* SPDX-License-Identifier: MIT
 * Compressing streams. See compressed.h. */
#include "export/compressed.h"

#include <stdlib.h>
#include <sys/types.h>
#define ZLIB_CONST /* zlib does not write to its input */
#include <zlib.h>
#include <zstd.h>

#define BUFFER_BYTES 65536
#define INPUT_MAX (1u << 30) /* zlib counts in 32 bits */

struct gzip {
    FILE *to;
    z_stream z;
    unsigned char buffer[BUFFER_BYTES];
};

/* Gives all input to zlib and writes what comes of it. */
static int gzip_push(struct gzip *g, int flush) {
    do {
        g->z.next_out = g->buffer;
        g->z.avail_out = sizeof g->buffer;
        if (deflate(&g->z, flush) == Z_STREAM_ERROR) return -1;
        size_t made = sizeof g->buffer - g->z.avail_out;
        if (fwrite(g->buffer, 1, made, g->to) != made) return -1;
    } while (g->z.avail_out == 0);
    return 0;
}

static ssize_t gzip_write(void *cookie, const char *data, size_t size) {
    struct gzip *g = cookie;
    if (size > INPUT_MAX) size = INPUT_MAX;
    g->z.next_in = (const unsigned char *)data;
    g->z.avail_in = (unsigned)size;
    return gzip_push(g, Z_NO_FLUSH) == 0 ? (ssize_t)size : 0;
}

static int gzip_close(void *cookie) {
    struct gzip *g = cookie;
    g->z.avail_in = 0;
    int failed = gzip_push(g, Z_FINISH);
    deflateEnd(&g->z);
    free(g);
    return failed;
}

static FILE *open_stream(void *cookie, cookie_write_function_t *write,
                         cookie_close_function_t *end) {
    FILE *out = fopencookie(cookie, "w", (cookie_io_functions_t){.write = write, .close = end});
    if (out != NULL) setvbuf(out, NULL, _IOFBF, BUFFER_BYTES);
    return out;
}

FILE *ex_gzip_open(FILE *to) {
    enum { GZIP_HEADER = 16, MEMORY_LEVEL = 8 };
    struct gzip *g = calloc(1, sizeof *g);
    if (g == NULL) return NULL;
    g->to = to;
    if (deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP_HEADER,
                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(g);
        return NULL;
    }
    FILE *out = open_stream(g, gzip_write, gzip_close);
    if (out == NULL) {
        deflateEnd(&g->z);
        free(g);
    }
    return out;
}

struct zstd {
    FILE *to;
    ZSTD_CCtx *context;
    unsigned char buffer[BUFFER_BYTES];
};

static int zstd_push(struct zstd *s, ZSTD_inBuffer *in, ZSTD_EndDirective how) {
    for (;;) {
        ZSTD_outBuffer out = {s->buffer, sizeof s->buffer, 0};
        size_t left = ZSTD_compressStream2(s->context, &out, in, how);
        if (ZSTD_isError(left) || fwrite(s->buffer, 1, out.pos, s->to) != out.pos) return -1;
        if (how == ZSTD_e_end ? left == 0 : in->pos == in->size) return 0;
    }
}

static ssize_t zstd_write(void *cookie, const char *data, size_t size) {
    ZSTD_inBuffer in = {data, size, 0};
    return zstd_push(cookie, &in, ZSTD_e_continue) == 0 ? (ssize_t)size : 0;
}

static int zstd_close(void *cookie) {
    struct zstd *s = cookie;
    ZSTD_inBuffer in = {NULL, 0, 0};
    int failed = zstd_push(s, &in, ZSTD_e_end);
    ZSTD_freeCCtx(s->context);
    free(s);
    return failed;
}

FILE *ex_zstd_open(FILE *to) {
    struct zstd *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->to = to;
    s->context = ZSTD_createCCtx();
    FILE *out = s->context != NULL ? open_stream(s, zstd_write, zstd_close) : NULL;
    if (out == NULL) {
        ZSTD_freeCCtx(s->context);
        free(s);
    }
    return out;
}
