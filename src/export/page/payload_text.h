/* SPDX-License-Identifier: MIT
 * A payload that is JSON text: write members to `json` between begin and finish. */
#ifndef HEAPWISE_EXPORT_PAGE_PAYLOAD_TEXT_H
#define HEAPWISE_EXPORT_PAGE_PAYLOAD_TEXT_H

#include "export/page/container.h"

struct payload_text {
    struct ex_json json;
    char *text;
    size_t size;
};

/* Returns 0, or -1 when memory is out. */
int payload_text_begin(struct payload_text *t);
int payload_text_finish(struct payload_text *t, struct payload *out, struct failure *f);

#endif
