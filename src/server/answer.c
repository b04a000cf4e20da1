/* SPDX-License-Identifier: MIT
 * Makes and counts answers. See answer.h. */
#include "server/answer.h"

#include <stdlib.h>

#include "export/page/payload_text.h"

struct answer *answer_new(enum answer_status status, const char *type, struct payload payload) {
    struct answer *a = calloc(1, sizeof *a);
    if (a == NULL) {
        payload_release(&payload);
        return NULL;
    }
    atomic_init(&a->holders, 1);
    a->status = status;
    a->type = type;
    a->payload = payload;
    return a;
}

struct answer *answer_error(enum answer_status status, const char *sentence) {
    struct payload_text text;
    struct payload payload;
    if (payload_text_begin(&text) != 0) return NULL;
    ex_json_open(&text.json, NULL, '{');
    ex_json_text(&text.json, "error", sentence);
    ex_json_close(&text.json, '}');
    if (payload_text_finish(&text, &payload, NULL) != 0) return NULL;
    return answer_new(status, ANSWER_JSON, payload);
}

struct answer *answer_hold(struct answer *a) {
    atomic_fetch_add_explicit(&a->holders, 1, memory_order_relaxed);
    return a;
}

/* The last holder's subtraction follows all others', so that it alone frees. */
void answer_drop(struct answer *a) {
    if (a == NULL || atomic_fetch_sub_explicit(&a->holders, 1, memory_order_acq_rel) > 1) return;
    payload_release(&a->payload);
    free(a->location);
    free(a);
}
