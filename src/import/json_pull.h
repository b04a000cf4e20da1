/* SPDX-License-Identifier: MIT
 * Reads JSON a token at a time, so that a large file never lies in memory. Strict, and bounded: a
 * string or number is at most IM_JSON_TEXT_MAX bytes, and nesting at most IM_JSON_DEPTH_MAX deep.
 */
#ifndef HEAPWISE_IMPORT_JSON_PULL_H
#define HEAPWISE_IMPORT_JSON_PULL_H

#include "import/input.h"

#define IM_JSON_TEXT_MAX (1u << 20)
#define IM_JSON_DEPTH_MAX 64

enum im_json_token {
    IM_JSON_END, /* of the input */
    IM_JSON_OPEN_OBJECT,
    IM_JSON_CLOSE_OBJECT,
    IM_JSON_OPEN_ARRAY,
    IM_JSON_CLOSE_ARRAY,
    IM_JSON_KEY,
    IM_JSON_STRING,
    IM_JSON_NUMBER,
    IM_JSON_WORD, /* true, false, null */
    IM_JSON_BAD,  /* `failure` says what */
};

struct im_json {
    struct im_input *in;
    char *text; /* of a key, string, number or word: unescaped, NUL-terminated */
    size_t text_capacity, text_length;
    char brackets[IM_JSON_DEPTH_MAX];
    unsigned depth;
    int after_value; /* a comma or a closing bracket must come */
    uint64_t offset;
    struct failure failure;
};

void im_json_init(struct im_json *j, struct im_input *in);
void im_json_release(struct im_json *j);
enum im_json_token im_json_next(struct im_json *j);
/* Passes over the value that comes next. */
enum im_json_token im_json_skip(struct im_json *j);

#endif
