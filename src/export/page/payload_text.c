/* SPDX-License-Identifier: MIT
 * Payloads of JSON. See payload_text.h. */
#include "export/page/payload_text.h"

#include <stdlib.h>

int payload_text_begin(struct payload_text *t) {
    *t = (struct payload_text){.json = {.first = 1}};
    t->json.out = open_memstream(&t->text, &t->size);
    return t->json.out == NULL ? -1 : 0;
}

int payload_text_finish(struct payload_text *t, struct payload *out, struct failure *f) {
    fputc('\n', t->json.out);
    int failed = ferror(t->json.out);
    if (fclose(t->json.out) != 0) failed = 1;
    if (failed) {
        free(t->text);
        return failure_set(f, "cannot write the answer: out of memory");
    }
    *out = (struct payload){(unsigned char *)t->text, t->size};
    return 0;
}
