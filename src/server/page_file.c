/* SPDX-License-Identifier: MIT
 * Answers with files of the page. See page_file.h. */
#include "server/page_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/page/ui_files.h"

/* Letters, digits, '-', '_' and '.', which does not come first: nothing that leads elsewhere. */
static int is_plain_name(const char *name) {
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return name[0] != '.' && name[strspn(name, letters)] == '\0';
}

static int read_whole(const char *path, struct payload *out) {
    FILE *in = fopen(path, "re");
    char *bytes = NULL;
    size_t size = 0, got;
    char piece[16384];
    FILE *to = in != NULL ? open_memstream(&bytes, &size) : NULL;
    while (to != NULL && (got = fread(piece, 1, sizeof piece, in)) > 0)
        fwrite(piece, 1, got, to);
    int failed = to == NULL || ferror(in) || ferror(to);
    if (in != NULL) fclose(in);
    if (to != NULL && fclose(to) != 0) failed = 1;
    if (failed) free(bytes);
    *out = (struct payload){failed ? NULL : (unsigned char *)bytes, size};
    return failed ? -1 : 0;
}

static int read_embedded(const char *name, struct payload *out) {
    const struct ui_file *file = ui_file_named(name);
    if (file == NULL) return -1;
    size_t size = (size_t)(file->end - file->bytes);
    *out = (struct payload){malloc(size + 1), size};
    if (out->bytes == NULL) return -1;
    memcpy(out->bytes, file->bytes, size);
    return 0;
}

static int read_from_folder(const char *name, const char *folder, struct payload *out) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return -1;
    int failed = read_whole(path, out);
    free(path);
    return failed;
}

struct answer *page_file_answer(const char *name, const char *folder) {
    struct payload payload;
    if (name[0] == '\0') name = "index.html";
    const char *type = is_plain_name(name) ? ui_file_type(name) : NULL;
    if (type == NULL || (folder != NULL ? read_from_folder(name, folder, &payload)
                                        : read_embedded(name, &payload)) != 0)
        return answer_error(ANSWER_NOT_FOUND, "there is no such file");
    return answer_new(ANSWER_OK, type, payload);
}
