/* SPDX-License-Identifier: MIT
 * api/ID/source: a source file as it lies on this machine now. Only files that the recording's
 * functions name can be asked for, and only regular ones are read. */
#include "server/routes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_BYTES_MAX (16 << 20)

static int is_named(const struct page *page, const char *path) {
    for (size_t i = 0; i < page->frames.function_count; i++) {
        const char *file = page->frames.functions[i].file;
        if (file != NULL && strcmp(file, path) == 0) return 1;
    }
    return 0;
}

static int read_regular(int file, const char *name, struct payload *out, struct failure *f) {
    struct stat is;
    if (fstat(file, &is) != 0 || !S_ISREG(is.st_mode))
        return failure_set(f, "%.300s is not a regular file", name);
    if (is.st_size > SOURCE_BYTES_MAX)
        return failure_set(f, "%.300s is too large to show: %lld bytes", name,
                           (long long)is.st_size);
    *out = (struct payload){malloc((size_t)is.st_size + 1), 0};
    if (out->bytes == NULL) return failure_set(f, "out of memory");
    for (;;) {
        ssize_t got = read(file, out->bytes + out->size, (size_t)is.st_size - out->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int why = errno;
            payload_release(out);
            return failure_set_errno(f, why, "cannot read %.300s", name);
        }
        if (got == 0) return 0;
        out->size += (size_t)got;
    }
}

/* A relative name counts from where the program ran. */
static int read_source(struct rec_file *r, const char *name, struct payload *out,
                       struct failure *f) {
    const char *directory = rec_process(r)->working_directory;
    char *path = NULL;
    int is_relative = name[0] != '/' && directory != NULL;
    if (asprintf(&path, "%s%s%s", is_relative ? directory : "", is_relative ? "/" : "", name) < 0)
        return failure_set(f, "out of memory");
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int failed = file < 0 ? failure_set_errno(f, errno, "cannot open %.300s", path)
                          : read_regular(file, path, out, f);
    if (file >= 0) close(file);
    free(path);
    return failed;
}

struct answer *route_source(const struct route_request *q) {
    static const char *const allowed[] = {"file", NULL};
    const char *name;
    const struct page *page;
    struct payload payload;
    struct failure f;
    if (target_allow(q->target, allowed, &f) != 0 ||
        target_value(q->target, "file", &name, &f) != 0)
        return answer_error(ANSWER_BAD_QUESTION, f.text);
    if (name == NULL || name[0] == '\0')
        return answer_error(ANSWER_BAD_QUESTION, "which file? Ask for source?file=PATH");
    if (shelf_page(q->recording, &page, &f) != 0) return answer_error(ANSWER_FAILED, f.text);
    if (!is_named(page, name))
        return answer_error(ANSWER_NOT_FOUND, "no function of the recording is from such a file");
    int failed = read_source(q->recording->source.file, name, &payload, &f);
    return route_finish(failed, ANSWER_NOT_FOUND, ANSWER_TEXT, &payload, &f);
}
