/* SPDX-License-Identifier: MIT
 * What is sent for a request: a status and bytes. Answers are counted, because the memory of
 * earlier answers (memory.h) and several requests may hold one at once. */
#ifndef HEAPWISE_SERVER_ANSWER_H
#define HEAPWISE_SERVER_ANSWER_H

#include <stdatomic.h>
#include <stddef.h>

#include "export/page/container.h"

enum answer_status {
    ANSWER_OK = 200,
    ANSWER_SEE_OTHER = 303,
    ANSWER_BAD_QUESTION = 400,
    ANSWER_FORBIDDEN = 403,
    ANSWER_NOT_FOUND = 404,
    ANSWER_NOT_ALLOWED = 405,
    ANSWER_FAILED = 500,
};

#define ANSWER_JSON "application/json; charset=utf-8"
#define ANSWER_CONTAINER "application/octet-stream"
#define ANSWER_TEXT "text/plain; charset=utf-8"

struct answer {
    atomic_size_t holders;
    enum answer_status status;
    const char *type; /* a literal */
    char *location;   /* ANSWER_SEE_OTHER; else NULL */
    struct payload payload;
};

/* An answer that the caller holds, and that owns the payload; NULL when memory is out. */
struct answer *answer_new(enum answer_status status, const char *type, struct payload payload);
/* {"error": sentence} */
struct answer *answer_error(enum answer_status status, const char *sentence);
struct answer *answer_hold(struct answer *a);
/* Lets go of one, which may be NULL. */
void answer_drop(struct answer *a);

#endif
